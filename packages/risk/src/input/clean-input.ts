// Makes an input safe to compute with, whatever was put into it: what is no value is not known, what is
// no time is the last time that is known.

import { ATTRIBUTES, MAX_VALUE } from './attributes.ts';
import type { InputFlags, RiskInput } from './risk-input.ts';

const NO_FLAGS: InputFlags = {
  hosting: false,
  vpn: false,
  tor: false,
  relay: false,
  bot: false,
  implausible: false,
};
/** Codes of missing facts that are looked at. */
const MOST_MISSING = 64;
const LAST_MS = (2 ** 32 - 1) * 1000;

/** The input itself when there is nothing to clean, which is nearly always. */
export function cleanInput(input: RiskInput, lastMs: number): RiskInput {
  if (isClean(input)) return input;
  const { timeMs, missing, methods, session } = input;
  const isTime = timeMs >= 0 && timeMs <= LAST_MS;
  return {
    ...input,
    timeMs: isTime ? timeMs : lastMs,
    values: cleanValues(input.values),
    labels: isObject(input.labels) ? input.labels : {},
    flags: isObject(input.flags) ? { ...NO_FLAGS, ...input.flags } : NO_FLAGS,
    missing: cleanTexts(missing),
    methods: cleanTexts(methods),
    ...(session === undefined || !isObject(session)
      ? { session: undefined }
      : {
          session: {
            startedMs: Number.isFinite(session.startedMs) ? session.startedMs : lastMs,
            values: cleanValues(session.values),
            ...(isObject(session.labels) ? { labels: session.labels } : {}),
          },
        }),
  } as RiskInput;
}

function isClean({ timeMs, values, labels, flags, missing, methods, session }: RiskInput): boolean {
  if (!(timeMs >= 0 && timeMs <= LAST_MS) || !areValues(values)) return false;
  if (!isObject(labels) || !isObject(flags)) return false;
  if (!areTexts(missing) || !areTexts(methods)) return false;
  if (session === undefined) return true;
  return isObject(session) && Number.isFinite(session.startedMs) && areValues(session.values);
}

function areValues(values: unknown): boolean {
  if (!(values instanceof Float64Array) || values.length !== ATTRIBUTES.length) return false;
  for (let index = 0; index < values.length; index++) {
    if (!isValue(values[index]!)) return false;
  }
  return true;
}

function isValue(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_VALUE && Number.isInteger(value);
}

function cleanValues(values: unknown): Float64Array {
  const clean = new Float64Array(ATTRIBUTES.length);
  if (!(values instanceof Float64Array) && !Array.isArray(values)) return clean;
  for (let index = 0; index < clean.length; index++) {
    const value: unknown = values[index];
    if (isValue(value)) clean[index] = value as number;
  }
  return clean;
}

function areTexts(texts: unknown): boolean {
  return (
    Array.isArray(texts) &&
    texts.length <= MOST_MISSING &&
    texts.every((each) => typeof each === 'string')
  );
}

function cleanTexts(texts: unknown): string[] {
  if (!Array.isArray(texts)) return [];
  return texts.slice(0, MOST_MISSING).filter((each) => typeof each === 'string');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
