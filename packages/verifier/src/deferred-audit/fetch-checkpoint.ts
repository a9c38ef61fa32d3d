// The checkpoint that a log shows now: always signed by the log, and either cosigned by the quorum
// of witnesses that the policy asks for or not. Only the first kind says what everybody can see; the
// second still binds the log that signed it.

import { FormatError } from '../format-error.ts';
import { FetchFailure, fetchBounded } from '../http/fetch-bounded.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { NoteKey } from '../note/verifier-key.ts';
import { verifyCheckpoint } from '../note/verify-checkpoint.ts';
import type { TlogPolicy } from '../policy/tlog-policy.ts';
import { verifyWitnessedCheckpoint } from '../policy/verify-witnessed.ts';
import type { FetchLike } from '../ports.ts';

export interface ShownCheckpoint extends Checkpoint {
  readonly note: string;
  /** True when the policy's quorum cosigned it, and for logs without witnesses. */
  readonly witnessed: boolean;
  /** When the quorum did, in milliseconds since the epoch; undefined when it states no time. */
  readonly witnessedMs: number | undefined;
}

export interface CheckpointPlace {
  origin: string;
  url: string;
  checkpointKey: NoteKey;
  /** Undefined where the log's own signature is enough. */
  witnesses: TlogPolicy | undefined;
  fetch: FetchLike;
  signal: AbortSignal;
  timeoutMs: number;
}

/** Room for 64 cosignatures by ML-DSA-44. */
const CHECKPOINT_BYTES = 262_144;

/** @throws FetchFailure; FormatError when the log did not sign what it shows */
export async function fetchCheckpoint(place: CheckpointPlace): Promise<ShownCheckpoint> {
  const { url, origin, checkpointKey, witnesses, fetch, signal, timeoutMs } = place;
  const maxBytes = CHECKPOINT_BYTES;
  const answer = await fetchBounded(`${url}/checkpoint`, { fetch, signal, timeoutMs, maxBytes });
  if (answer.status !== 200) {
    throw new FetchFailure('unreachable', `The log answered ${answer.status}.`);
  }
  const note = new TextDecoder().decode(answer.bytes);
  if (witnesses === undefined) {
    const checkpoint = await verifyCheckpoint(note, origin, checkpointKey);
    return { ...checkpoint, note, witnessed: true, witnessedMs: undefined };
  }
  try {
    const request = { origin, logKey: checkpointKey, policy: witnesses };
    return { ...(await verifyWitnessedCheckpoint(note, request)), note, witnessed: true };
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== 'checkpoint_unwitnessed') throw error;
    const checkpoint = await verifyCheckpoint(note, origin, checkpointKey);
    return { ...checkpoint, note, witnessed: false, witnessedMs: undefined };
  }
}
