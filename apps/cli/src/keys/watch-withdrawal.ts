// Watches from outside how a key disappears: until the key set of its issuer no longer shows it and the
// feed that verifiers read names it. What counts is what they can see, not what the server says it did.

import { setTimeout as sleep } from 'node:timers/promises';
import { fetchText } from '../http/fetch-json.ts';
import { secondsSince } from './seconds-since.ts';

export interface Withdrawal {
  /** Seconds after the order; null when it was not seen within the time given. */
  keySetSeconds: number | null;
  feedSeconds: number | null;
}

const LOOK_EVERY_MS = 50;

/**
 * @param startedMs when the order was given, by `performance.now()`
 * @param withinMs how long to look
 * @param signal ends the looking; what was not seen by then is null
 */
export async function watchWithdrawal(
  { server, issuer, kid }: { server: URL; issuer: string; kid: string },
  startedMs: number,
  withinMs: number,
  signal: AbortSignal,
): Promise<Withdrawal> {
  const name = JSON.stringify(kid);
  const shows = async (url: URL): Promise<boolean> => (await fetchText(url)).includes(name);
  const until = async (isSo: () => Promise<boolean>): Promise<number | null> => {
    while (!signal.aborted && performance.now() - startedMs < withinMs) {
      // A look that fails is no look: the server may be busy with just this.
      if (await isSo().catch(() => false)) return secondsSince(startedMs);
      await sleep(LOOK_EVERY_MS);
    }
    return null;
  };
  const [keySetSeconds, feedSeconds] = await Promise.all([
    until(async () => !(await shows(new URL(`${issuer}/jwks`)))),
    until(() => shows(new URL('/api/v1/feed', server))),
  ]);
  return { keySetSeconds, feedSeconds };
}
