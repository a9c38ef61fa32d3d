// Every number that bounds this room, by name. Each can be set for a test or an unusual machine.

export interface ProviderLimits {
  /** Realms kept built at once; the one used longest ago is dropped and built again when asked. */
  mostOpenRealms: number;
  /** Longest a realm serves from the keys it last read, in milliseconds. */
  keyFreshnessMs: number;
  /** `max-age` of a JWKS response, in seconds. */
  jwksMaxAgeSeconds: number;
  /** Age up to which a good answer to "are you ready?" is believed, in milliseconds. */
  readinessFreshnessMs: number;
  /** Longest wait for that answer, in milliseconds. */
  readinessTimeoutMs: number;
  /** `Retry-After` of a 503 whose cause named no time, in seconds. */
  retryAfterSeconds: number;
  /** Request target, in characters; longer is 414. */
  longestRequestTarget: number;
  /** Request body, in bytes; the engine has the same bound built in. */
  largestBodyBytes: number;
  /** Wrong passwords for one username of one realm within `attemptWindowMs`. */
  mostAttemptsPerUsername: number;
  /** Wrong passwords from one address within `attemptWindowMs`. */
  mostAttemptsPerAddress: number;
  attemptWindowMs: number;
  /** Usernames and addresses whose attempts are remembered; beyond it the oldest is forgotten. */
  mostRememberedAttempts: number;
  /** How long a passkey may take to answer, in milliseconds. */
  passkeyChallengeMs: number;
  /** How long after a sign-in a person may look at their account and change it, in milliseconds. */
  freshSignInMs: number;
  /** Longest wait for the risk gate, in milliseconds; then it counts as not answering. */
  longestJudgementMs: number;
  /** Life of an access token whose request nobody could judge, in seconds. */
  unjudgedTokenSeconds: number;
  /** Rows one sweep removes per table. */
  mostSweptRows: number;
  sweepEveryMs: number;
  /** Abandoned leaves remembered while the audit store is away. */
  mostPendingAbandoned: number;
  /** Back-channel logout requests: longest wait for a client, in milliseconds. */
  outboundTimeoutMs: number;
}

export const defaultLimits: ProviderLimits = {
  mostOpenRealms: 256,
  keyFreshnessMs: 30_000,
  jwksMaxAgeSeconds: 300,
  readinessFreshnessMs: 100,
  readinessTimeoutMs: 2000,
  retryAfterSeconds: 2,
  longestRequestTarget: 8192,
  largestBodyBytes: 56 * 1024,
  mostAttemptsPerUsername: 10,
  mostAttemptsPerAddress: 100,
  attemptWindowMs: 15 * 60_000,
  mostRememberedAttempts: 50_000,
  passkeyChallengeMs: 5 * 60_000,
  freshSignInMs: 10 * 60_000,
  longestJudgementMs: 1000,
  unjudgedTokenSeconds: 120,
  mostSweptRows: 500,
  sweepEveryMs: 60_000,
  mostPendingAbandoned: 1000,
  outboundTimeoutMs: 2500,
};
