// What was seen of each verifier, each session and the issuer, in seconds after the order.

export interface VerifierTimes {
  name: string;
  ours: boolean;
  reports: boolean;
  boundSeconds: number;
  /** Tokens of the revoked key that were shown after the order. */
  shown: number;
  /** When it last accepted one; 0 when it never did after the order. */
  lastAcceptanceSeconds: number;
  /** It had not stopped accepting when the drill ended. */
  accepting: boolean;
  /** Why it refuses them. */
  refusal: string;
  /** Tokens of other keys: how many it accepted, and why it refused any. */
  newAccepted: number;
  newRefused: string[];
  sessions: { begun: number; ended: number; lastEndSeconds: number };
}

export interface IssuingTimes {
  /** The first token by another key. */
  firstNewSeconds: number | null;
  /** Longest time without a token, from the order on. */
  longestGapSeconds: number;
  /** Requests that failed, and why. */
  failed: string[];
}

export interface DrillTimes {
  kid: string;
  /** When the server said that it is done; null when it said that something is unfinished. */
  answeredSeconds: number | null;
  verifiers: VerifierTimes[];
  issuing: IssuingTimes;
}

/** What a drill must show; one sentence for each goal that was missed. */
export function missedGoals({ verifiers, issuing, answeredSeconds }: DrillTimes): string[] {
  const missed: string[] = [];
  const miss = (is: boolean, sentence: string): void => {
    if (is) missed.push(sentence);
  };
  for (const one of verifiers) {
    const { name, ours, boundSeconds, lastAcceptanceSeconds, sessions } = one;
    // What another verifier's cache holds is its own affair, as long as it keeps to its bound.
    const late = ours
      ? one.accepting || lastAcceptanceSeconds >= boundSeconds
      : lastAcceptanceSeconds > boundSeconds;
    miss(late, `${name} accepted a token of the revoked key after more than ${boundSeconds} s.`);
    miss(
      one.newRefused.length > 0,
      `${name} refused ${one.newRefused.length} tokens of the next key: ${one.newRefused[0]}.`,
    );
    miss(ours && one.newAccepted === 0, `${name} was shown no token of the next key.`);
    miss(
      sessions.ended < sessions.begun || sessions.lastEndSeconds >= boundSeconds,
      `${name} kept a session of the revoked key open.`,
    );
  }
  miss(issuing.firstNewSeconds === null, 'No token of another key was issued.');
  miss(answeredSeconds === null, 'The server did not finish what a revocation is.');
  return missed;
}

/** Of ours: what the goal is about. */
export function secondsToLastAcceptance({ verifiers }: DrillTimes): number {
  return Math.max(
    0,
    ...verifiers.filter(({ ours }) => ours).map((one) => one.lastAcceptanceSeconds),
  );
}
