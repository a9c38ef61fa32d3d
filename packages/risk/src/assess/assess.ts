// Reads only: one act against what is remembered. Never throws; what cannot be asked is said.

import type { RiskInput } from '../input/risk-input.ts';
import type { Assessment } from './assessment.ts';
import type { RealmMemory } from './realm-memory.ts';
import type { RiskEngine, TeachingVerdict } from './risk-engine.ts';

export function assess(engine: RiskEngine, input: RiskInput, memory: RealmMemory): Assessment {
  const depth = memory.profile.depth;
  const act = { input, memory, model: engine.model, settings: engine.settings, depth };
  const scored = engine.parts.score({}, [], act);
  return {
    ...scored,
    state: depth === 0 ? 'learning' : 'scored',
    degraded: [...engine.degraded],
    detections: [],
    reasons: [],
    model: engine.model?.id ?? 'none',
  };
}

/** Folds one judged act into the memory, as far as the verdict lets it teach. */
export function learn(
  engine: RiskEngine,
  input: RiskInput,
  assessment: Assessment,
  memory: RealmMemory,
  verdict: TeachingVerdict,
): void {
  for (const learner of engine.parts.learners ?? []) learner(input, assessment, memory, verdict);
}
