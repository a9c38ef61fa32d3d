// What is remembered of a subject, each as one number: the columns of every profile, count and feature.
// The order is part of the bytes of a profile: new ones go to the end.

export const ATTRIBUTES = [
  'ip',
  'net',
  'asn',
  'country',
  'ua',
  'browser',
  'os',
  'device',
  'language',
  'app',
  'deviceKey',
  'dpopKey',
  'ja4',
] as const;

export type Attribute = (typeof ATTRIBUTES)[number];

/** Values are whole numbers from 1 to this; 0 says not known. */
export const MAX_VALUE = 2 ** 52;

/** Where each attribute stands in `values`. */
export const ATTRIBUTE_INDEX: Readonly<Record<Attribute, number>> = Object.freeze(
  Object.fromEntries(ATTRIBUTES.map((name, index) => [name, index])) as Record<Attribute, number>,
);
