// The product itself: the same `assess` and `learn` that the server calls, over one realm's memory. Every
// real login teaches, as its person passes the step-up where one is asked for; attacks are stopped there.

import {
  ATTRIBUTES,
  assess,
  Calibration,
  learn,
  openRiskEngine,
  Profile,
  RealmCounts,
  type RealmMemory,
  type RiskInput,
  type RiskModel,
  scoreAct,
  type TeachingVerdict,
  teachCalibration,
} from '@countersign/risk';
import type { Logins, TraitColumns } from '../logins.ts';
import type { Contestant } from './contestant.ts';
import { lastRows } from './feature-book.ts';
import { fillValues } from './to-training-rows.ts';

const MOST_VALUES = 2 ** 20;
/** Medium is 1 in 100: `25 · −log10(share)`. */
const POINTS_PER_DECADE = 25;
/** What the product's score promises: the score that this share of legitimate logins reaches. */
export const promisedScore = (budget: number): number => -POINTS_PER_DECADE * Math.log10(budget);

const TAUGHT: TeachingVerdict = {
  ...{ profile: true, counts: true, calibration: true, infrastructure: true, weight: 1 },
};
const NOTHING_KEPT = { encode: () => new Uint8Array() };
const NO_FLAGS = {
  ...{ hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
};

export function countersignContestant(name: string, logins: Logins, model: RiskModel): Contestant {
  const { engine: bare } = openRiskEngine({ model, parts: { score: scoreAct } });
  const engine = { ...bare, parts: { score: scoreAct, learners: [teachCalibration(bare)] } };
  const memory: RealmMemory = {
    profile: new Profile(),
    counts: new RealmCounts({ maxValues: MOST_VALUES }),
    infrastructure: NOTHING_KEPT,
    calibration: new Calibration(),
    detectors: NOTHING_KEPT,
  };
  const profiles = new Array<Profile | undefined>(logins.users);
  const last = lastRows(logins);
  const of = (user: number, timeMs: number, traits: TraitColumns, at: number): RiskInput => {
    memory.profile = profiles[user] ?? new Profile();
    return toInput(logins, user, timeMs, traits, at);
  };
  return {
    name,
    score: ({ user, timeMs, traits, at }) =>
      assess(engine, of(user, timeMs, traits, at), memory).score,
    learn: (row) => {
      const user = logins.user[row]!;
      const input = of(user, logins.timeMs[row]!, logins.traits, row);
      learn(engine, input, assess(engine, input, memory), memory, TAUGHT);
      profiles[user] = last[user] === row ? undefined : memory.profile;
    },
  };
}

function toInput(
  logins: Logins,
  user: number,
  timeMs: number,
  traits: TraitColumns,
  at: number,
): RiskInput {
  const values = new Float64Array(ATTRIBUTES.length);
  fillValues(traits, at, values);
  return {
    ...{ kind: 'sign_in', timeMs, population: logins.population[user] ?? 'customer' },
    ...{ subjectKind: 'person', outcome: 'success', methods: ['pwd'], values, labels: {} },
    ...{ flags: NO_FLAGS, missing: [], subjectKey: String(user) },
  };
}
