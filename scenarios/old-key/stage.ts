// What every act stands on: a server with keys that were made ninety days ago but for a minute, a rotator
// that hangs, a resource for mail with our verifier, and the peers, all of which have seen the keys.

import { groundOf, type SessionGround, type VerifierPolicy } from '@countersign/verifier';
import { plantOldKey } from '../src/attack/plant-old-key.ts';
import { type StolenKey, stealKey } from '../src/attack/steal-keys.ts';
import { openPeers } from '../src/peers/open-peers.ts';
import type { Peer, PeerSetup } from '../src/peers/peer.ts';
import {
  type GenuineToken,
  type MachineClient,
  registerMachineClient,
} from '../src/stage/machine-client.ts';
import { type Operator, operatorOf } from '../src/stage/operator.ts';
import {
  type OurVerifier,
  openOurVerifier,
  pinPolicy,
  reporterFor,
} from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { type StageServer, startServer } from '../src/stage/start-server.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { freezeRotator } from './freeze-rotator.ts';

export const MAIL = 'https://mail.acme.example';
/** The longest a key of one tenant may live by default. */
export const LIFE_SECONDS = 90 * 24 * 3600;
/** Of that, what is left when the server starts. */
const LEFT_SECONDS = 75;

export interface OldHouse {
  server: StageServer;
  operator: Operator;
  issuer: string;
  policy: VerifierPolicy;
  credential: string;
  client: MachineClient;
  ours: OurVerifier;
  /** Opened and shown a genuine token while the key was good. */
  peers: Peer[];
  genuine: GenuineToken;
  /** Of a session that mail made out of the genuine token. */
  ground: SessionGround;
  stolen: StolenKey;
  /** The key as the issuer showed it while it was good. */
  shown: object;
}

export async function openOldHouse(stage: Stage): Promise<Found<OldHouse>> {
  const madeAt = new Date((Math.floor(Date.now() / 1000) + LEFT_SECONDS - LIFE_SECONDS) * 1000);
  const server = await startServer(async (data, url) => {
    const issuer = `${url}/acme/workforce`;
    const algorithms = ['ES256', 'EdDSA', 'RS256'] as const;
    const scope = { issuer, tenant: 'acme', population: 'workforce' };
    await plantOldKey(data, { ...scope, madeAt, lifeSeconds: LIFE_SECONDS, algorithms });
    await freezeRotator(data, issuer);
  });
  stage.closing.defer(() => server.stop());
  const operator = operatorOf(server);
  await operator.post('/api/v1/resources', {
    ...{ tenant: 'acme', identifier: MAIL, name: 'Mail', scopes: ['mail.read'] },
  });
  const client = await registerMachineClient(server, operator, {
    ...{ realm: 'acme/workforce', audience: MAIL, scope: 'mail.read' },
  });
  const { issuer } = client;
  const policy = await pinPolicy(server, issuer);
  const credential = await reporterFor(operator, 'acme', 'mail');
  const ours = openOurVerifier({ policy, audience: MAIL, credential });
  stage.closing.defer(() => ours.close());
  const genuine = await client.getToken();
  const judgement = await ours.judge(genuine.token);
  claim(
    judgement.verified !== undefined,
    `Countersign refuses a genuine token: ${judgement.code}.`,
  );
  const peers = await openPeers(peerSetup(issuer, `${issuer}/jwks`));
  for (const peer of peers) {
    stage.closing.defer(() => peer.close());
    const { accepted, reason } = await peer.judge(genuine.token);
    claim(accepted, `${peer.name} refuses a genuine token: ${reason}`);
  }
  const stolen = stealKey(server, issuer);
  const keySet = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] };
  const shown = keySet.keys.find(({ kid }) => kid === stolen.record.kid);
  claim(shown !== undefined, 'The key set does not show the key that signs.');
  const left = Math.round(stolen.record.scope.notAfterSeconds - Date.now() / 1000);
  claim(left > 0, 'The machine is too slow: the key was over before the story began.');
  const ground = groundOf(judgement.verified);
  return {
    detail: `a key made on ${madeAt.toISOString().slice(0, 10)}, with ${left} s of its 90 days left, signs; Countersign and all ${peers.length} other verifiers accept; nothing rotates`,
    value: {
      server,
      operator,
      issuer,
      policy,
      credential,
      client,
      ours,
      peers,
      genuine,
      ground,
      stolen,
      shown,
    },
  };
}

export function peerSetup(issuer: string, jwksUri: string): PeerSetup {
  return { issuers: [issuer], audience: MAIL, jwksUri, algorithm: 'ES256' };
}

export function endOf({ stolen }: OldHouse): number {
  return stolen.record.scope.notAfterSeconds;
}
