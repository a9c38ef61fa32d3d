// What a witness has cosigned last of a log (C2SP tlog-witness, GET <sha256 of the origin>/checkpoint):
// another pair of eyes on what the log shows.

import { type FetchLike, fetchBounded } from '@countersign/verifier';
import type { CheckpointView } from '../monitor/monitor-report.ts';
import { refusal } from '../watcher-error.ts';
import { hashOrigin } from '../witness/hash-origin.ts';

export interface WitnessViewOptions {
  /** What the view is called in reports. */
  name: string;
  /** Prefix of the witness. */
  url: string;
  origin: string;
  fetch?: FetchLike;
  /** Default 10,000. */
  timeoutMs?: number;
}

const MAX_NOTE_BYTES = 1_000_000;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Its `fetch` throws FetchFailure, or CodedError `log_unreachable` for a status of no use. */
export function createWitnessView(options: WitnessViewOptions): CheckpointView {
  const { name, url, origin, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const fetch = options.fetch ?? ((target, init) => globalThis.fetch(target, init));
  const path = `${url.replace(/\/+$/, '')}/${hashOrigin(origin)}/checkpoint`;
  return {
    name,
    fetch: async () => {
      const answer = await fetchBounded(path, { fetch, timeoutMs, maxBytes: MAX_NOTE_BYTES });
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) {
        throw refusal('log_unreachable', `The witness ${name} answered ${answer.status}.`);
      }
      return new TextDecoder().decode(answer.bytes);
    },
  };
}
