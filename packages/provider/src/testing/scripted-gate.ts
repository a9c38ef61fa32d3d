// A risk gate for tests that remembers what it was told and answers what the test says.

import type { Attempt } from '@countersign/vocabulary';
import type { GateDecision, RiskGate, SettledAttempt, TokenLimits } from '../index.ts';

export interface ScriptedGate extends RiskGate {
  judged: Attempt[];
  noted: { attempt: Attempt; settled?: SettledAttempt | undefined }[];
  /** What comes of the next judgements: a decision's members, a failure, or silence. */
  next: Partial<GateDecision> | Error | 'silence';
  now: TokenLimits | Error | undefined;
  reset(): void;
}

export function scriptGate(): ScriptedGate {
  const gate: ScriptedGate = {
    judged: [],
    noted: [],
    next: {},
    now: undefined,
    async judge(attempt) {
      gate.judged.push(attempt);
      if (gate.next instanceof Error) throw gate.next;
      if (gate.next === 'silence') return new Promise(() => undefined);
      const assessment = `ra-${gate.judged.length}`;
      return { assessment, action: 'allow', score: 1, level: 'low', reasons: [], ...gate.next };
    },
    async note(attempt, settled) {
      gate.noted.push({ attempt, settled });
    },
    limitsNow() {
      if (gate.now instanceof Error) throw gate.now;
      return gate.now;
    },
    reset() {
      Object.assign(gate, { judged: [], noted: [], next: {}, now: undefined });
    },
  };
  return gate;
}
