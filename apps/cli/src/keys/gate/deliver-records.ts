// Brings records to the server: at least once, and again after any failure. The server knows a record by
// its id and takes it once.

import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FetchFailure, fetchBounded } from '@countersign/verifier';
import { isRecordFile } from './place-dump.ts';

export interface RecordServer {
  url: URL;
  credential: string;
}

export interface Delivery {
  /** Tries what waits. Resolves with how many still wait; never rejects. */
  deliver(): Promise<number>;
}

/** What the server will never take is put aside, so that it holds up no other. */
const REFUSED = '.refused';
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;
/** Between tries while the server is away. */
const PAUSE_MS = 2000;

/** @param server without one, records are done with when they are told */
export function createDelivery(
  outbox: string,
  server: RecordServer | undefined,
  onTrouble: (what: string) => void,
): Delivery {
  let triedMs = Number.NEGATIVE_INFINITY;
  let isAway = false;
  return {
    deliver: async () => {
      const names = readdirSync(outbox).filter(isRecordFile);
      if (names.length === 0 || (isAway && performance.now() - triedMs < PAUSE_MS))
        return names.length;
      let waiting = names.length;
      for (const name of names) {
        const path = join(outbox, name);
        const answer =
          server === undefined ? 'taken' : await post(server, readFileSync(path, 'utf8'));
        triedMs = performance.now();
        isAway = answer !== 'taken' && !answer.isFinal;
        if (answer === 'taken') rmSync(path, { force: true });
        else onTrouble(`a record was not taken: ${answer.why}`);
        if (isAway) return waiting;
        if (answer !== 'taken') renameSync(path, `${path}${REFUSED}`);
        waiting -= 1;
      }
      return waiting;
    },
  };
}

async function post(
  { url, credential }: RecordServer,
  body: string,
): Promise<'taken' | { isFinal: boolean; why: string }> {
  try {
    const { status } = await fetchBounded(new URL('/api/v1/dumps', url).href, {
      fetch: (target, init) => fetch(target, init),
      ...{ method: 'POST', timeoutMs: TIMEOUT_MS, maxBytes: ANSWER_BYTES, body },
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    });
    if (status >= 200 && status < 300) return 'taken';
    // Of what is wrong with the record itself, no later try will think better.
    const isFinal = status === 400 || status === 413 || status === 422;
    return { isFinal, why: `the server answered ${status}` };
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    return { isFinal: false, why: error.message };
  }
}
