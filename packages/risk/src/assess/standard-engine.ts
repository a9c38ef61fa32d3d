// The engine with all its parts, as the server, the command line and the trials use it: what is put to
// the test is what judges.

import { foldDetectors, runDetectors } from '../detectors/standard-detectors.ts';
import { countTraffic, infrastructureHead } from '../infrastructure/infrastructure-head.ts';
import { learnNovelty, noveltyHead } from '../novelty/novelty-head.ts';
import { explainAct } from '../reasons/explain-act.ts';
import { scoreAct } from '../score/score-act.ts';
import { teachCalibration } from '../score/teach-calibration.ts';
import { type EngineSource, type OpenedEngine, openRiskEngine } from './open-risk-engine.ts';
import type { EngineParts, RiskEngine } from './risk-engine.ts';

/** As `openRiskEngine`, with every part there is. */
export function openStandardEngine(source: Omit<EngineSource, 'parts'>): OpenedEngine {
  const opened = openRiskEngine({ ...source, parts: { score: scoreAct } });
  const { engine } = opened;
  return { ...opened, engine: { ...engine, parts: standardParts(engine) } };
}

function standardParts(engine: Pick<RiskEngine, 'model' | 'settings'>): EngineParts {
  return {
    infrastructure: infrastructureHead,
    novelty: noveltyHead,
    detect: runDetectors,
    score: scoreAct,
    explain: explainAct,
    // What looks at the act as it was judged comes before what changes what that was judged by.
    learners: [teachCalibration(engine), learnNovelty, countTraffic, foldDetectors],
  };
}
