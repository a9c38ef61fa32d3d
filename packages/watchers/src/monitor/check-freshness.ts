// Whether a checkpoint is new enough. Its text holds no time; cosignatures do (C2SP
// tlog-cosignature), and a monitor knows since when it has seen the same one.

import { type VerifiedCheckpoint, verifyCheckpoint } from '@countersign/verifier';
import type { MonitorAlarm } from './monitor-alarm.ts';
import type { MonitorOptions } from './monitor-report.ts';

const DEFAULT_MAX_AGE_MS = 60_000;

/** When the newest of the cosignatures was made; undefined when there is none. */
export function witnessedAt({ verified }: VerifiedCheckpoint): number | undefined {
  const times = verified.flatMap(({ timeSeconds }) => timeSeconds ?? []);
  return times.length === 0 ? undefined : Math.max(...times) * 1000;
}

/** Verified by the log's key, with the cosignatures by witnesses that are known. */
export function verifyByAll(
  note: string,
  { key, witnesses = [] }: Pick<MonitorOptions, 'key' | 'witnesses'>,
): Promise<VerifiedCheckpoint> {
  return verifyCheckpoint(note, key.name, key, witnesses);
}

export function checkFreshness(
  checkpoint: VerifiedCheckpoint,
  changedMs: number,
  nowMs: number,
  { witnesses = [], maxAgeMs, maxQuietMs }: MonitorOptions,
): MonitorAlarm[] {
  const alarms: MonitorAlarm[] = [];
  const { size } = checkpoint;
  const witnessedMs = witnessedAt(checkpoint);
  const limitMs = maxAgeMs ?? DEFAULT_MAX_AGE_MS;
  if (witnesses.length > 0 && (witnessedMs === undefined || nowMs - witnessedMs > limitMs)) {
    const message =
      witnessedMs === undefined
        ? 'No witness that is known here has cosigned the checkpoint.'
        : 'The newest cosignature of the checkpoint is too old.';
    const facts = { size, limitMs, ageMs: nowMs - (witnessedMs ?? 0) };
    alarms.push({ code: 'checkpoint_stale', message, facts });
  }
  if (maxQuietMs !== undefined && nowMs - changedMs > maxQuietMs) {
    const message = 'The log has shown the same checkpoint for too long.';
    const facts = { size, ageMs: nowMs - changedMs, limitMs: maxQuietMs };
    alarms.push({ code: 'checkpoint_stale', message, facts });
  }
  return alarms;
}
