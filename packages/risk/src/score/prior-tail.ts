// What is believed of a head before the realm has acts of its own.

import type { HeadName } from '../assess/assessment.ts';
import { priorTrafficTail } from '../infrastructure/prior-traffic.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { type Calibration, ENOUGH_ACTS } from './calibration.ts';
import { trainingTail } from './training-tail.ts';

/** Undefined when nothing is known: the head is then silent until the realm has 200 acts. */
export function priorTail(
  head: HeadName,
  bucket: number,
  raw: number,
  model: RiskModel | undefined,
): number | undefined {
  const trained = trainingTail(model?.tails[head], bucket, raw);
  if (trained !== undefined || head !== 'infrastructure') return trained;
  return model?.parts['infrastructure'] === undefined ? priorTrafficTail(raw) : undefined;
}

/** Whether anything is known of the head in the bucket. */
export function canSpeak(
  head: HeadName,
  bucket: number,
  calibration: Calibration,
  model: RiskModel | undefined,
): boolean {
  if (calibration.actsOf(head, bucket) >= ENOUGH_ACTS) return true;
  return priorTail(head, bucket, 0, model) !== undefined;
}
