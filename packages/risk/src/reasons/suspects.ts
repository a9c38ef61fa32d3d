// What may have made an act odd, in pieces that a person can tell apart: a network with its addresses is
// one, a browser with its system and device is one.

import type { Contribution, Detection, ReasonGroup } from '../assess/assessment.ts';
import type { ActFacts, Scored, Without } from '../assess/risk-engine.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { InputFlags, RiskInput } from '../input/risk-input.ts';

export type SuspectName =
  | 'network'
  | 'country'
  | 'device'
  | 'key'
  | 'app'
  | 'time'
  | 'history'
  | 'traffic'
  | 'anonymity'
  | 'detection';

export interface Suspect {
  name: SuspectName;
  attributes: readonly Attribute[];
  groups: readonly ReasonGroup[];
  detection?: Detection;
}

/** As in "below medium if the device were known". */
export const SUSPECT_WORDS: Readonly<Record<SuspectName, string>> = {
  network: 'the network were known',
  country: 'the country were usual',
  device: 'browser and device were known',
  key: 'the key were known',
  app: 'the app were usual',
  time: 'the time were usual',
  history: 'there were more history',
  traffic: 'the traffic were usual',
  anonymity: 'the address and browser hid nothing',
  detection: 'the detection had not fired',
};

const ATTRIBUTE_SUSPECTS: readonly Suspect[] = (
  [
    ['network', ['ip', 'net', 'asn']],
    ['country', ['country']],
    ['device', ['ua', 'browser', 'os', 'device', 'language', 'ja4']],
    ['key', ['deviceKey', 'dpopKey']],
    ['app', ['app']],
  ] as const
).map(([name, attributes]) => ({ name, attributes, groups: attributes }));

const OTHER_SUSPECTS: readonly Suspect[] = (
  ['time', 'history', 'traffic', 'anonymity'] as const
).map((name) => ({ name, attributes: [], groups: [name] }));

const NO_FLAGS: InputFlags = {
  hosting: false,
  vpn: false,
  tor: false,
  relay: false,
  bot: false,
  implausible: false,
};

const FLAGS = Object.keys(NO_FLAGS) as (keyof InputFlags)[];

/** Those that anything speaks against, in a fixed order. */
export function findSuspects(
  amounts: Amounts,
  detections: readonly Detection[],
  act: ActFacts,
): Suspect[] {
  const suspects = [...ATTRIBUTE_SUSPECTS, ...OTHER_SUSPECTS].filter(
    ({ groups, attributes }) =>
      groups.some((group) => (amounts.get(group) ?? 0) > 0) ||
      attributes.some((attribute) => isUnfamiliar(attribute, act)),
  );
  for (const detection of detections) {
    suspects.push({ name: 'detection', attributes: [], groups: [], detection });
  }
  return suspects;
}

export type Amounts = ReadonlyMap<ReasonGroup, number>;

/** What each group added, over all heads; the odder a head, the more it has to say. */
export function amountsOf(scored: Scored): Amounts {
  const amounts = new Map<ReasonGroup, number>();
  for (const { contributions, tail } of Object.values(scored.heads)) {
    const weight = -Math.log10(tail);
    const sum = contributions.reduce(raised, 0);
    if (sum === 0) continue;
    for (const { group, amount } of contributions) {
      if (amount > 0) amounts.set(group, (amounts.get(group) ?? 0) + (weight * amount) / sum);
    }
  }
  return amounts;
}

function raised(sum: number, { amount }: Contribution): number {
  return sum + Math.max(amount, 0);
}

/** The act as it would be with these made familiar; the same input where nothing of it is another. */
export function makeFamiliar(
  suspects: readonly Suspect[],
  act: ActFacts,
): { input: RiskInput; without: Without } {
  const { input } = act;
  const values = input.values.slice();
  const groups = new Set<ReasonGroup>();
  const detections = new Set<string>();
  let { flags } = input;
  let isSame = true;
  for (const { name, attributes, groups: theirs, detection } of suspects) {
    for (const attribute of attributes) {
      const usual = usualValue(attribute, act);
      // Nobody has a usual one to put in its place: what it added is taken away.
      if (usual === 0) groups.add(attribute);
      else if (values[ATTRIBUTE_INDEX[attribute]] !== usual) {
        values[ATTRIBUTE_INDEX[attribute]] = usual;
        isSame = false;
      }
    }
    if (attributes.length === 0) for (const group of theirs) groups.add(group);
    if (name === 'network')
      flags = { ...flags, hosting: false, vpn: false, tor: false, relay: false };
    if (name === 'anonymity') flags = NO_FLAGS;
    if (detection) detections.add(detection.code);
  }
  if (FLAGS.some((flag) => flags[flag] !== input.flags[flag])) isSame = false;
  const familiar = isSame ? input : { ...input, values, flags };
  return { input: familiar, without: { groups, detections } };
}

/** The subject's heaviest value, 0 when it has none. */
export function usualValue(attribute: Attribute, { memory }: ActFacts): number {
  return memory.profile.usual(attribute);
}

function isUnfamiliar(attribute: Attribute, { input, memory }: ActFacts): boolean {
  return memory.profile.isStrange(attribute, input.values[ATTRIBUTE_INDEX[attribute]]!);
}
