// Every key that lies in the dump is in other hands: each is revoked, another signs, and verifiers of ours
// and of others refuse what the old ones signed.

import { setTimeout as sleep } from 'node:timers/promises';
import { showPeers } from '../src/peers/show-peers.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import type { Blocked } from './block-dump.ts';
import { type MailServer, peerSetup } from './stage.ts';
import { publishedKeys } from './use-held-key.ts';

const REFUSED_WITHIN_MS = 30_000;
/** The standby lay in the same memory: verifiers hear of its successor when they ask again, every 30 s. */
const SIGNED_WITHIN_MS = 45_000;
const LOOK_EVERY_MS = 100;

/** @returns when the first of them was revoked, by `performance.now()` */
export async function revokeKeys(
  { operator }: MailServer,
  kids: readonly string[],
): Promise<Found<number>> {
  const startedMs = performance.now();
  for (const kid of kids) {
    const { key } = await operator.post<{ key: { state: string } }>(`/api/v1/keys/${kid}/revoke`, {
      reason: 'found in a dump of the signer',
    });
    claim(key.state === 'revoked', `Key ${kid} is ${key.state}.`);
  }
  const { keys } = await operator.get<{ keys: { kid: string; state: string }[] }>('/api/v1/keys');
  const alive = keys.filter(({ kid, state }) => kids.includes(kid) && state !== 'revoked');
  claim(alive.length === 0, `${alive.length} of them are not revoked.`);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  return {
    detail: `${kids.length} keys in ${seconds} s; the signer refuses to sign with any of them`,
    value: startedMs,
  };
}

export async function signWithAnother(
  { client, ours }: MailServer,
  kids: readonly string[],
  revokedMs: number,
): Promise<Found<void>> {
  const deadlineMs = performance.now() + SIGNED_WITHIN_MS;
  let last = 'none was issued';
  for (; performance.now() < deadlineMs; await sleep(LOOK_EVERY_MS)) {
    const fresh = await client.getToken().catch((error: Error) => {
      last = error.message;
    });
    if (!fresh) continue;
    const kid = String(fresh.header['kid']);
    claim(!kids.includes(kid), `A new token is signed by ${kid}, which is revoked.`);
    const { accepted, code } = await ours.judge(fresh.token);
    last = code;
    if (!accepted) continue;
    const seconds = ((performance.now() - revokedMs) / 1000).toFixed(1);
    return {
      detail: `new tokens are signed by ${kid.slice(0, 12)}…, which was in no dump, and accepted ${seconds} s after the revocation`,
      value: undefined,
    };
  }
  throw new Error(`No new token is accepted in ${SIGNED_WITHIN_MS / 1000} s: ${last}`);
}

export async function refuseOldKeys(
  stage: Stage,
  mail: MailServer,
  forged: string,
  { kids, alarm }: Blocked,
  revokedMs: number,
): Promise<Found<void>> {
  const { ours, genuine } = mail;
  const deadlineMs = performance.now() + REFUSED_WITHIN_MS;
  let judgement = await ours.judge(genuine.token);
  while (judgement.accepted && performance.now() < deadlineMs) {
    await sleep(LOOK_EVERY_MS);
    judgement = await ours.judge(genuine.token);
  }
  claim(!judgement.accepted, 'Countersign still accepts a token of the revoked key.');
  const seconds = ((performance.now() - revokedMs) / 1000).toFixed(1);
  const shown = (await publishedKeys(mail)) as { kid?: string }[];
  const left = shown.filter(({ kid = '' }) => kids.includes(kid));
  claim(left.length === 0, 'The key set still shows a revoked key.');
  // Opened anew, as a resource that starts now, or whose cache has run out.
  const answers = await showPeers(peerSetup(mail), forged);
  const deceived = answers.filter(({ accepted }) => accepted).map(({ name }) => name);
  claim(deceived.length === 0, `Still accepted by ${deceived.join(', ')}.`);
  stage.note({ alarm: { ...alarm, quarantined: true } });
  return {
    detail: `Countersign refuses even genuine tokens of the key, ${judgement.code}, ${seconds} s after it was revoked; the ${answers.length} others refuse the forgery with the key set as it now is`,
    value: undefined,
  };
}
