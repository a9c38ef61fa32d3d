// Whom this room asks about the risk of an act, and what it may be told. The engine behind it and its
// memory are the server's; this room knows only the question, the answer and what to do about it.

import type { Attempt, RealmId, RiskDecision } from '@countersign/vocabulary';

/** What limits the tokens of a person or of one session now. */
export interface TokenLimits {
  /** No token at all until this changes. */
  deny?: boolean;
  /** Longest life of an access token, in seconds. */
  accessTokenSeconds?: number;
  withoutScopes?: readonly string[];
}

/** What became of an attempt that was judged. */
export interface SettledAttempt {
  /** Id of the assessment. */
  assessment: string;
  outcome: 'passed' | 'failed' | 'abandoned';
}

/** What a gate says. */
export interface GateDecision extends RiskDecision {
  /**
   * Absent: it is on record. Else it is once this resolves, and until then nothing may leave the house that
   * follows from it; when this rejects, nothing may at all. It may go on record while a token is made.
   */
  recorded?: Promise<unknown>;
}

export interface RiskGate {
  /**
   * Judges an attempt whose credential was right; on record before it resolves, or as `recorded` says. A gate that throws or
   * takes longer than `limits.longestJudgementMs` is answered for by `unjudged-decision.ts`.
   */
  judge(attempt: Attempt): Promise<GateDecision>;
  /** A failed attempt, or what became of a judged one. A failure here never fails the request. */
  note(attempt: Attempt, settled?: SettledAttempt): Promise<void>;
  /** Asked for every token, also between two judgements: a risk that rose since counts at once. */
  limitsNow(realm: RealmId, subject: string, sessionId?: string): TokenLimits | undefined;
}

/** Where no engine is wired in: everything is allowed, with a score of 0. */
export const allowEverything: RiskGate = {
  judge: async (attempt) => ({
    assessment: attempt.id,
    action: 'allow',
    score: 0,
    level: 'low',
    reasons: [],
  }),
  note: async () => undefined,
  limitsNow: () => undefined,
};
