// The detectors as parts of the engine: a realm whose memory has none is judged without them.

import type { Assessment, Detection } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import type { TeachingVerdict } from '../assess/risk-engine.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { detect } from './detect.ts';
import { DetectorMemory } from './detector-memory.ts';
import { learnDetectors } from './learn-detectors.ts';

export function runDetectors(input: RiskInput, memory: RealmMemory): Detection[] {
  const { profile, counts, detectors } = memory;
  return detectors instanceof DetectorMemory ? detect(input, { profile, counts, detectors }) : [];
}

export function foldDetectors(
  input: RiskInput,
  assessment: Assessment,
  { detectors, profile }: RealmMemory,
  verdict: TeachingVerdict,
): void {
  if (!(detectors instanceof DetectorMemory)) return;
  learnDetectors(input, assessment, detectors, verdict, profile);
}
