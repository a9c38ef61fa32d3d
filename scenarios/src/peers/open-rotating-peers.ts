// The peers that look keys up again by themselves, with their default caches: what they do when keys
// rotate is what their users' services do. fast-jwt has no key set client, so it is not among them.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { openExpressBearer } from './open-express-bearer.ts';
import { openJose } from './open-jose.ts';
import { openJsonwebtoken } from './open-jsonwebtoken.ts';
import { installedVersion, type OpenPeer, type Peer, type PeerSetup, verdictOf } from './peer.ts';

/** Its cache and penalty box are its own; only the fetcher is ours, because its own speaks https only. */
const openAwsOverHttp: OpenPeer = async ({ issuers, audience, jwksUri }) => {
  const jwksCache = new SimpleJwksCache({
    fetcher: {
      fetch: async (uri) => {
        const response = await fetch(uri);
        if (response.status !== 200) throw new Error(`${uri} answered ${response.status}`);
        return response.arrayBuffer();
      },
    },
  });
  const entries = issuers.map((issuer) => ({ issuer, audience, jwksUri }));
  const verifier = JwtVerifier.create(entries, { jwksCache });
  return {
    name: 'aws-jwt-verify',
    version: installedVersion('aws-jwt-verify'),
    judge: (token) => verdictOf(() => verifier.verify(token)),
    close: async () => {},
  };
};

const ROTATING: readonly OpenPeer[] = [
  openJose,
  openJsonwebtoken,
  openExpressBearer,
  openAwsOverHttp,
];

/** Opens all four with the same setup; close each when done. */
export function openRotatingPeers(setup: PeerSetup): Promise<Peer[]> {
  return Promise.all(ROTATING.map((open) => open(setup)));
}
