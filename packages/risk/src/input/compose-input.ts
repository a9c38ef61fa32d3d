// What was observed of an act, as numbers. What identifies goes under a key that whoever calls holds;
// names that many share (a country, a browser) are hashed without one, so that what is learned of them
// in one place is known in another.

import { createHash } from 'node:crypto';
import { type Attempt, parseRealmId } from '@countersign/vocabulary';
import { ATTRIBUTES, type Attribute } from './attributes.ts';
import type { RiskInput } from './risk-input.ts';

/** What was looked up and parsed. Each may be made up, and each may be missing. */
export interface ObservedFacts {
  address?: { text: string; net: string };
  asn?: number;
  asName?: string;
  country?: string;
  hosting?: boolean;
  anonymiser?: 'vpn' | 'tor' | 'relay' | 'proxy';
  agent?: {
    text: string;
    browser?: string;
    browserVersion?: string;
    os?: string;
    osVersion?: string;
    device: string;
  };
  language?: string;
  ja4?: string;
  deviceKey?: string;
  dpopKey?: string;
  implausible: readonly string[];
  missing: readonly string[];
}

export interface KeyedNumbers {
  /** A number 1 to 2^52 for a text, the same each time; 0 for the alias where no key came before. */
  hash(kind: string, text: string): { value: number; alias: number };
}

export interface ComposedInput {
  input: RiskInput;
  /** By index of ATTRIBUTES: the same value under the key before; 0 where there is none. */
  aliases: number[];
}

const NUMBER_BYTES = 6;
const NIBBLE = 16;
const LETTER_A = 64;
const COUNTRY_BASE = 256;
const MOST_MISSING = 16;

export function composeInput(
  attempt: Attempt,
  observed: ObservedFacts,
  keys: KeyedNumbers,
): ComposedInput {
  const { population } = parseRealmId(attempt.realm);
  const labels = labelsOf(attempt, observed);
  const aliases = new Array<number>(ATTRIBUTES.length).fill(0);
  const values = Float64Array.from(ATTRIBUTES, (attribute, index) => {
    const identifying = identifyingText(attribute, observed);
    if (identifying !== undefined) {
      const { value, alias } = keys.hash(attribute, identifying);
      aliases[index] = alias;
      return value;
    }
    return sharedValue(attribute, observed, labels[attribute]);
  });
  const { anonymiser } = observed;
  const input: RiskInput = {
    ...{ kind: attempt.kind, timeMs: attempt.timeMs, population, subjectKind: attempt.subjectKind },
    ...{ outcome: attempt.outcome, methods: attempt.methods ?? [], values, labels },
    ...(attempt.failure === undefined ? {} : { failure: attempt.failure }),
    flags: {
      hosting: observed.hosting === true,
      vpn: anonymiser === 'vpn' || anonymiser === 'proxy',
      tor: anonymiser === 'tor',
      relay: anonymiser === 'relay',
      bot: observed.agent?.device === 'bot',
      implausible: observed.implausible.length > 0,
    },
    missing: observed.missing.slice(0, MOST_MISSING),
    ...(attempt.tokenHash === undefined
      ? {}
      : { tokenKey: keys.hash('token', attempt.tokenHash).value }),
    ...(attempt.audience === undefined
      ? {}
      : { resourceKey: hashOf(`resource\0${attempt.audience}`) }),
    ...(attempt.subject === undefined
      ? {}
      : { subjectKey: String(keys.hash('subject', attempt.subject).value) }),
    ...(attempt.tokenHash === undefined
      ? {}
      : { tokenKey: keys.hash('token', attempt.tokenHash).value }),
    ...(attempt.audience === undefined
      ? {}
      : { resourceKey: hashName('resource', attempt.audience) }),
  };
  return { input, aliases };
}

function identifyingText(attribute: Attribute, observed: ObservedFacts): string | undefined {
  switch (attribute) {
    case 'ip':
      return observed.address?.text;
    case 'net':
      return observed.address?.net;
    case 'ua':
      return observed.agent?.text;
    case 'deviceKey':
    case 'dpopKey':
    case 'ja4':
      return observed[attribute];
    default:
      return undefined;
  }
}

function sharedValue(attribute: Attribute, observed: ObservedFacts, label?: string): number {
  if (attribute === 'asn') return observed.asn ?? 0;
  if (label === undefined) return 0;
  return attribute === 'country' ? countryNumber(label) : hashName(attribute, label);
}

/** Two letters, 0 for anything else. */
function countryNumber(country: string): number {
  const [first = 0, second = 0] = Buffer.from(country.toUpperCase());
  const isCountry = country.length === 2 && first > LETTER_A && second > LETTER_A;
  return isCountry ? first * COUNTRY_BASE + second : 0;
}

/** A number 1 to 2^52 for a name that is written in any case. */
export function hashName(attribute: Attribute | 'resource', name: string): number {
  return hashOf(`${attribute}\0${name.normalize('NFKC').toLowerCase()}`);
}

/** Names that many share come again with every act. The clients chose them: only so many, and short ones. */
const MOST_NAMES = 4_096;
const LONGEST_NAME = 200;
const numbers = new Map<string, number>();

function hashOf(text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(text).digest();
  const number = digest.readUIntBE(0, NUMBER_BYTES) * NIBBLE + (digest[NUMBER_BYTES]! >> 4) + 1;
  if (text.length <= LONGEST_NAME) {
    if (numbers.size >= MOST_NAMES) numbers.clear();
    numbers.set(text, number);
  }
  return number;
}

/** What a person may read; nothing that identifies. */
function labelsOf(attempt: Attempt, observed: ObservedFacts): RiskInput['labels'] {
  const { asn, asName, country, agent, language } = observed;
  const label = (name: Attribute, text: string | undefined) =>
    text === undefined || text === '' ? {} : { [name]: cut(text) };
  return {
    ...label('asn', asn === undefined ? undefined : `AS${asn} ${asName ?? ''}`.trim()),
    ...label('country', country),
    ...label('browser', withVersion(agent?.browser, agent?.browserVersion)),
    ...label('os', withVersion(agent?.os, agent?.osVersion)),
    ...label('device', agent?.device === 'unknown' ? undefined : agent?.device),
    ...label('language', language),
    ...label('app', attempt.clientId),
  };
}

/** The main version: what comes after the first dot changes weekly and tells nobody apart. */
function withVersion(name: string | undefined, version: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const [main = ''] = (version ?? '').split('.');
  return main === '' ? name : `${name} ${main}`;
}

const LONGEST_LABEL = 80;

function cut(text: string): string {
  return text.slice(0, LONGEST_LABEL).toWellFormed();
}
