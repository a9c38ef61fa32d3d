// Attempts of a log, one after the other, as a house would have judged them that knew nothing before: each
// is scored by what came before it, and then becomes part of that.

import { describeSurroundings, type NetworkTable } from '@countersign/context';
import {
  type Assessment,
  assess,
  Calibration,
  composeInput,
  type DecisionFacts,
  DetectorMemory,
  decide,
  defaultPolicy,
  InfrastructureCounters,
  type KeyedNumbers,
  learn,
  Profile,
  RealmCounts,
  type RealmMemory,
  type RiskEngine,
  type RiskInput,
  type RiskPolicy,
  teachingVerdict,
} from '@countersign/risk';
import { type Attempt, parseRealmId, type RealmId } from '@countersign/vocabulary';

export interface ReplayedAttempt {
  attempt: Attempt;
  input: RiskInput;
  assessment: Assessment;
  facts: DecisionFacts;
  /** What the policy of the replay does about it. */
  action: 'allow' | 'step_up' | 'deny';
}

export interface ReplayOptions {
  engine: RiskEngine;
  networks: NetworkTable | undefined;
  /** Default: the one that is built in. */
  policy?: RiskPolicy;
  /** Whether everybody has a passkey: a log does not say. */
  hasPasskeys: boolean;
}

const TRAFFIC_ONLY = Object.freeze({
  ...{ profile: false, counts: false, calibration: false, infrastructure: true, weight: 1 },
});

export class Replay {
  readonly #options: ReplayOptions;
  readonly #numbers = new Map<string, number>();
  readonly #keys: KeyedNumbers = {
    // Nothing leaves this process: a number is as good as a keyed hash.
    hash: (kind, text) => {
      const name = `${kind}\0${text}`;
      const known = this.#numbers.get(name) ?? this.#numbers.size + 1;
      this.#numbers.set(name, known);
      return { value: known, alias: 0 };
    },
  };
  readonly #realms = new Map<RealmId, Omit<RealmMemory, 'profile'>>();
  readonly #profiles = new Map<string, Profile>();

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Undefined for a failure: it is traffic around others, and nothing to judge. */
  next(attempt: Attempt): ReplayedAttempt | undefined {
    const { engine, networks, policy = defaultPolicy } = this.#options;
    const observed = describeSurroundings(attempt.surroundings, {
      nowMs: attempt.timeMs,
      ...(networks === undefined ? {} : { networks }),
    });
    const { input } = composeInput(attempt, observed, this.#keys);
    const memory = this.#memoryOf(attempt);
    const assessment = assess(engine, input, memory);
    if (attempt.outcome === 'failure') {
      learn(engine, input, assessment, memory, TRAFFIC_ONLY);
      return undefined;
    }
    const facts = this.#factsOf(attempt);
    const { action } = decide(policy, assessment, facts);
    learn(
      ...([engine, input, assessment, memory] as const),
      teachingVerdict({ input, assessment, action }, memory.profile),
    );
    return { attempt, input, assessment, facts, action };
  }

  #memoryOf({ realm, subject }: Attempt): RealmMemory {
    let parts = this.#realms.get(realm);
    if (parts === undefined) {
      parts = {
        counts: new RealmCounts(),
        infrastructure: new InfrastructureCounters(),
        calibration: new Calibration(),
        detectors: new DetectorMemory(),
      };
      this.#realms.set(realm, parts);
    }
    if (subject === undefined) return { ...parts, profile: new Profile() };
    const key = `${realm}\0${subject}`;
    const profile = this.#profiles.get(key) ?? new Profile();
    this.#profiles.set(key, profile);
    return { ...parts, profile };
  }

  #factsOf({ realm, subjectKind, kind, clientId }: Attempt): DecisionFacts {
    const { population } = parseRealmId(realm);
    return {
      ...{ population, subjectKind, kind },
      ...(clientId === undefined ? {} : { app: clientId }),
      hasFactor: subjectKind === 'person' && this.#options.hasPasskeys,
      ...{ factorProved: false, administrator: false, otherAdministratorsAble: true },
    };
  }
}
