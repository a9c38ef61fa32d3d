// What a watchdog may suspect of a house. The codes are closed; each says what is seen, not what to
// think of it.

import type { Severity } from '@countersign/vocabulary';

export const WATCHDOG_CODES = [
  // Of age (C-01).
  'key_old',
  'key_past_end',
  // Of silence (C-02).
  'server_gone',
  'server_silent',
  'rotator_silent',
  'rotator_failing',
  'rotator_unknown',
  'clocks_differ',
  // Of what does not agree.
  'jwks_unread',
  'jwks_lacks_key',
  'jwks_shows_key',
  'jwks_unknown_key',
  'log_unread',
  'log_lacks_key',
  'log_lacks_end',
  'log_ended_key',
  'log_unknown_key',
  'key_prolonged',
  'journal_shrank',
  'journal_lacks_signature',
  'ended_key_signs',
] as const;

export type WatchdogCode = (typeof WATCHDOG_CODES)[number];

/** What a suspicion rests on: where that could not be read, it neither grows nor ends. */
export type Ground = 'process' | 'answer' | 'view' | 'jwks' | 'log';

export interface Suspicion {
  readonly code: WatchdogCode;
  readonly ground: Ground;
  readonly severity: Severity;
  readonly issuer?: string;
  readonly kid?: string;
  /** One sentence. */
  readonly message: string;
  /** Counts, states and times. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** How long it must hold before it is an alarm: what is read one after the other may differ. */
  readonly patienceMs: number;
}

/** Names a suspicion through all looks that find it again. */
export function suspicionId({ code, issuer = '', kid = '' }: Suspicion): string {
  return `${code} ${issuer} ${kid}`.trimEnd();
}
