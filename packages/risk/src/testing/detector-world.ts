// For tests of detectors: a subject with habits, the acts of others around it, and what is made of the
// next one.

import { RealmCounts } from '../counts/realm-counts.ts';
import { detect } from '../detectors/detect.ts';
import { DAY_MS, HOUR_MS } from '../detectors/detector.ts';
import { DetectorMemory } from '../detectors/detector-memory.ts';
import { type Judged, learnDetectors } from '../detectors/learn-detectors.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { Profile } from '../profile/profile.ts';

export const NOW_MS = 1_795_000_000_000;
export const country = (code: string) => code.charCodeAt(0) * 256 + code.charCodeAt(1);
export const HOME = {
  ip: 11,
  net: 12,
  asn: 2119,
  country: country('NO'),
  ua: 14,
  browser: 15,
  os: 16,
  device: 17,
};
export const AWAY = {
  ip: 21,
  net: 22,
  asn: 12578,
  country: country('LV'),
  ua: 24,
  browser: 25,
  os: 26,
  device: 27,
};

export type Values = Partial<Record<Attribute, number>>;

export function act(values: Values, more: Partial<RiskInput> = {}): RiskInput {
  const all = new Float64Array(ATTRIBUTES.length);
  for (const [name, value] of Object.entries(values))
    all[ATTRIBUTE_INDEX[name as Attribute]] = value;
  const none = {
    hosting: false,
    vpn: false,
    tor: false,
    relay: false,
    bot: false,
    implausible: false,
  };
  return {
    ...{ kind: 'sign_in', timeMs: NOW_MS, population: 'customer', subjectKind: 'person' },
    ...{
      outcome: 'success',
      methods: ['pwd'],
      values: all,
      labels: {},
      missing: [],
      subjectKey: '7',
    },
    ...more,
    flags: { ...none, ...more.flags },
  };
}

export const MINUTE_MS = 60_000;

/** A wrong password a minute ago. @param subjectKey undefined: of a name that nobody has */
export function failedBy(
  subjectKey: string | undefined,
  more: Partial<RiskInput> = {},
  at: Values = AWAY,
): RiskInput {
  const { subjectKey: _, ...rest } = act(at, {
    ...{ outcome: 'failure', failure: 'wrong_password', timeMs: NOW_MS - MINUTE_MS },
    ...more,
  });
  return subjectKey === undefined ? rest : { ...rest, subjectKey };
}

export class World {
  readonly profile = new Profile();
  readonly counts = new RealmCounts();
  readonly detectors = new DetectorMemory();

  /** Folded as the server would: judged first, and what is odd does not teach. @param mine false: never does. */
  happen(input: RiskInput, mine = true, judged: Judged = { level: 'low' }): this {
    const teaches = mine && input.outcome === 'success' && judged.level === 'low';
    const waits = input.subjectKind !== 'person' && judged.level === 'medium';
    const verdict = { profile: teaches, infrastructure: true, waits };
    learnDetectors(input, judged, this.detectors, verdict, this.profile);
    if (!teaches) return this;
    this.profile.learn(input.values, input.timeMs);
    this.counts.learn(input.values, input.timeMs);
    return this;
  }

  /** Twenty days of ordinary acts, the last an hour ago. */
  settle(values: Values = HOME, more: Partial<RiskInput> = {}): this {
    for (let day = 20; day > 0; day--) {
      this.happen(act(values, { ...more, timeMs: NOW_MS - day * DAY_MS + DAY_MS - HOUR_MS }));
    }
    return this;
  }

  codes(input: RiskInput): string[] {
    return detect(input, this).map(({ code }) => code);
  }
}

export const settled = () => new World().settle();
export const machine = {
  subjectKind: 'workload',
  kind: 'token',
  methods: ['client_secret_basic'],
} as const;
export const flags = (set: Partial<RiskInput['flags']>) => ({ flags: set as RiskInput['flags'] });
