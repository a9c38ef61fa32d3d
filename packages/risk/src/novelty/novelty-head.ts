// Oddness that no attacker was needed to learn: from the forest of the model, else from the trees that the
// realm's own acts taught.

import { IsolationForest } from '@countersign/learner';
import type { Contribution, RawHead } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { Calibration } from '../score/calibration.ts';
import { NOVELTY_FEATURES, NOVELTY_GROUPS, withFamiliar, writeNoveltyRow } from './novelty-row.ts';

/** Name of the part in a model file: an isolation forest over NOVELTY_FEATURES. */
export const NOVELTY_PART = 'novelty';

type Ask = (row: Float64Array, out: Float64Array) => number;

const row = new Float64Array(NOVELTY_FEATURES.length);
const other = new Float64Array(NOVELTY_FEATURES.length);
const spread = new Float64Array(NOVELTY_FEATURES.length + 1);
const spare = new Float64Array(NOVELTY_FEATURES.length + 1);

/** Undefined without a forest that fits, until the realm's own trees have seen 250 acts. */
export function noveltyHead(
  input: RiskInput,
  memory: RealmMemory,
  model: RiskModel | undefined,
): RawHead | undefined {
  const ask = whoToAsk(memory, model);
  if (ask === undefined) return undefined;
  const unknown = writeNoveltyRow(input.values, input.timeMs, memory, row);
  let raw = ask(row, spread);
  if (unknown) {
    // What is kept from us counts as the worse of the two: odd, or as it always was.
    const familiar = withFamiliar(input.values, input.timeMs, memory);
    writeNoveltyRow(familiar, input.timeMs, memory, other);
    const usual = ask(other, spare);
    if (usual > raw) {
      raw = usual;
      spread.set(spare);
    }
  }
  return { raw, contributions: gather() };
}

/** To stand before the learners of profile and counts: the row is that of the act as it was judged. */
export function learnNovelty(
  input: RiskInput,
  _assessment: unknown,
  memory: RealmMemory,
  verdict: Pick<TeachingVerdict, 'calibration'>,
): void {
  const { calibration } = memory;
  if (!verdict.calibration || !(calibration instanceof Calibration)) return;
  if (input.outcome !== 'success') return;
  writeNoveltyRow(input.values, input.timeMs, memory, row);
  calibration.online.update(row);
}

function whoToAsk(memory: RealmMemory, model: RiskModel | undefined): Ask | undefined {
  const forest = model?.parts[NOVELTY_PART];
  if (forest instanceof IsolationForest && isOurs(forest)) {
    return (cells, out) => Math.log2(forest.contribute(cells, out));
  }
  const { calibration } = memory;
  if (!(calibration instanceof Calibration) || !calibration.online.ready) return undefined;
  return (cells, out) => {
    const raw = calibration.online.raw(cells);
    spreadBySurprise(cells, raw, out);
    return raw;
  };
}

function isOurs({ features }: IsolationForest): boolean {
  if (features.length !== NOVELTY_FEATURES.length) return false;
  return NOVELTY_FEATURES.every((name, index) => features[index] === name);
}

/** Trees without contributions: each column gets of the oddness what it has of the surprise. */
function spreadBySurprise(cells: Float64Array, raw: number, out: Float64Array): void {
  out.fill(0);
  if (!(raw > 0)) return;
  let sum = 0;
  for (let index = 0; index < cells.length; index++) sum += cells[index]! || 0;
  if (sum === 0) return;
  for (let index = 0; index < cells.length; index++) {
    out[index] = (raw * (cells[index]! || 0)) / sum;
  }
}

function gather(): Contribution[] {
  const found: Contribution[] = [];
  for (let index = 0; index < NOVELTY_GROUPS.length; index++) {
    if (spread[index] === 0) continue;
    const there = found.find((each) => each.group === NOVELTY_GROUPS[index]);
    if (there) there.amount += spread[index]!;
    else found.push({ group: NOVELTY_GROUPS[index]!, amount: spread[index]! });
  }
  return found;
}
