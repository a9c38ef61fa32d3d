// fast-jwt: `createVerifier` with a key function. It brings no key set client; its documentation
// names one that looks keys up by kid, which is what jwks-rsa does here.

import { createVerifier } from 'fast-jwt';
import jwksClient from 'jwks-rsa';
import { installedVersion, type OpenPeer, verdictOf } from './peer.ts';

export const openFastJwt: OpenPeer = async ({ issuers, audience, jwksUri, algorithm }) => {
  const client = jwksClient({ jwksUri });
  const verify = createVerifier({
    key: async ({ header }: { header: { kid?: string } }) =>
      (await client.getSigningKey(header.kid)).getPublicKey(),
    algorithms: [algorithm],
    allowedIss: [...issuers],
    allowedAud: audience,
  });
  return {
    name: 'fast-jwt',
    version: installedVersion('fast-jwt'),
    judge: (token) => verdictOf(() => verify(token)),
    close: async () => {},
  };
};
