// Plays every scenario from several seeds through the engine and counts: attacks on which an expected
// detection fired, and honest acts on which one did, too.

import {
  assess,
  Calibration,
  DetectorMemory,
  InfrastructureCounters,
  learn,
  openStandardEngine,
  Profile,
  RealmCounts,
  type RealmMemory,
  type RiskEngine,
  type RiskInput,
  type RiskModel,
} from '@countersign/risk';
import { Dice } from '../generator/dice.ts';
import type { ScenarioResult } from '../report/trial-report.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const RUNS = 20;

/** Of whom the scenario tells; others only leave traces in what the realm counts. */
const SUBJECT = '7';

export function runScenarios(seed: number, model?: RiskModel): ScenarioResult[] {
  const { engine } = openStandardEngine(model === undefined ? {} : { model });
  return SCENARIOS.map((scenario, index) => {
    let [runs, falseAlarms] = [0, 0];
    for (let run = 0; run < RUNS; run++) {
      const dice = new Dice(seed + run, 0x5ce0 + index);
      const { attack, honest } = play(engine, scenario, dice);
      if (attack) runs++;
      if (honest) falseAlarms++;
    }
    const { name, what, expected } = scenario;
    return {
      ...{
        name,
        what,
        expected: expected.join(', '),
        falseAlarms: { runs: falseAlarms, of: RUNS },
      },
      detected: { runs, of: RUNS },
    };
  });
}

function play(
  engine: RiskEngine,
  { stage, expected }: Scenario,
  dice: Dice,
): { attack: boolean; honest: boolean } {
  const { before, attack, honest } = stage(dice);
  const memory = emptyMemory();
  const fires = (input: RiskInput): boolean =>
    assess(engine, input, memory).detections.some(({ code }) => expected.includes(code));
  let [isHonestFlagged, isHonestAsked] = [false, false];
  for (const input of before) {
    // An honest act may be part of what was before: it is asked about where it stands.
    if (input === honest) [isHonestFlagged, isHonestAsked] = [fires(input), true];
    teach(engine, input, memory);
  }
  return { attack: fires(attack), honest: isHonestAsked ? isHonestFlagged : fires(honest) };
}

function teach(engine: RiskEngine, input: RiskInput, memory: RealmMemory): void {
  const isOurs = input.subjectKey === SUBJECT;
  const own = memory.profile;
  if (!isOurs) memory.profile = new Profile();
  const teaches = isOurs && input.outcome === 'success';
  const assessment = { ...assess(engine, input, memory), level: 'low' as const };
  learn(engine, input, assessment, memory, {
    ...{ profile: teaches, counts: teaches, calibration: teaches, infrastructure: true, weight: 1 },
  });
  if (!isOurs) memory.profile = own;
}

function emptyMemory(): RealmMemory {
  return {
    ...{ profile: new Profile(), counts: new RealmCounts() },
    infrastructure: new InfrastructureCounters(),
    ...{ calibration: new Calibration(), detectors: new DetectorMemory() },
  };
}
