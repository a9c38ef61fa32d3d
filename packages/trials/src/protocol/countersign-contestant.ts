// The product itself: the same `assess` and `learn` that the server calls, over one realm's memory a population. Every
// real login teaches, as its person passes the step-up where one is asked for; attacks are stopped there.

import {
  type Assessment,
  ATTRIBUTES,
  assess,
  Calibration,
  DetectorMemory,
  InfrastructureCounters,
  learn,
  openStandardEngine,
  Profile,
  RealmCounts,
  type RealmMemory,
  type RiskInput,
  type RiskModel,
  type TeachingVerdict,
} from '@countersign/risk';
import type { Population } from '@countersign/vocabulary';
import type { Logins, TraitColumns } from '../logins.ts';
import type { Contestant, Look } from './contestant.ts';
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
const NO_FLAGS = {
  ...{ hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
};

export function countersignContestant(name: string, logins: Logins, model: RiskModel): Contestant {
  const { engine } = openStandardEngine({ model });
  // A realm is of one population: each has its own counts and is calibrated by its own people.
  const realms = new Map<Population, RealmMemory>();
  const profiles = new Array<Profile | undefined>(logins.users);
  const last = lastRows(logins);
  const realmOf = (user: number): RealmMemory => {
    const population = logins.population[user] ?? 'customer';
    const realm = realms.get(population) ?? emptyMemory();
    realms.set(population, realm);
    realm.profile = profiles[user] ?? new Profile();
    return realm;
  };
  // A real login that was scored is learned right after: it is not judged twice.
  let judged: { row: number; input: RiskInput; assessment: Assessment } | undefined;
  const judge = (look: Pick<Look, 'user' | 'timeMs' | 'traits' | 'at'>): Assessment => {
    const input = toInput(logins, look.user, look.timeMs, look.traits, look.at);
    const assessment = assess(engine, input, realmOf(look.user));
    judged = look.traits === logins.traits ? { row: look.at, input, assessment } : undefined;
    return assessment;
  };
  return {
    name,
    score: (look) => judge(look).score,
    learn: (row) => {
      const user = logins.user[row]!;
      if (judged?.row !== row)
        judge({ user, timeMs: logins.timeMs[row]!, traits: logins.traits, at: row });
      const { input, assessment } = judged!;
      const memory = realmOf(user);
      learn(engine, input, assessment, memory, TAUGHT);
      profiles[user] = last[user] === row ? undefined : memory.profile;
      judged = undefined;
    },
  };
}

function emptyMemory(): RealmMemory {
  return {
    ...{ profile: new Profile(), counts: new RealmCounts({ maxValues: MOST_VALUES }) },
    ...{ infrastructure: new InfrastructureCounters(), calibration: new Calibration() },
    detectors: new DetectorMemory(),
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
    ...{ flags: NO_FLAGS, missing: [], subjectKey: String(user + 1) },
  };
}
