// jose: `jwtVerify` with `createRemoteJWKSet`, as in docs/jwt/verify.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { installedVersion, type OpenPeer, verdictOf } from './peer.ts';

export const openJose: OpenPeer = async ({ issuers, audience, jwksUri, algorithm }) => {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  const options = { issuer: [...issuers], audience, algorithms: [algorithm] };
  return {
    name: 'jose',
    version: installedVersion('jose'),
    judge: (token) => verdictOf(() => jwtVerify(token, keys, options)),
    close: async () => {},
  };
};
