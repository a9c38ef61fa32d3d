// A checkpoint that enough witnesses have seen: what a log shows to one reader alone cannot get
// their cosignatures (C2SP tlog-policy, tlog-cosignature).

import { FormatError } from '../format-error.ts';
import type { NoteKey } from '../note/verifier-key.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '../note/verify-checkpoint.ts';
import type { VerifiedSignature } from '../note/verify-note.ts';
import { meetsQuorum } from './meets-quorum.ts';
import type { TlogPolicy } from './tlog-policy.ts';

export interface WitnessedCheckpoint extends VerifiedCheckpoint {
  /**
   * Latest time, in milliseconds since the epoch, as of which the quorum held the checkpoint for the
   * log's largest; undefined when the quorum is `none`, or only holds with signatures that state no
   * time.
   */
  readonly witnessedMs: number | undefined;
}

export interface WitnessedRequest {
  readonly origin: string;
  readonly logKey: NoteKey;
  readonly policy: TlogPolicy;
  /** Refuses what the quorum last saw before this time, in milliseconds since the epoch. */
  readonly notOlderThanMs?: number | undefined;
}

/**
 * The checkpoint of exactly this log, signed by its key and by a quorum of witnesses.
 * @throws FormatError as `verifyCheckpoint`; `checkpoint_unwitnessed`
 */
export async function verifyWitnessedCheckpoint(
  note: string | Uint8Array,
  { origin, logKey, policy, notOlderThanMs }: WitnessedRequest,
): Promise<WitnessedCheckpoint> {
  const witnesses = [...policy.witnesses.values()].map(({ key }) => key);
  const checkpoint = await verifyCheckpoint(note, origin, logKey, witnesses);
  const cosignatures = checkpoint.verified.filter(({ key }) => key !== logKey);
  if (!meetsQuorum(policy, keysOf(cosignatures))) {
    throw unwitnessed('Too few witnesses have cosigned the checkpoint.');
  }
  const witnessedMs = timeOfQuorum(policy, cosignatures);
  if (notOlderThanMs !== undefined && !((witnessedMs ?? Number.NaN) >= notOlderThanMs)) {
    throw unwitnessed('The witnesses cosigned the checkpoint too long ago.');
  }
  return { ...checkpoint, witnessedMs };
}

/** The latest time by which all that the quorum needs had cosigned at or after it. */
function timeOfQuorum(
  policy: TlogPolicy,
  cosignatures: readonly VerifiedSignature[],
): number | undefined {
  if (policy.quorum === 'none') return undefined;
  const times = cosignatures
    .flatMap(({ timeSeconds }) => (timeSeconds === undefined ? [] : [timeSeconds]))
    .sort((one, other) => other - one);
  const seconds = times.find((time) =>
    meetsQuorum(
      policy,
      keysOf(cosignatures.filter(({ timeSeconds }) => (timeSeconds ?? -1) >= time)),
    ),
  );
  return seconds === undefined ? undefined : seconds * 1000;
}

function keysOf(signatures: readonly VerifiedSignature[]): NoteKey[] {
  return signatures.map(({ key }) => key);
}

function unwitnessed(message: string): FormatError {
  return new FormatError('checkpoint_unwitnessed', message);
}
