// From what the heads say to one score: each head's tail among legitimate acts with as much history, all
// of them fused, and the detections beside them.

import type { RiskLevel } from '@countersign/vocabulary';
import { type Detection, HEADS, type HeadName, type HeadResult } from '../assess/assessment.ts';
import {
  type ActFacts,
  depthBucket,
  type RawHeads,
  type RiskSettings,
  type Scored,
} from '../assess/risk-engine.ts';
import { ToldHead } from '../assess/told-head.ts';
import { Calibration } from './calibration.ts';
import { fuseTails } from './fuse-tails.ts';
import { priorTail } from './prior-tail.ts';
import { stackHeads } from './stack-heads.ts';

/** What the realm measured of the fused heads may move them by so much; no flood moves them further. */
const MOST_MOVED = 4;
/** Detections with a larger budget are weak. */
const STRONG = 0.002;
const SCORE_PER_DECADE = 25;
const MOST_DECADES = 4;
/** Where nothing of a realm is calibrated and nothing is known of how it should be. */
const NOTHING = new Calibration();

export function scoreAct(raw: RawHeads, detections: readonly Detection[], act: ActFacts): Scored {
  const bucket = depthBucket(act.depth);
  const calibration = calibrationOf(act);
  const heads: Partial<Record<HeadName, HeadResult>> = {};
  const tails: Partial<Record<HeadName, number>> = {};
  for (const head of HEADS) {
    const said = raw[head];
    if (said === undefined || !Number.isFinite(said.raw)) continue;
    const prior = priorTail(head, bucket, said.raw, act.model);
    const tail = calibration.blend(head, bucket, said.raw, prior);
    // Of whom nothing is known is told, so that something will be known, and does not count yet.
    heads[head] = new ToldHead(said, tail ?? 1);
    if (tail !== undefined) tails[head] = tail;
  }
  const { weak, strong } = sortDetections(detections, raw.relation !== undefined);
  const fused = fuseTails(tails, act.settings.headShares, weak);
  const corrected = correctHeads(fused, bucket, calibration);
  const learned = learnedTail(tails, corrected, bucket, calibration, act);
  const tail = Math.min(learned, correctDetections(strong, bucket, calibration));
  return { score: scoreOf(tail), level: levelOf(tail, act.settings), heads };
}

/** 0 to 100, to a tenth, rounded down: 50 is never said of what is less than medium. */
export function scoreOf(tail: number): number {
  const decades = Math.min(-Math.log10(tail), MOST_DECADES);
  return Math.max(Math.floor(decades * SCORE_PER_DECADE * 10 + 1e-9) / 10, 0);
}

export function levelOf(tail: number, settings: RiskSettings): RiskLevel {
  if (tail <= settings.highShare) return 'high';
  return tail <= settings.mediumShare ? 'medium' : 'low';
}

export interface SortedTails {
  /** Undefined when weak detections stand by themselves. */
  weak: number | undefined;
  strong: number;
}

/**
 * The tail of the rarest detection of two kinds. What fires often says what the relation head has already
 * weighed (a new country, a new network): beside that head it is one more voice among the others. What
 * hardly ever fires speaks for itself, and so does everything when there is no relation to ask.
 */
export function sortDetections(detections: readonly Detection[], related: boolean): SortedTails {
  let [weak, strong] = [1, 1];
  for (const { tail } of detections) {
    if (!(tail > 0)) continue;
    if (related && tail > STRONG) weak = Math.min(weak, tail);
    else strong = Math.min(strong, tail);
  }
  return { weak: related ? weak : undefined, strong };
}

/** In decades, which is how what was fused is kept. */
export function fusedRaw(fused: number): number {
  return -Math.log10(Math.max(fused, 1e-12));
}

/** Heads that agree are odd together more seldom than Šidák thinks: what was measured corrects it. */
function correctHeads(fused: number, bucket: number, calibration: Calibration): number {
  if (fused >= 1) return 1;
  const measured = calibration.blend('fused', bucket, fusedRaw(fused), fused) ?? fused;
  return within(measured, fused);
}

/**
 * A detection keeps the share it was given, unless so many legitimate acts looked this odd that chance
 * does not explain it (two standard deviations): then detectors fire too often here.
 */
function correctDetections(tail: number, bucket: number, calibration: Calibration): number {
  const acts = calibration.actsOf('fused', bucket);
  if (tail >= 1 || acts === 0) return tail;
  const measured = calibration.blend('fused', bucket, fusedRaw(tail), tail) ?? tail;
  return within(Math.max(tail, measured - 2 * Math.sqrt(measured / acts)), tail);
}

function learnedTail(
  tails: Partial<Record<HeadName, number>>,
  corrected: number,
  bucket: number,
  calibration: Calibration,
  { model }: ActFacts,
): number {
  const stacked = stackHeads(model, tails);
  if (stacked === undefined) return corrected;
  const learned = calibration.blend('stacked', bucket, stacked, undefined);
  return learned === undefined ? corrected : within(learned, corrected);
}

function within(tail: number, of: number): number {
  return Math.min(Math.max(tail, of / MOST_MOVED), of * MOST_MOVED, 1);
}

function calibrationOf({ memory }: ActFacts): Calibration {
  return memory.calibration instanceof Calibration ? memory.calibration : NOTHING;
}
