// What honest systems and people may do without being called a thief. Every number is told in the
// report, so that a reader can disagree.

export interface Tolerances {
  /** Clocks of issuer and resource, and an `iat` that is set back, differ by at most this. */
  skewMs: number;
  /** The issuer's log is complete only up to this long before its newest record. */
  latenessMs: number;
  /** One of an issuer's logs that is silent for longer before the others end, or after they begin, has
   * ended, or begun later, itself. */
  quietMs: number;
  /** A token that does not say when it was issued was issued at most this long before its use. */
  longestTokenMs: number;
  /** The issuer's log names a session at least this long before each use of it. */
  longestSessionMs: number;
  /** A resource may accept a token for this long after its revocation (C-14). */
  revocationMs: number;
  /** Networks that the person or the session signed in from within this time before a use are theirs. */
  roamingBackMs: number;
  /** The same, after it: who walks out keeps his token until it is renewed from the new network. */
  roamingAheadMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const DEFAULT_TOLERANCES: Tolerances = {
  skewMs: 10 * MINUTE,
  latenessMs: 15 * MINUTE,
  quietMs: 24 * HOUR,
  longestTokenMs: 28 * HOUR,
  longestSessionMs: 7 * 24 * HOUR,
  revocationMs: 5 * MINUTE,
  roamingBackMs: 24 * HOUR,
  roamingAheadMs: 2 * HOUR,
};

export interface MatchingLimits {
  /** Issued tokens and sign-ins held in memory; beyond it the older half goes, and what they would
   * decide is undecided. */
  mostIssues: number;
  /** Findings told one by one; the rest is counted. */
  mostFindings: number;
  /** Operations told one by one; the rest is counted together. */
  mostOperations: number;
  /** Keys of records that are remembered to know a repeated one. */
  mostKeys: number;
}

export const DEFAULT_LIMITS: MatchingLimits = {
  mostIssues: 1_000_000,
  mostFindings: 10_000,
  mostOperations: 500,
  mostKeys: 400_000,
};
