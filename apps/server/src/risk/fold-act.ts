// How one act becomes memory. Everything that had to be decided stands in the act, so that folding it
// again after a kill comes to the same.

import { defaultMemoryLimits, type KeptAct } from '@countersign/memory';
import {
  learn,
  type RiskEngine,
  renameCounts,
  renameValues,
  type Standing,
} from '@countersign/risk';
import type { HouseActMemory } from './risk-house.ts';

const ACTS_KEPT_MS = defaultMemoryLimits.keepActsDays * 86_400_000;

export function foldAct(engine: RiskEngine, act: KeptAct, memory: HouseActMemory): void {
  const { input, aliases, assessment, verdict } = act;
  if (aliases !== undefined) {
    memory.profile = renameValues(memory.profile, input.values, aliases);
    renameCounts(memory.counts, input.values, aliases);
  }
  if (verdict !== undefined) learn(engine, input, assessment ?? UNJUDGED, memory, verdict);
  if (memory.standing !== undefined) bearOn(memory.standing, act);
}

/** What an act does to the standing of its subject. */
export function bearOn(
  standing: Standing,
  { kind, id, about, word, timeMs, input, assessment, effect, verdict }: BearingAct,
): void {
  switch (kind) {
    case 'judged':
      if (assessment !== undefined) {
        const daily = input !== undefined && input.subjectKind !== 'person';
        standing.note({ id, timeMs, score: assessment.score, daily });
      }
      return;
    case 'settled':
      // Who proved the factor was the person, unless the factor itself is in doubt: then nothing was taught.
      if (word === 'passed' && verdict?.profile === true && about !== undefined) {
        standing.takeBack(about);
      }
      return;
    case 'feedback':
      if (effect?.believed !== true || about === undefined) return;
      if (effect.standing === 'high') standing.confirmCompromised(about, timeMs);
      if (effect.standing !== 'clear') return;
      standing.takeBack(about);
      // Acts go after a time, and what was said of them does not: else nobody could ever clear it.
      standing.takeBackUnnamed(timeMs - ACTS_KEPT_MS);
      return;
    case 'failed':
  }
}

export type BearingAct = Pick<KeptAct, 'kind' | 'id' | 'timeMs'> &
  Partial<Pick<KeptAct, 'about' | 'word' | 'input' | 'assessment' | 'effect' | 'verdict'>>;

/** Of what failed before anything was asked. */
const UNJUDGED = Object.freeze({
  ...{ score: 0, level: 'low' as const, state: 'scored' as const, model: 'none' },
  ...{ degraded: [], heads: {}, detections: [], reasons: [] },
});
