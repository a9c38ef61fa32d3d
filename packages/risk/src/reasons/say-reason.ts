// One suspect as a code and a sentence: the attribute of it that says most, with what is usual.

import type { ReasonGroup } from '../assess/assessment.ts';
import type { ActFacts } from '../assess/risk-engine.ts';
import { InfrastructureCounters } from '../infrastructure/infrastructure-counters.ts';
import { TRAFFIC_FEATURES, writeTrafficRow } from '../infrastructure/traffic-features.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import { plainText, sayShare } from './plain-text.ts';
import { ATTRIBUTE_WORDS, type FixedCode, fixedSentence } from './reason-catalogue.ts';
import { type Amounts, type Suspect, usualValue } from './suspects.ts';

export interface Said {
  code: string;
  sentence: string;
  group: ReasonGroup;
}

const SUBJECT_WORDS = {
  person: 'this person',
  device: 'this device',
  workload: 'this workload',
  agent: 'this agent',
} as const;
/** Seen in fewer than one in ten of the subject's acts. */
const SELDOM = 0.1;
const MOST_SENTENCE = 300;

export function sayReason(suspect: Suspect, amounts: Amounts, act: ActFacts): Said {
  const { detection, attributes, name } = suspect;
  if (detection) {
    const sentence = plainText(detection.code) ?? 'detection';
    return {
      code: detection.code,
      sentence: detection.sentence.slice(0, MOST_SENTENCE) || sentence,
      group: 'detection',
    };
  }
  if (attributes.length > 0) return sayAttribute(chooseAttribute(suspect, amounts, act), act);
  if (name === 'traffic') return fixed(trafficCode(act), 'traffic');
  if (name === 'anonymity') return fixed(anonymityCode(act), 'anonymity');
  return name === 'time' ? fixed('time_unusual', 'time') : fixed('history_unsettled', 'history');
}

/** What a value is called when it is one that can be read back from its number. */
export function nameValue(attribute: Attribute, value: number): string | undefined {
  if (attribute === 'asn' && value > 0) return `AS${value}`;
  if (attribute !== 'country' || value <= 0) return undefined;
  const letters = String.fromCharCode(Math.floor(value / 256), value % 256);
  return /^[A-Z]{2}$/.test(letters) ? letters : undefined;
}

function fixed(code: FixedCode, group: ReasonGroup): Said {
  return { code, sentence: fixedSentence(code), group };
}

/** One that is new before one that is seldom; among these, the one that raised the score most. */
function chooseAttribute({ attributes }: Suspect, amounts: Amounts, act: ActFacts): Attribute {
  const weight = (attribute: Attribute) => {
    const amount = amounts.get(attribute) ?? 0;
    // A network says more to a person than an address that nobody can read.
    const readable = act.input.labels[attribute] === undefined ? 0 : 0.01;
    return (familiarity(attribute, act) === 'new' ? 100 : 0) + amount + readable;
  };
  return attributes.reduce((best, each) => (weight(each) > weight(best) ? each : best));
}

type Familiarity = 'new' | 'seldom' | 'usual' | 'hidden' | 'unknown';

function familiarity(attribute: Attribute, { memory, input }: ActFacts): Familiarity {
  const value = input.values[ATTRIBUTE_INDEX[attribute]]!;
  const known = memory.profile.values(attribute, input.timeMs);
  if (value === 0) return known.length > 0 ? 'hidden' : 'usual';
  if (known.length === 0) return 'unknown';
  const there = known.find((each) => each.value === value);
  if (there === undefined) return 'new';
  const acts = memory.profile.knownWeight(attribute, input.timeMs);
  return there.weight < SELDOM * acts ? 'seldom' : 'usual';
}

function sayAttribute(attribute: Attribute, act: ActFacts): Said {
  const { name, code, value: words } = ATTRIBUTE_WORDS[attribute];
  const { input, memory } = act;
  const index = ATTRIBUTE_INDEX[attribute];
  const value = input.values[index]!;
  if (attribute === 'ip' && value === 0) return fixed('address_hidden', 'ip');
  const known = familiarity(attribute, act);
  if (known === 'hidden') {
    return {
      code: `${code}_hidden`,
      sentence: `${name}: usually known, and now it is not.`,
      group: attribute,
    };
  }
  const label = plainText(input.labels[attribute]) ?? nameValue(attribute, value);
  const usual = nameValue(attribute, usualValue(attribute, act));
  const share = sayShare(memory.counts.share(index, value, memory.peers));
  const who = SUBJECT_WORDS[input.subjectKind] ?? 'this subject';
  if (known === 'unknown') {
    return {
      code: `${code}_rare`,
      sentence: `${name}: ${label ?? words} (${share}).`,
      group: attribute,
    };
  }
  if (known === 'new') {
    return {
      code: `${code}_new`,
      sentence: sayNew({ name, words, label, usual, share, who }),
      group: attribute,
    };
  }
  const which = label === undefined ? 'this one' : label;
  return {
    code: `${code}_unusual`,
    sentence: `${name}: ${which}, seldom for ${who} (${share}).`,
    group: attribute,
  };
}

interface Words {
  name: string;
  words: string;
  label: string | undefined;
  usual: string | undefined;
  share: string;
  who: string;
}

function sayNew({ name, words, label, usual, share, who }: Words): string {
  if (label === undefined) return `${name}: ${words} not seen before for ${who}.`;
  if (usual !== undefined) return `${name}: usually ${usual}, now ${label} (${share}).`;
  return `${name}: ${label}, never seen for ${who} (${share}).`;
}

const row = new Float64Array(TRAFFIC_FEATURES.length);
const TRAFFIC_CODES: readonly (readonly [ending: string, code: FixedCode])[] = [
  ['_unknown', 'traffic_unknown_accounts'],
  ['_failures', 'traffic_failures'],
  ['_users', 'traffic_many_accounts'],
  ['_rate', 'traffic_volume'],
];

function trafficCode({ input, memory }: ActFacts): FixedCode {
  if (!(memory.infrastructure instanceof InfrastructureCounters)) return 'traffic_unusual';
  writeTrafficRow(input, memory.infrastructure, row);
  let [most, found]: [number, FixedCode] = [0, 'traffic_unusual'];
  TRAFFIC_FEATURES.forEach((feature, index) => {
    const code = TRAFFIC_CODES.find(([ending]) => feature.endsWith(ending))?.[1];
    if (code === undefined || row[index]! <= most) return;
    [most, found] = [row[index]!, code];
  });
  return found;
}

function anonymityCode({ input: { flags } }: ActFacts): FixedCode {
  if (flags.tor) return 'tor_exit';
  if (flags.implausible) return 'contradicting_facts';
  if (flags.bot) return 'bot_agent';
  if (flags.vpn) return 'anonymous_vpn';
  return flags.hosting ? 'hosting_network' : 'private_relay';
}
