// A pause: for a while, the keys of one issuer are not rotated (control C-03). It takes two persons, a
// reason and an end, is counted in public, and holds back nothing but the change from one key to the
// next: no key lives a second longer, a revocation goes through, alarms go off.

import { CodedError } from '@countersign/vocabulary';

export type PauseCode =
  | 'pause_malformed'
  /** Nobody's issuer, or one without a key that signs: there is nothing to pause. */
  | 'issuer_unknown'
  /** One proposal or pause an issuer at a time. */
  | 'pause_exists'
  | 'pause_unknown'
  /** It lapsed or ended; a new one must be proposed. */
  | 'pause_over'
  /** The two are not two persons. */
  | 'second_person_needed'
  /** A credential this new has not been seen by the others yet. */
  | 'operator_too_new';

/** `lapsed`: nobody agreed in time. `withdrawn`: ended before anybody agreed. */
export type PauseState = 'proposed' | 'running' | 'ended' | 'expired' | 'lapsed' | 'withdrawn';

export interface KeyPause {
  id: string;
  issuer: string;
  state: PauseState;
  reason: string;
  proposedBy: string;
  proposedMs: number;
  /** It ends by itself then, exclusive. */
  untilMs: number;
  approvedBy: string | null;
  /** When it began: with the approval. */
  fromMs: number | null;
  /** Null when it ended by itself. */
  endedBy: string | null;
  endedMs: number | null;
}

export interface PauseLimits {
  /** From the approval; default 14 days. */
  longestPauseMs: number;
  /** A proposal that nobody approved lapses; default 3 days. */
  longestProposalMs: number;
  /** Age a credential must have before its holder counts as a person; default a day. */
  ripeAfterMs: number;
}

const HOUR_MS = 3_600_000;

export const defaultPauseLimits: PauseLimits = {
  longestPauseMs: 14 * 24 * HOUR_MS,
  longestProposalMs: 3 * 24 * HOUR_MS,
  ripeAfterMs: 24 * HOUR_MS,
};

export const LONGEST_REASON = 200;

export function pauseError(code: PauseCode, message: string): CodedError<PauseCode> {
  return new CodedError(code, message);
}

/** A row of `provider_key_pause`; see `KeyPause`. */
export interface KeyPauseRow {
  id: string;
  issuer: string;
  realm: string;
  reason: string;
  proposed_by: string;
  proposed_ms: number;
  until_ms: number;
  approved_by: string | null;
  approved_ms: number | null;
  ended_by: string | null;
  /** Set once the end is on record, at the latest by the next turn after it. */
  ended_ms: number | null;
}

/** The moment from which nothing more becomes of a row by itself. */
export function endOf(row: KeyPauseRow, { longestProposalMs }: PauseLimits): number {
  return row.approved_ms === null
    ? Math.min(row.until_ms, row.proposed_ms + longestProposalMs)
    : row.until_ms;
}

export function stateOf(row: KeyPauseRow, nowMs: number, limits: PauseLimits): PauseState {
  const approved = row.approved_ms !== null;
  if (row.ended_by !== null) return approved ? 'ended' : 'withdrawn';
  // A clock that goes back brings no pause back that was seen to end.
  if (row.ended_ms !== null || nowMs >= endOf(row, limits)) return approved ? 'expired' : 'lapsed';
  return approved ? 'running' : 'proposed';
}

export function toPause(row: KeyPauseRow, nowMs: number, limits: PauseLimits): KeyPause {
  const state = stateOf(row, nowMs, limits);
  const over = state === 'expired' || state === 'lapsed';
  return {
    id: row.id,
    issuer: row.issuer,
    state,
    reason: row.reason,
    proposedBy: row.proposed_by,
    proposedMs: row.proposed_ms,
    untilMs: row.until_ms,
    approvedBy: row.approved_by,
    fromMs: row.approved_ms,
    endedBy: row.ended_by,
    endedMs: row.ended_ms ?? (over ? endOf(row, limits) : null),
  };
}
