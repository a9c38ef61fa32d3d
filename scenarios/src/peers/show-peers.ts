// Shows one token to all peers and keeps what they said.

import { openPeers } from './open-peers.ts';
import type { Peer, PeerSetup, PeerVerdict } from './peer.ts';

export interface PeerAnswer extends PeerVerdict {
  name: string;
  version: string;
}

/** Opens the peers anew, so that none answers from what it saw before. */
export async function showPeers(setup: PeerSetup, token: string): Promise<PeerAnswer[]> {
  const peers: Peer[] = await openPeers(setup);
  try {
    return await Promise.all(
      peers.map(async (peer) => {
        const { name, version } = peer;
        return { name, version, ...(await peer.judge(token)) };
      }),
    );
  } finally {
    await Promise.all(peers.map((peer) => peer.close()));
  }
}

export function refusals(answers: readonly PeerAnswer[]): string {
  return answers
    .filter(({ accepted }) => !accepted)
    .map(({ name, reason }) => `${name}: ${reason}`)
    .join('; ');
}
