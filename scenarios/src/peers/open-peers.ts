// The five verifiers most Node resources use, side by side.

import { openAwsJwtVerify } from './open-aws-jwt-verify.ts';
import { openExpressBearer } from './open-express-bearer.ts';
import { openFastJwt } from './open-fast-jwt.ts';
import { openJose } from './open-jose.ts';
import { openJsonwebtoken } from './open-jsonwebtoken.ts';
import type { OpenPeer, Peer, PeerSetup } from './peer.ts';

const PEERS: readonly OpenPeer[] = [
  openJose,
  openJsonwebtoken,
  openExpressBearer,
  openAwsJwtVerify,
  openFastJwt,
];

/** Opens all five with the same setup; close each when done. */
export function openPeers(setup: PeerSetup): Promise<Peer[]> {
  return Promise.all(PEERS.map((open) => open(setup)));
}
