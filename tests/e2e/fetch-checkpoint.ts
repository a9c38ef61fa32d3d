// A log's checkpoint as a reader gets it who can wait: while the log is away or behind with its tiles
// there is none, and 503 says so.

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

/**
 * The note that is shown first from now on.
 * @param logUrl without a slash at the end
 * @throws Error when the log shows none in time, or answers anything but 200 and 503
 */
export async function fetchCheckpoint(logUrl: string, patienceMs = PATIENCE_MS): Promise<string> {
  for (const deadlineMs = performance.now() + patienceMs; ; await sleep(50)) {
    const answer = await fetch(`${logUrl}/checkpoint`);
    const body = await answer.text();
    if (answer.status === 200) return body;
    if (answer.status !== 503 || performance.now() > deadlineMs) {
      throw new Error(`${logUrl} shows no checkpoint: ${answer.status} ${body}`);
    }
  }
}
