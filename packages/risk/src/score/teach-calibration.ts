// Folds one judged act into the calibration: the heads' raw scores, and what they were fused to.

import { type Assessment, HEADS, type HeadName } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import { depthBucket, type RiskEngine, type TeachingVerdict } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { type Calibrated, Calibration } from './calibration.ts';
import { fuseTails } from './fuse-tails.ts';
import { canSpeak } from './prior-tail.ts';
import { fusedRaw, sortDetections } from './score-act.ts';
import { stackHeads } from './stack-heads.ts';

type Taught = Pick<RiskEngine, 'model' | 'settings'>;

/** To stand before the learner of profiles: the depth is that at which the act was judged. */
export function teachCalibration({ model, settings }: Taught) {
  return (
    input: RiskInput,
    assessment: Pick<Assessment, 'heads' | 'detections'>,
    memory: RealmMemory,
    verdict: Pick<TeachingVerdict, 'calibration'>,
  ): void => {
    const { calibration } = memory;
    if (!(calibration instanceof Calibration) || input.outcome !== 'success') return;
    const bucket = depthBucket(memory.profile.depth);
    const raw: Partial<Record<Calibrated, number>> = {};
    const tails: Partial<Record<HeadName, number>> = {};
    for (const head of HEADS) {
      const said = assessment.heads[head];
      if (said === undefined) continue;
      raw[head] = said.raw;
      if (canSpeak(head, bucket, calibration, model)) tails[head] = said.tail;
    }
    // What any of them found: a detector that fires too often is seen here, too.
    const related = assessment.heads.relation !== undefined;
    const { weak, strong } = sortDetections(assessment.detections, related);
    const fused = Math.min(fuseTails(tails, settings.headShares, weak), strong);
    raw.fused = fusedRaw(fused);
    const stacked = stackHeads(model, tails);
    if (stacked !== undefined) raw.stacked = stacked;
    calibration.learn({
      timeMs: input.timeMs,
      bucket,
      raw,
      subjectKey: input.subjectKey,
      unsure: !verdict.calibration,
    });
  };
}
