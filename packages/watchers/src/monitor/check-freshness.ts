// Whether a checkpoint is new enough. Its text holds no time; cosignatures do (C2SP
// tlog-cosignature), and a monitor knows since when it has seen the same one.

import {
  FormatError,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyWitnessedCheckpoint,
} from '@countersign/verifier';
import type { MonitorAlarm } from './monitor-alarm.ts';
import type { MonitorOptions } from './monitor-report.ts';

const DEFAULT_MAX_AGE_MS = 60_000;

export interface SeenCheckpoint extends VerifiedCheckpoint {
  readonly note: string;
  /** Undefined when the quorum did not cosign it, or stated no time. */
  readonly witnessedMs: number | undefined;
}

/**
 * Verified by the log's key; whether the quorum has seen it too is an answer, not a condition.
 * @throws FormatError as `verifyCheckpoint`
 */
export async function readSigned(
  note: string,
  { key, policy }: Pick<MonitorOptions, 'key' | 'policy'>,
): Promise<SeenCheckpoint> {
  const origin = key.name;
  if (policy !== undefined) {
    try {
      return { ...(await verifyWitnessedCheckpoint(note, { origin, logKey: key, policy })), note };
    } catch (error) {
      const unwitnessed = error instanceof FormatError && error.code === 'checkpoint_unwitnessed';
      if (!unwitnessed) throw error;
    }
  }
  return { ...(await verifyCheckpoint(note, origin, key)), note, witnessedMs: undefined };
}

export function checkFreshness(
  { size, witnessedMs }: SeenCheckpoint,
  changedMs: number,
  nowMs: number,
  { policy, maxAgeMs: limitMs = DEFAULT_MAX_AGE_MS, maxQuietMs }: MonitorOptions,
): MonitorAlarm[] {
  const alarms: MonitorAlarm[] = [];
  const wantsWitnesses = policy !== undefined && policy.quorum !== 'none';
  if (wantsWitnesses && witnessedMs === undefined) {
    const message = 'The quorum of witnesses has not cosigned the checkpoint.';
    alarms.push({ code: 'checkpoint_stale', message, facts: { size } });
  } else if (wantsWitnesses && nowMs - (witnessedMs ?? 0) > limitMs) {
    const message = 'The quorum of witnesses cosigned the checkpoint too long ago.';
    const facts = { size, ageMs: nowMs - (witnessedMs ?? 0), limitMs };
    alarms.push({ code: 'checkpoint_stale', message, facts });
  }
  if (maxQuietMs !== undefined && nowMs - changedMs > maxQuietMs) {
    const message = 'The log has shown the same checkpoint for too long.';
    const facts = { size, ageMs: nowMs - changedMs, limitMs: maxQuietMs };
    alarms.push({ code: 'checkpoint_stale', message, facts });
  }
  return alarms;
}
