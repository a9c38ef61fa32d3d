// Moments and spans as they are typed for what a house remembers: days and hours, or a date.

import { cliError } from '../cli-error.ts';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** `12h` or `7d` in milliseconds. @throws CodedError `wrong_use` */
export function spanFrom(text: string, option: string): number {
  const span = spanIn(text);
  if (span !== undefined) return span;
  throw cliError('wrong_use', `${option}: "${text}" is no span: give 12h or 7d.`);
}

/** A date, a date and time with its zone, or a span before `nowMs`. @throws CodedError `wrong_use` */
export function momentFrom(text: string, option: string, nowMs: number): number {
  const span = spanIn(text);
  if (span !== undefined) return nowMs - span;
  const atMs = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  if (atMs >= 0 && atMs <= nowMs) return atMs;
  const what = Number.isNaN(atMs) ? 'no moment' : 'not in the past';
  throw cliError(
    'wrong_use',
    `${option}: "${text}" is ${what}: give 2026-11-20, 2026-11-20T08:00Z or 3d (ago).`,
  );
}

function spanIn(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  const ms = UNITS[unit];
  return ms === undefined ? undefined : Number(count) * ms;
}
