// A realm that lives: one made-up year of logins over and over, a year later each time, through the same
// assess and learn as the server, or through the baseline of the field.

import {
  type Assessment,
  ATTRIBUTE_INDEX,
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
  type RiskEngine,
  type RiskInput,
  readDefaultModel,
} from '@countersign/risk';
import { Freeman, generateWorld, type Logins, TRAITS } from '@countersign/trials';

const YEAR_MS = 400 * 86_400_000;
const LEARNT = { profile: true, counts: true, calibration: true, infrastructure: true, weight: 1 };

export function makeLogins(users: number): Logins {
  return generateWorld(1, { users });
}

export function inputOf(logins: Logins, row: number, laterMs: number): RiskInput {
  const values = new Float64Array(ATTRIBUTES.length);
  for (const trait of TRAITS) values[ATTRIBUTE_INDEX[trait]] = logins.traits[trait][row]!;
  return {
    ...{ kind: 'sign_in', timeMs: logins.timeMs[row]! + laterMs, population: 'customer' },
    ...{ subjectKind: 'person', outcome: 'success', methods: ['pwd'], values, labels: {} },
    flags: { hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
    ...{ missing: [], subjectKey: String(logins.user[row]) },
  };
}

/** Assesses and learns one login after the other; the profile is read from where it is kept, and kept. */
export class LivingRealm {
  readonly engine: RiskEngine;
  readonly #logins: Logins;
  readonly #profiles: Profile[];
  readonly #memory: RealmMemory;
  #next = 0;
  #laterMs = 0;

  constructor(logins: Logins, engine?: RiskEngine) {
    this.engine = engine ?? openStandardEngine({ model: readDefaultModel() }).engine;
    this.#logins = logins;
    this.#profiles = Array.from({ length: logins.users }, () => new Profile());
    this.#memory = {
      profile: new Profile(),
      counts: new RealmCounts(),
      infrastructure: new InfrastructureCounters(),
      calibration: new Calibration(),
      detectors: new DetectorMemory(),
    };
  }

  step(): Assessment {
    const row = this.#next;
    const input = inputOf(this.#logins, row, this.#laterMs);
    this.#memory.profile = this.#profiles[this.#logins.user[row]!]!;
    const assessment = assess(this.engine, input, this.#memory);
    learn(this.engine, input, assessment, this.#memory, LEARNT);
    this.#next++;
    if (this.#next === this.#logins.size) {
      this.#next = 0;
      this.#laterMs += YEAR_MS;
    }
    return assessment;
  }
}

/** Scores and learns each login once, then begins anew: its counts never forget. */
export class LivingFreeman {
  readonly #logins: Logins;
  #freeman: Freeman;
  #next = 0;

  constructor(logins: Logins) {
    this.#logins = logins;
    this.#freeman = new Freeman(logins);
  }

  step(): number {
    const row = this.#next;
    const score = this.#freeman.score(this.#logins.user[row]!, this.#logins.traits, row);
    this.#freeman.learn(row);
    this.#next++;
    if (this.#next === this.#logins.size) {
      this.#next = 0;
      this.#freeman = new Freeman(this.#logins);
    }
    return score;
  }
}
