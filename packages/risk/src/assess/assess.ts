// One act against what is remembered, and afterwards folded into it. Assessing reads only and never
// throws: what cannot be asked is left out, and the assessment says so.

import { cleanInput } from '../input/clean-input.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { relationHeads } from '../relation/relation-heads.ts';
import type { Assessment, Detection, RawHead } from './assessment.ts';
import type { RealmMemory } from './realm-memory.ts';
import type {
  ActFacts,
  Explained,
  RawHeads,
  RiskEngine,
  Scored,
  TeachingVerdict,
  Without,
} from './risk-engine.ts';
import { AskedHead } from './told-head.ts';

/** What could not be looked up, by no fault of who acts: the score says that it is missing. */
const LOOKUP_FAILURES: ReadonlySet<string> = new Set(['no_network_data', 'stale_network_data']);
/** When nothing can be said an act is asked for more, and nobody is locked out by a fault of ours. */
const UNSCORED: Scored = { score: 50, level: 'medium', heads: {} };

export function assess(engine: RiskEngine, input: RiskInput, memory: RealmMemory): Assessment {
  const clean = cleanInput(input, memory.profile.lastMs);
  const { model, parts, settings } = engine;
  const degraded = [...engine.degraded];
  const act: ActFacts = { input: clean, memory, model, settings, depth: memory.profile.depth };
  const raw = askHeads(engine, act, degraded);
  const detections =
    attempt<Detection[]>('detectors', degraded, () => parts.detect?.(clean, memory)) ?? [];
  act.rescore = (other, without) => {
    // What was asked of the very same act is not asked anew.
    if (other === clean) return scoreWithout(engine, act, copyHeads(raw), detections, without);
    const changed = { ...act, input: other };
    const found = parts.detect?.(other, memory) ?? [];
    return scoreWithout(engine, changed, askHeads(engine, changed, []), found, without);
  };
  const scored = attempt('score', degraded, () => parts.score(raw, detections, act)) ?? UNSCORED;
  const explained: Explained = attempt('reasons', degraded, () =>
    parts.explain?.(clean, scored, detections, act),
  ) ?? { reasons: [] };
  for (const code of clean.missing) if (LOOKUP_FAILURES.has(code)) degraded.push(code);
  return {
    ...scored,
    state: degraded.length > 0 ? 'degraded' : act.depth === 0 ? 'learning' : 'scored',
    degraded,
    detections,
    ...explained,
    model: model?.id ?? 'none',
  };
}

function askHeads(engine: RiskEngine, act: ActFacts, degraded: string[]): RawHeads {
  const { model, parts } = engine;
  const { input, memory } = act;
  const raw: RawHeads = {};
  const put = (name: keyof RawHeads, head: RawHead | undefined) => {
    if (head === undefined) return;
    if (Number.isFinite(head.raw)) raw[name] = head;
    else degraded.push(`${name}_failed`);
  };
  const related = model && attempt('relation', degraded, () => relationHeads(model, input, memory));
  put('relation', related?.relation);
  put('targeted', related?.targeted);
  put(
    'infrastructure',
    attempt('infrastructure', degraded, () => parts.infrastructure?.(input, memory, model)),
  );
  put(
    'novelty',
    attempt('novelty', degraded, () => parts.novelty?.(input, memory, model)),
  );
  return raw;
}

/** Their raw scores may be lowered, and the others' stay. */
function copyHeads(raw: RawHeads): RawHeads {
  const copy: RawHeads = {};
  for (const [name, head] of Object.entries(raw) as [keyof RawHeads, RawHead][]) {
    copy[name] = new AskedHead(head.raw, () => head.contributions);
  }
  return copy;
}

function scoreWithout(
  engine: RiskEngine,
  act: ActFacts,
  raw: RawHeads,
  found: readonly Detection[],
  { groups, detections }: Without,
): Scored {
  if (groups !== undefined && groups.size > 0) {
    for (const head of Object.values(raw)) {
      for (const { group, amount } of head.contributions) {
        if (amount > 0 && groups.has(group)) head.raw -= amount;
      }
    }
  }
  const left = detections ? found.filter(({ code }) => !detections.has(code)) : found;
  return engine.parts.score(raw, left, act);
}

/**
 * Folds one act into the memory, as far as the verdict lets it teach. A failure teaches nothing of the
 * subject but that it was.
 */
export function learn(
  engine: RiskEngine,
  input: RiskInput,
  assessment: Assessment,
  memory: RealmMemory,
  verdict: TeachingVerdict,
): void {
  const clean = cleanInput(input, memory.profile.lastMs);
  // Who learns later may need what was known before: the subject's own profile comes last.
  for (const learner of engine.parts.learners ?? []) learner(clean, assessment, memory, verdict);
  if (verdict.counts) memory.counts.learn(clean.values, clean.timeMs);
  if (clean.outcome === 'failure') memory.profile.noteFailure(clean.timeMs);
  else if (verdict.profile) memory.profile.learn(clean.values, clean.timeMs, verdict.weight);
}

/** A part that fails is a fault of ours. It may cost its own answer, never anybody's sign-in. */
function attempt<T>(part: string, degraded: string[], ask: () => T | undefined): T | undefined {
  try {
    return ask();
  } catch {
    // Said in the assessment, which is kept: there is no log here to write to.
    degraded.push(`${part}_failed`);
    return undefined;
  }
}
