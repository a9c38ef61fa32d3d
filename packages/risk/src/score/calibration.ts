// What legitimate acts of a realm look like to each head, by depth of history, over the last 15 to 30
// days where there are enough of them: raw scores in, shares of acts out. Whoever floods it moves it by
// a bounded step (T-94).

import { HEADS } from '../assess/assessment.ts';
import { DEPTH_BUCKETS } from '../assess/risk-engine.ts';
import type { TrainingTails } from '../model/risk-model.ts';
import { OnlineOddness } from '../novelty/online-oddness.ts';
import { decodeCalibration, encodeCalibration } from './calibration-bytes.ts';
import { SubjectQuota } from './subject-quota.ts';
import { TailSketch } from './tail-sketch.ts';
import { trainingTail } from './training-tail.ts';

/** What is calibrated: each head, all of them fused, and what a stacker makes of them. */
export const CALIBRATED = [...HEADS, 'fused', 'stacked'] as const;
export type Calibrated = (typeof CALIBRATED)[number];

/** A realm speaks for itself from so many legitimate acts of a bucket; until then training does. */
export const ENOUGH_ACTS = 200;
const DAY_MS = 86_400_000;
const GENERATION_MS = 15 * DAY_MS;
/** A generation of fewer acts tells one in a hundred by fewer than twenty of them: it goes on until it has so many, … */
const GENERATION_ACTS = 2_000;
/** … and in a quiet realm until it is so old: people change. */
const OLDEST_GENERATION_MS = 90 * DAY_MS;
/**
 * Of a bucket's acts, at most this share are ones that nobody vouched for: three times what is flagged by
 * budget. Less, and a threshold that crept down would never come back; more, and a flood would raise it.
 */
export const UNSURE_SHARE = 0.03;
/** Acts over which that share is counted: nobody saves up a year's allowance for one day. */
const COUNTED_ACTS = 10_000;

/** Two generations of one head and bucket: one that fills, and the one before. */
export interface Cell {
  startMs: number;
  current: TailSketch;
  previous: TailSketch;
}

export interface CalibrationAct {
  timeMs: number;
  bucket: number;
  raw: Partial<Record<Calibrated, number>>;
  /** Keyed hash of who acted: one subject counts at most 20 times a day. */
  subjectKey?: string | undefined;
  /**
   * It looked odd and nobody vouched for it. Some such acts must count, or the oddest legitimate acts are
   * never seen and the threshold creeps down; no more than would be flagged anyway may.
   */
  unsure?: boolean;
}

export class Calibration {
  readonly cells: Cell[] = Array.from({ length: CALIBRATED.length * DEPTH_BUCKETS.length }, () => ({
    startMs: 0,
    current: new TailSketch(),
    previous: new TailSketch(),
  }));
  /** Acts per bucket, lately, and how many of them nobody vouched for. */
  readonly acts = new Float64Array(DEPTH_BUCKETS.length);
  readonly unsure = new Float64Array(DEPTH_BUCKETS.length);
  readonly quota = new SubjectQuota();
  /** What is odd without labels; here, because it is taught by the same acts and set back with them. */
  online = new OnlineOddness();

  /** @throws RiskError `bad_calibration`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): Calibration {
    return decodeCalibration(bytes, new Calibration());
  }

  encode(): Uint8Array {
    return encodeCalibration(this);
  }

  /** Legitimate acts that speak for a head in a bucket. */
  actsOf(what: Calibrated, bucket: number): number {
    const cell = this.#cell(what, bucket);
    return cell.current.count + cell.previous.count;
  }

  /**
   * Share of legitimate acts at least this odd, in (0, 1]: the realm's own, and before it has 200 acts
   * mostly the training's. Undefined when neither can say.
   */
  tail(
    what: Calibrated,
    bucket: number,
    raw: number,
    training?: TrainingTails,
  ): number | undefined {
    return this.blend(what, bucket, raw, trainingTail(training, bucket, raw));
  }

  /** The same, with the share that is believed before there are acts. It fades as they come. */
  blend(
    what: Calibrated,
    bucket: number,
    raw: number,
    prior: number | undefined,
  ): number | undefined {
    const { current, previous } = this.#cell(what, bucket);
    const acts = current.count + previous.count;
    if (prior === undefined) {
      if (acts < ENOUGH_ACTS) return undefined;
      return (current.count * current.tail(raw) + previous.count * previous.tail(raw)) / acts;
    }
    if (acts === 0) return prior;
    const own = current.count * current.tail(raw) + previous.count * previous.tail(raw);
    const believed = acts <= ENOUGH_ACTS ? ENOUGH_ACTS : ENOUGH_ACTS ** 2 / acts;
    return Math.min((own + believed * prior) / (acts + believed), 1);
  }

  /** Takes one act as legitimate. False when it may not count. */
  learn(act: CalibrationAct): boolean {
    const { bucket, timeMs } = act;
    if (!Number.isFinite(timeMs) || this.acts[bucket] === undefined) return false;
    if (act.unsure && this.unsure[bucket]! + 1 > UNSURE_SHARE * this.acts[bucket]!) return false;
    if (act.subjectKey !== undefined && !this.quota.take(act.subjectKey, timeMs)) return false;
    this.#count(bucket, act.unsure === true);
    for (const what of CALIBRATED) {
      const raw = act.raw[what];
      if (raw === undefined) continue;
      const cell = this.#cell(what, bucket);
      turn(cell, timeMs);
      cell.current.add(raw);
    }
    return true;
  }

  #count(bucket: number, unsure: boolean): void {
    this.acts[bucket]! += 1;
    if (unsure) this.unsure[bucket]! += 1;
    if (this.acts[bucket]! < COUNTED_ACTS) return;
    this.acts[bucket] = COUNTED_ACTS / 2;
    this.unsure[bucket] = Math.floor(this.unsure[bucket]! / 2);
  }

  #cell(what: Calibrated, bucket: number): Cell {
    return this.cells[CALIBRATED.indexOf(what) * DEPTH_BUCKETS.length + bucket]!;
  }
}

/** A generation ends after 15 days, but never before it can speak for itself. */
function turn(cell: Cell, timeMs: number): void {
  if (cell.startMs === 0) cell.startMs = timeMs;
  const ageMs = timeMs - cell.startMs;
  const needed = ageMs < OLDEST_GENERATION_MS ? GENERATION_ACTS : ENOUGH_ACTS;
  if (ageMs < GENERATION_MS || cell.current.count < needed) return;
  cell.previous = cell.current;
  cell.current = new TailSketch();
  cell.startMs = timeMs;
}
