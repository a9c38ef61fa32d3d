// How an act relates to the subject's own history: per attribute how much likelier a stranger shows the
// value than the subject does, and whether it is new; then depth, gap and how restless the subject is.

import { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute } from '../input/attributes.ts';

/** Attributes that have a likelihood ratio and a newness, in the order of the features. */
const COMPARED = ['ip', 'asn', 'country', 'ua', 'browser', 'os', 'device'] as const;
/** The same, for what only some surroundings show: nothing where it was never known. */
const FURTHER = ['net', 'language', 'app', 'deviceKey', 'dpopKey', 'ja4'] as const;
const RESTLESS = ['ip', 'asn', 'ua', 'browser'] as const;

export type RelationFeature =
  | `llr_${Attribute}`
  | `new_${Attribute}`
  | `distinct_${Attribute}`
  | 'log_n'
  | 'log_gap'
  | 'hour_day'
  | 'hour_week';

const pairs = (names: readonly Attribute[]): RelationFeature[] =>
  names.flatMap((name): RelationFeature[] => [`llr_${name}`, `new_${name}`]);

export const RELATION_FEATURES: readonly RelationFeature[] = [
  ...pairs(COMPARED),
  'log_n',
  'log_gap',
  ...RESTLESS.map((name): RelationFeature => `distinct_${name}`),
  ...pairs(FURTHER),
  'hour_day',
  'hour_week',
];

/** 1 where more of it may never lower the score. */
export const RELATION_MONOTONE: readonly (0 | 1)[] = RELATION_FEATURES.map((name) =>
  name.startsWith('llr_') || name.startsWith('new_') ? 1 : 0,
);

/** By feature: the attribute it is about, or which other reason it belongs to. */
export const RELATION_GROUPS: readonly (Attribute | 'time' | 'history')[] = RELATION_FEATURES.map(
  (name) => {
    if (name === 'log_n') return 'history';
    if (name === 'log_gap' || name.startsWith('hour_')) return 'time';
    if (name.startsWith('distinct_')) return 'history';
    return ATTRIBUTES.find((attribute) => name.endsWith(`_${attribute}`)) ?? 'history';
  },
);

/** By pair, where its attribute stands in the values. */
export const PAIR_ATTRIBUTES: readonly number[] = [...COMPARED, ...FURTHER].map(
  (name) => ATTRIBUTE_INDEX[name],
);
/** By pair, where it stands in the row. */
export const PAIR_COLUMNS: readonly number[] = [...COMPARED, ...FURTHER].map((name) =>
  RELATION_FEATURES.indexOf(`llr_${name}`),
);
export const RESTLESS_ATTRIBUTES: readonly number[] = RESTLESS.map((name) => ATTRIBUTE_INDEX[name]);
export const COLUMN = {
  logN: RELATION_FEATURES.indexOf('log_n'),
  logGap: RELATION_FEATURES.indexOf('log_gap'),
  distinct: RELATION_FEATURES.indexOf('distinct_ip'),
  hourDay: RELATION_FEATURES.indexOf('hour_day'),
  hourWeek: RELATION_FEATURES.indexOf('hour_week'),
} as const;
