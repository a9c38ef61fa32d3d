// A risk model as bytes: the learner's file with two boosters and the tails of legitimate acts. Whoever
// reads one trusts nothing in it before every number was looked at.

import {
  Booster,
  decodeModel,
  encodeModel,
  type JsonValue,
  type ModelPart,
} from '@countersign/learner';
import { HEADS, type HeadName } from '../assess/assessment.ts';
import { DEPTH_BUCKETS } from '../assess/risk-engine.ts';
import { RELATION_FEATURES } from '../relation/relation-features.ts';
import { RiskError } from '../risk-error.ts';
import type { RiskModel, TrainingSummary, TrainingTails } from './risk-model.ts';

const OWN_PARTS = ['relation', 'targeted', 'tails'];
/** A shipped model has 150 kB; ten times that is still a model. */
export const MAX_MODEL_BYTES = 4 * 2 ** 20;
const MOST_POINTS = 4096;

export function encodeRiskModel(model: RiskModel): Uint8Array {
  const { id, made, seed, summary, relation, targeted } = model;
  const tails = Object.fromEntries(
    Object.entries(model.tails).map(([head, each]) => [head, tailsAsJson(each)]),
  );
  return encodeModel({
    id,
    made,
    seed,
    training: { ...summary, attacks: { ...summary.attacks } },
    parts: { ...model.parts, relation, targeted, tails: { kind: 'json', value: tails } },
  });
}

/** @throws RiskError `bad_model`: not a model of this engine; whatever the learner refuses is the cause. */
export function decodeRiskModel(bytes: Uint8Array): RiskModel {
  if (bytes.length > MAX_MODEL_BYTES) throw refuse('too long');
  const model = readFile(bytes);
  const { relation, targeted, tails } = model.parts;
  if (tails?.kind !== 'json') throw refuse('no tails');
  const { id, made, seed } = model;
  const others = Object.entries(model.parts).filter(([name]) => !OWN_PARTS.includes(name));
  return {
    id,
    made,
    seed,
    features: RELATION_FEATURES,
    relation: boosterOf(relation),
    targeted: boosterOf(targeted),
    tails: readTails(tails.value),
    parts: Object.fromEntries(others),
    summary: readSummary(model.training),
  };
}

function readFile(bytes: Uint8Array) {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    throw refuse('the learner refuses it', cause);
  }
}

function boosterOf(part: ModelPart | undefined): Booster {
  if (!(part instanceof Booster)) throw refuse('a head is missing');
  const isSame =
    part.features.length === RELATION_FEATURES.length &&
    RELATION_FEATURES.every((name, index) => part.features[index] === name);
  if (!isSame) throw refuse('other features');
  return part;
}

function tailsAsJson(tails: TrainingTails): JsonValue {
  return tails.raw.map((raw, bucket) => [[...raw], [...tails.tail[bucket]!]]);
}

function readTails(value: JsonValue): RiskModel['tails'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('tails');
  const found: Partial<Record<HeadName, TrainingTails>> = {};
  for (const [head, tables] of Object.entries(value)) {
    const name = HEADS.find((each) => each === head);
    if (name === undefined || !Array.isArray(tables)) throw refuse('tails');
    if (tables.length !== DEPTH_BUCKETS.length) throw refuse('tails');
    const pairs = tables.map(readTable);
    found[name] = { raw: pairs.map(([raw]) => raw), tail: pairs.map(([, tail]) => tail) };
  }
  if (found.relation === undefined || found.targeted === undefined) throw refuse('tails');
  return found;
}

function readTable(table: JsonValue): [Float64Array, Float64Array] {
  if (!Array.isArray(table) || table.length !== 2) throw refuse('tails');
  const [raw, tail] = table.map(readNumbers) as [Float64Array, Float64Array];
  if (raw.length !== tail.length) throw refuse('tails');
  for (let at = 0; at < raw.length; at++) {
    if (!(tail[at]! > 0 && tail[at]! <= 1)) throw refuse('tails');
    if (at > 0 && !(raw[at]! > raw[at - 1]! && tail[at]! <= tail[at - 1]!)) throw refuse('tails');
  }
  return [raw, tail];
}

function readNumbers(value: JsonValue): Float64Array {
  if (!Array.isArray(value) || value.length > MOST_POINTS) throw refuse('tails');
  if (!value.every((each) => Number.isFinite(each))) throw refuse('tails');
  return Float64Array.from(value as number[]);
}

function readSummary(training: Readonly<Record<string, JsonValue>>): TrainingSummary {
  const count = (value: JsonValue | undefined) =>
    typeof value === 'number' && value >= 0 ? value : 0;
  const { attacks, data } = training;
  const isTable = typeof attacks === 'object' && attacks !== null && !Array.isArray(attacks);
  return {
    data: typeof data === 'string' ? data.slice(0, 200) : 'unknown',
    rows: count(training['rows']),
    legitimate: count(training['legitimate']),
    attacks: isTable
      ? Object.fromEntries(Object.entries(attacks).map(([name, each]) => [name, count(each)]))
      : {},
    heldOut: count(training['heldOut']),
  };
}

function refuse(detail: string, cause?: unknown): RiskError {
  return new RiskError('bad_model', 'This is not a model that this engine can read.', {
    detail,
    cause,
  });
}
