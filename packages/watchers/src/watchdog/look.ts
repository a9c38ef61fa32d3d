// One look of a watchdog: what could be read, each from its own source, and what it must remember of
// earlier ones.

import type { HouseView } from './house-view.ts';
import type { Suspicion } from './suspicion.ts';

/** What a log tells of one key. */
export interface LoggedKey {
  /** Lower-case hex SHA-256 of the issuer: a log names no issuer. */
  readonly issuerHash: string;
  readonly kid: string;
  readonly notAfterSeconds: number;
  /** Events of this key that stand in the log. */
  readonly events: readonly string[];
}

export interface Look {
  /** Wall clock of the watchdog. */
  readonly nowMs: number;
  /** Its monotonic clock, which nobody sets; begins anywhere. */
  readonly monotonicMs: number;
  /** Undefined when the house gave no answer that can be used. */
  readonly view: HouseView | undefined;
  /** Why not. */
  readonly failure?: string;
  /** Kids by issuer, of those JWKS that were read in this look; undefined: could not be read. */
  readonly keySets: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** True when every log was read to its end in this look. */
  readonly logsRead: boolean;
  /** What kept it from that, when something did. */
  readonly logFailure?: string;
  /** All that the logs told so far. */
  readonly logged: readonly LoggedKey[];
  /** Issuers that were asked about by name: a house that tells of no key of theirs is not believed. */
  readonly issuers?: readonly string[];
}

export interface Pending {
  readonly suspicion: Suspicion;
  readonly heldMs: number;
  readonly looks: number;
}

export interface WatchMemory {
  readonly monotonicMs: number | undefined;
  /** The last turn of the rotator that was seen, and for how long it has been the last. */
  readonly tick: { readonly lastTickMs: number; readonly sameMs: number } | undefined;
  /** By `issuer kid`: state and count of the journal as of the last look. */
  readonly counted: Readonly<Record<string, { ended: boolean; journalled: number }>>;
  /** By id of the suspicion. */
  readonly pending: Readonly<Record<string, Pending>>;
}

export const EMPTY_MEMORY: WatchMemory = {
  monotonicMs: undefined,
  tick: undefined,
  counted: {},
  pending: {},
};

export interface JudgeLimits {
  /** Time between looks. A longer gap is one in which the watchdog itself stood still. */
  readonly everyMs: number;
  /** Share of its age from which a key that signs is an alarm. */
  readonly ageShare: number;
  /** How long the house may give no answer. */
  readonly silenceMs: number;
  /** Turns that the rotator may miss, and the longest silence whatever it announced. */
  readonly missedTurns: number;
  readonly longestSilenceMs: number;
  /** How long two sources may differ that are read one after the other. */
  readonly settleMs: number;
  /** How long the log may lack what happened: entries become visible with the next checkpoint. */
  readonly logGraceMs: number;
  /** How far the clocks of house and watchdog may be apart. */
  readonly clockToleranceMs: number;
}

/** For looks that are so far apart: everything else follows from that. */
export function limitsFor(everyMs: number): JudgeLimits {
  return {
    everyMs,
    ageShare: 0.8,
    silenceMs: 3 * everyMs,
    missedTurns: 3,
    longestSilenceMs: Math.max(15 * 60_000, 3 * everyMs),
    settleMs: Math.max(3000, 2 * everyMs),
    logGraceMs: Math.max(60_000, 3 * everyMs),
    clockToleranceMs: 60_000,
  };
}
