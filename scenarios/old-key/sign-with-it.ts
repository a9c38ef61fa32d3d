// The key in the hands of a thief, who needs no signer: the raw key signs as well as ever. Then the key
// set is doctored as well, so that it says that the key is young.

import { draftToken, hashToken, signDraft } from '../src/attack/forge-token.ts';
import { serveMergedKeys } from '../src/attack/serve-merged-keys.ts';
import { refusals, showPeers } from '../src/peers/show-peers.ts';
import { openOurVerifier } from '../src/stage/our-verifier.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { MAIL, type OldHouse, peerSetup } from './stage.ts';

const VICTIM = 'secretary@acme.example';
const YEARS = 10 * 365 * 24 * 3600;

export interface Forged {
  token: string;
  shownMs: number;
}

/** Peers that looked at the key set while the key was good, as services do, and ours. */
export async function forgeAfterTheEnd(stage: Stage, house: OldHouse): Promise<Found<Forged>> {
  const { stolen, genuine, peers, ours } = house;
  const token = signDraft(draftToken(stolen, genuine.claims, { sub: VICTIM }));
  const answers = await Promise.all(
    peers.map(async (peer) => ({
      name: peer.name,
      version: peer.version,
      ...(await peer.judge(token)),
    })),
  );
  const shownMs = performance.now();
  const judgement = await ours.judge(token);
  await ours.flush();
  claim(!judgement.accepted && judgement.alarm, `Countersign says ${judgement.code || 'nothing'}.`);
  stage.note({
    peers: answers.map(({ name, version, accepted, reason }) => ({
      ...{ name, version, accepted },
      detail: accepted ? 'a token signed with the key after its end' : reason,
    })),
  });
  claim(
    answers.every(({ accepted }) => accepted),
    `The replay has gone stale, a peer refuses: ${refusals(answers)}`,
  );
  return {
    detail: `${answers.length} of ${answers.length} other verifiers, which hold the key set of a minute ago, accept it; Countersign refuses (${judgement.code}) and alarms, because no log vouches for it`,
    value: { token, shownMs },
  };
}

/** A key set with the same key under better dates. */
export async function doctorTheKeySet(stage: Stage, house: OldHouse): Promise<Found<void>> {
  const { stolen, genuine, issuer, shown } = house;
  // One that has not heard of the quarantine, which the forgery before this has brought about.
  const { feed: _, ...policy } = house.policy;
  const now = Math.floor(Date.now() / 1000);
  const token = signDraft(draftToken(stolen, genuine.claims, { sub: VICTIM }));
  const lies: [string, object, string][] = [
    ['as it was', {}, 'key_expired'],
    ['without dates', { nbf: undefined, exp: undefined }, 'key_scope_missing'],
    ['with a later end', { exp: now + YEARS }, 'key_unlogged'],
    ['made a minute ago', { nbf: now - 60, exp: now + 3600 }, 'key_unlogged'],
  ];
  const told: string[] = [];
  for (const [how, change, expected] of lies) {
    const doctored = await serveMergedKeys([{ ...shown, ...change }]);
    stage.closing.defer(() => doctored.close());
    const jwksUri = doctored.url;
    const misled = openOurVerifier({
      policy: { ...policy, issuers: policy.issuers.map((one) => ({ ...one, jwksUri })) },
      audience: MAIL,
    });
    stage.closing.defer(() => misled.close());
    const { code, alarm } = await misled.judge(token);
    claim(
      code === expected && (alarm || code === 'key_scope_missing'),
      `${how}: ${code || 'accepted'}.`,
    );
    const answers = await showPeers(peerSetup(issuer, jwksUri), token);
    claim(
      answers.every(({ accepted }) => accepted),
      `With the key ${how} a peer refuses: ${refusals(answers)}`,
    );
    told.push(`${how}: ${code}`);
    stage.note({ countersign: { refused: true, code } });
  }
  return {
    detail: `the other verifiers accept each time; Countersign holds the key against its entry in the log (${told.join('; ')})`,
    value: undefined,
  };
}

export async function raiseTheAlarm(
  stage: Stage,
  house: OldHouse,
  forged: Forged,
): Promise<Found<void>> {
  const { operator, stolen } = house;
  const tokenHash = hashToken(forged.token);
  const finding = await operator.awaitFinding(
    (each) => each.tokenHash === tokenHash && each.quarantined,
    20_000,
  );
  const { kid = '', quarantined } = finding;
  const secondsToAlarm = Math.round(performance.now() - forged.shownMs) / 1000;
  stage.note({ alarm: { raised: true, secondsToAlarm, kid, quarantined } });
  claim(kid === stolen.record.kid, `The alarm names the key ${kid}.`);
  return {
    detail: `${finding.class} after ${secondsToAlarm.toFixed(1)} s: the signature is good, the key is over and the token was never issued; the key is quarantined as well`,
    value: undefined,
  };
}
