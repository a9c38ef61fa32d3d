// The theft, as far as a signature can tell: the right key, in its right scope. An API with a verifier that
// checks the signature lets the thief in; what it hands out it tells the log, as it does for everybody.

import { draftToken, hashToken, signDraft } from '../src/attack/forge-token.ts';
import { stealKey } from '../src/attack/steal-keys.ts';
import { refusals, showPeers } from '../src/peers/show-peers.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { type House, MAIL, VICTIM } from './stage.ts';

const ALARM_WITHIN_MS = 10_000;
const MAILS = ['itinerary', 'briefing', 'cable'];
/** Where the thief comes from; reserved for documentation. */
const THIEF = '203.0.113.66';

export async function readMailbox(stage: Stage, house: House): Promise<Found<string>> {
  const { server, issuer, genuine, policy } = house;
  const key = stealKey(server, issuer, genuine.header['kid']);
  const forged = signDraft(draftToken(key, genuine.claims, { sub: VICTIM }));
  const jwksUri = policy.issuers.find((entry) => entry.issuer === issuer)?.jwksUri ?? '';
  const setup = { issuers: [issuer], audience: MAIL, jwksUri, algorithm: 'ES256' } as const;
  const answers = await showPeers(setup, forged);
  stage.note({
    peers: answers.map(({ name, version, accepted, reason }) => ({
      ...{ name, version, accepted },
      detail: accepted ? 'a good signature by a published key' : reason,
    })),
  });
  claim(
    answers.every(({ accepted }) => accepted),
    `The replay has gone stale, a peer refuses: ${refusals(answers)}`,
  );
  const atMs = Date.now();
  const accesses = MAILS.map((name, at) => ({
    ...{ id: `read-${at}`, atMs, tokenHash: hashToken(forged), operation: 'read', ip: THIEF },
    item: { kind: 'mail', id: `<${name}@acme.example>`, in: VICTIM },
  }));
  const taken = await tell(house, accesses);
  claim(taken.accepted === MAILS.length, `The log took ${taken.accepted} of ${MAILS.length}.`);
  claim(taken.joined === 0, 'The ledger knows the forged token.');
  return {
    detail: `${answers.length} of ${answers.length} other verifiers accept the forged token; the API hands out ${MAILS.length} mails of ${VICTIM} and tells the log, which knows at once that no such token was issued`,
    value: forged,
  };
}

async function tell(
  { server, credential }: House,
  accesses: object[],
): Promise<{ accepted: number; joined: number }> {
  const answer = await fetch(`${server.url}/api/v1/accesses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    body: JSON.stringify({ accesses }),
  });
  const text = await answer.text();
  claim(answer.ok, `The accesses were refused: ${answer.status} ${text}`);
  return JSON.parse(text) as { accepted: number; joined: number };
}

export async function refuseAndAlarm(
  stage: Stage,
  { ours, operator, genuine }: House,
  forged: string,
): Promise<Found<void>> {
  const shownMs = performance.now();
  const { accepted, code } = await ours.judge(forged);
  stage.note({ countersign: { refused: !accepted, code } });
  claim(code === 'receipt_missing', `Countersign says ${code || 'yes'}.`);
  await ours.flush();
  const finding = await operator.awaitFinding(
    (each) => each.class === 'forged' && each.tokenHash === hashToken(forged),
    ALARM_WITHIN_MS,
  );
  const secondsToAlarm = Math.round(performance.now() - shownMs) / 1000;
  const { kid = '', quarantined } = finding;
  stage.note({ alarm: { raised: true, secondsToAlarm, kid, quarantined } });
  claim(kid === genuine.header['kid'], `The alarm names another key: ${kid}.`);
  claim(quarantined, 'The alarm is raised and the key is not quarantined.');
  return {
    detail: `receipt_missing; token.forged ${secondsToAlarm.toFixed(1)} s later, and the key is quarantined`,
    value: undefined,
  };
}
