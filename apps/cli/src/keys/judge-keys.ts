// What is wrong with a list of keys, if anything: a key too old, a rotation that is held back, is late,
// or is not there at all. The server's own watchdog says so too; this is for who looks by hand, and for
// a cron job on another machine.

import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { describeDistance, describeSpan } from '../terminal/describe-time.ts';
import type { KeyList } from './ask-server.ts';

/** The share of its longest age at which a key is an alarm (control C-01). */
export const ALARM_SHARE = 0.8;
/** What is due is done within some seconds; later than that, nobody does it. */
const LATE_MS = 5 * 60_000;

/** Sentences; none when all is well. */
export function judgeKeys({ keys, atMs, rotator }: KeyList): string[] {
  const issuers = Map.groupBy(keys, (key) => textIn(key, 'issuer'));
  return [
    ...judgeRotator(rotator, atMs),
    ...judgeSigners(keys),
    ...[...issuers].flatMap(([issuer, own]) => judgeIssuer(issuer, own, atMs)),
  ];
}

function judgeRotator({ failed, nextTickMs }: JsonObject, atMs: number): string[] {
  const told = typeof failed === 'string' ? [`The last turn of the rotator failed: ${failed}`] : [];
  if (typeof nextTickMs !== 'number' || atMs - nextTickMs < LATE_MS) return told;
  return [
    ...told,
    `No rotator has taken a turn: one was due ${describeDistance(nextTickMs, atMs)}.`,
  ];
}

function judgeSigners(keys: readonly JsonObject[]): string[] {
  const away = new Set(
    keys.filter((key) => key['away'] === true).map((key) => textIn(key, 'signer')),
  );
  return [...away].map((name) => `Signer ${name} does not answer; its keys are as it last told.`);
}

function judgeIssuer(issuer: string, keys: readonly JsonObject[], atMs: number): string[] {
  const told: string[] = [];
  const [paused] = keys.flatMap((key) => (isObject(key['paused']) ? [key['paused']] : []));
  if (paused !== undefined) {
    const left = describeSpan(numberIn(paused, 'untilMs') - atMs);
    told.push(`${issuer}: rotation is paused for ${left} (${textIn(paused, 'reason')}).`);
  }
  const standing = keys.filter((key) => key['state'] === 'active' || key['state'] === 'published');
  for (const key of standing) {
    const kid = textIn(key, 'kid');
    const share = numberIn(key, 'ageShare');
    if (share >= 1) told.push(`${issuer}: key ${kid} is past its end; nothing accepts it.`);
    else if (share >= ALARM_SHARE)
      told.push(`${issuer}: key ${kid} is at ${Math.floor(share * 100)} % of its longest age.`);
    const { nextChange } = key;
    const dueMs = isObject(nextChange) ? numberIn(nextChange, 'atMs') : undefined;
    if (dueMs !== undefined && atMs - dueMs > LATE_MS)
      told.push(
        `${issuer}: key ${kid} should have changed ${describeDistance(dueMs, atMs)}${waiting(nextChange)}.`,
      );
  }
  for (const alg of new Set(keys.map((key) => textIn(key, 'alg')))) {
    const has = (state: string): boolean =>
      standing.some((key) => key['alg'] === alg && key['state'] === state);
    // Whatever became of the others, revoked ones too: it had keys, and nothing can be signed with it.
    if (!has('active')) told.push(`${issuer}: no ${alg} key signs.`);
    else if (!has('published'))
      told.push(`${issuer}: no ${alg} key stands by: there is nothing to rotate to.`);
  }
  return told;
}

function waiting(nextChange: unknown): string {
  const { waitsFor } = isObject(nextChange) ? nextChange : {};
  return typeof waitsFor === 'string' ? `; it waits for ${waitsFor}` : '';
}

/** NaN, which no comparison is true for, when there is none. */
export function numberIn(object: JsonObject, name: string): number {
  const value = object[name];
  return typeof value === 'number' ? value : Number.NaN;
}
