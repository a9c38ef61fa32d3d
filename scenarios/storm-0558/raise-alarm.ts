// From the first refusal to somebody knowing: the verifier reports, the server checks the evidence,
// raises one alarm and quarantines the key for every verifier that follows the feed.

import { setTimeout as sleep } from 'node:timers/promises';
import { hashToken } from '../src/attack/forge-token.ts';
import type { StolenKey } from '../src/attack/steal-keys.ts';
import type { Finding } from '../src/stage/operator.ts';
import type { Stage } from '../src/stage/perform.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import type { Shown } from './current-key.ts';
import type { MailServer } from './stage.ts';

const ALARM_WITHIN_MS = 10_000;
const QUARANTINE_WITHIN_MS = 30_000;
const MORE = 1000;
/** A reporter holds a bounded number of alarms; it is emptied before that. */
const FLUSH_EVERY = 200;

export async function raiseTheAlarm(
  stage: Stage,
  mail: MailServer,
  current: StolenKey,
  shown: Shown,
): Promise<void> {
  await stage.step('The alarm is raised, with the key, the token and the evidence', () =>
    awaitAlarm(stage, mail, current, shown),
  );
  await stage.step(`The same forgery is shown ${MORE.toLocaleString('en')} times more`, () =>
    showAgain(mail, shown),
  );
  await stage.step('The key is quarantined: its genuine tokens are refused too', () =>
    awaitQuarantine(mail, current),
  );
  await stage.step('The key is dead in the signer, too, and another one signs', () =>
    awaitSuccessor(mail, current),
  );
}

async function awaitAlarm(
  stage: Stage,
  { operator, ours }: MailServer,
  { record }: StolenKey,
  { forged, shownMs }: Shown,
): Promise<Found<void>> {
  const tokenHash = hashToken(forged);
  await ours.flush();
  const finding = await operator.awaitFinding(
    (each) => each.class === 'forged' && each.tokenHash === tokenHash,
    ALARM_WITHIN_MS,
  );
  const secondsToAlarm = Math.round(performance.now() - shownMs) / 1000;
  const { kid = '', quarantined } = finding;
  stage.note({ alarm: { raised: true, secondsToAlarm, kid, quarantined } });
  claim(kid === record.kid, `The alarm names the key ${kid}, and ${record.kid} is stolen.`);
  claim(quarantined, 'The alarm is raised and the key is not quarantined.');
  const evidence = await operator.get<unknown>(`/api/v1/findings/${finding.id}/evidence`);
  claim(JSON.stringify(evidence).includes(forged), 'The evidence does not hold the token.');
  return {
    detail: `token.forged ${secondsToAlarm.toFixed(1)} s after the first use; it names the key ${kid.slice(0, 12)}… and keeps the forged token as evidence`,
    value: undefined,
  };
}

/** Shown to a verifier that has not heard of the quarantine, so that each showing is an alarm. */
async function showAgain({ operator, deaf }: MailServer, { forged }: Shown): Promise<Found<void>> {
  for (let shown = 1; shown <= MORE; shown += 1) {
    const { code } = await deaf.judge(forged);
    claim(code === 'receipt_missing', `Showing ${shown} of ${MORE}: ${code || 'accepted'}.`);
    if (shown % FLUSH_EVERY === 0) await deaf.flush();
  }
  await deaf.flush();
  const tokenHash = hashToken(forged);
  const isOurs = (finding: Finding): boolean =>
    finding.class === 'forged' && finding.tokenHash === tokenHash;
  const { count } = await operator.awaitFinding(
    (finding) => isOurs(finding) && finding.count > MORE,
    ALARM_WITHIN_MS,
  );
  const alarms = (await operator.findings()).filter(isOurs).length;
  claim(alarms === 1, `There are ${alarms} alarms for one token.`);
  return { detail: `still one alarm, which now counts ${count} uses`, value: undefined };
}

async function awaitQuarantine(
  { server, ours, genuine }: MailServer,
  { record }: StolenKey,
): Promise<Found<void>> {
  const startedMs = performance.now();
  await ours.awaitRefusal(genuine.token, 'key_quarantined', QUARANTINE_WITHIN_MS);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const feed = await (await fetch(`${server.url}/api/v1/feed`)).text();
  claim(feed.includes(record.kid), 'The signed feed does not name the key.');
  return {
    detail: `a verifier that follows the feed refuses a genuine token of that key: key_quarantined, after ${seconds} s more`,
    value: undefined,
  };
}

/** Nobody was asked: from the proof on, the house stops the key by itself and goes on with the next. */
async function awaitSuccessor(
  { server, operator, issuer, ours, client }: MailServer,
  { record }: StolenKey,
): Promise<Found<void>> {
  const path = `/api/v1/keys?issuer=${encodeURIComponent(issuer)}`;
  const startedMs = performance.now();
  for (;;) {
    const { keys } = await operator.get<{
      keys: { kid: string; state: string; reason?: string }[];
    }>(path);
    const stolen = keys.find(({ kid }) => kid === record.kid);
    if (stolen?.state === 'revoked') {
      claim(stolen.reason === 'token.forged', `It was revoked because of ${stolen.reason}.`);
      break;
    }
    claim(performance.now() - startedMs < ALARM_WITHIN_MS, `The key is still ${stolen?.state}.`);
    await sleep(100);
  }
  const jwks = await (await fetch(`${server.url}${new URL(issuer).pathname}/jwks`)).text();
  claim(!jwks.includes(record.kid), 'The key set still shows the key.');
  const next = await client.getToken();
  claim(next.header['kid'] !== record.kid, 'The stolen key still signs.');
  const { accepted, code } = await ours.judge(next.token);
  claim(accepted, `A token of the next key is refused: ${code}.`);
  return {
    detail:
      'revoked in the signer because of token.forged, gone from the key set; the standby signs, and its tokens are accepted',
    value: undefined,
  };
}
