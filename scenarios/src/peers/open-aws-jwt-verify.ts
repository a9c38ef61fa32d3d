// aws-jwt-verify: `JwtVerifier` for any OIDC provider, one entry an issuer. Its own fetcher speaks
// https only, so the key set is handed in with `cacheJwks`, which its documentation offers for that.

import { JwtVerifier } from 'aws-jwt-verify';
import { installedVersion, type OpenPeer, verdictOf } from './peer.ts';

export const openAwsJwtVerify: OpenPeer = async ({ issuers, audience, jwksUri }) => {
  const verifier = JwtVerifier.create(issuers.map((issuer) => ({ issuer, audience, jwksUri })));
  const response = await fetch(jwksUri);
  const keys = (await response.json()) as Parameters<typeof verifier.cacheJwks>[0];
  for (const issuer of issuers) verifier.cacheJwks(keys, issuer);
  return {
    name: 'aws-jwt-verify',
    version: installedVersion('aws-jwt-verify'),
    judge: (token) => verdictOf(() => verifier.verify(token)),
    close: async () => {},
  };
};
