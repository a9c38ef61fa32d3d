// What the deferred audit finds, and the words for it. Evidence is signed by the log itself, so
// that whoever is told need not believe the teller.

import type { AuditPair } from '../ports.ts';

export type AuditAlarmKind =
  /** The log holds another leaf at the index of the receipt: the log's receipt key lied. */
  | 'leaf_mismatch'
  /** The log never grew to the index it had promised. */
  | 'index_beyond_log'
  /** Two signed checkpoints that cannot both be of one append-only log. */
  | 'log_forked'
  /** So many failures that the whole log is no longer believed. */
  | 'log_distrusted'
  /** Accepted tokens could not be checked for longer than allowed. */
  | 'audit_lagging'
  /** They can be checked again. */
  | 'audit_recovered'
  /** For longer than allowed the log showed no checkpoint that enough witnesses cosigned. */
  | 'witnesses_lagging'
  /** It shows one again. */
  | 'witnesses_recovered';

export interface AuditAlarm {
  kind: AuditAlarmKind;
  logOrigin: string;
  atMs: number;
  /** One sentence for a person. */
  message: string;
  /** The accepted token that failed. */
  pair?: AuditPair;
  /** Signed checkpoints that prove it, the older first. */
  checkpoints?: string[];
  /** Lower-case hex of the leaf hash that the log holds at that index. */
  leafInLog?: string;
}

const LAG_MESSAGES = {
  audit_lagging: 'Accepted tokens cannot be checked against the log: it does not answer in time.',
  audit_recovered: 'Accepted tokens are checked against the log again.',
  witnesses_lagging: 'The log shows no checkpoint that enough witnesses have cosigned.',
  witnesses_recovered: 'The checkpoints of the log are cosigned again.',
} as const;

/** Alarms about lateness, which accuse no token. */
export function lagAlarm(
  kind: keyof typeof LAG_MESSAGES,
  logOrigin: string,
  atMs: number,
): AuditAlarm {
  return { kind, logOrigin, atMs, message: LAG_MESSAGES[kind] };
}
