// All detectors on one act, the rarest detection first. They read numbers that a stranger chose, so they
// compare and count and never trust one to be there.

import type { Detection } from '../assess/assessment.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { DETECTORS } from './catalogue.ts';
import { openSight, type SightOf } from './detector.ts';

/** Detections of one act, the rarest first. Reads only. */
export function detect(input: RiskInput, memory: SightOf): Detection[] {
  const sight = openSight(input, memory);
  const found: Detection[] = [];
  for (const { code, entra, tail, subjects, kinds, look } of DETECTORS) {
    if (!subjects.includes(input.subjectKind) || !kinds.includes(input.kind)) continue;
    const seen = look(sight);
    if (seen === undefined) continue;
    found.push({ code, ...(entra === undefined ? {} : { entra }), tail, ...seen });
  }
  return found.sort((one, other) => one.tail - other.tail);
}
