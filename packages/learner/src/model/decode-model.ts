// Bytes as a model. Whoever can hand in bytes here can make the model wrong, which is what signatures
// are for; he cannot make this loop, take more than some times their size, or throw anything but a
// refusal.

import { isCodedError } from '@countersign/vocabulary';
import { learnerRefusal } from '../learner-error.ts';
import type { Model } from './model.ts';
import { MODEL_ID, MODEL_LIMITS, MODEL_SCHEMA, PART_NAME } from './model-limits.ts';
import { isObject, malformed, readFields, readJson } from './read-fields.ts';
import { readPart } from './read-part.ts';

/**
 * @throws CodedError `model_too_large`, `model_unreadable` (no JSON), `model_schema_unknown`,
 * `model_malformed`
 */
export function decodeModel(bytes: Uint8Array): Model {
  if (bytes.length > MODEL_LIMITS.bytes)
    throw learnerRefusal('model_too_large', 'This model is larger than models may be.');
  const value = parse(bytes);
  if (!isObject(value)) throw malformed('A model is an object.');
  if (value['schema'] !== MODEL_SCHEMA)
    throw learnerRefusal(
      'model_schema_unknown',
      `This version reads models of the schema ${MODEL_SCHEMA} only.`,
    );
  try {
    return readModel(value);
  } catch (cause) {
    // A kind's own constructor may refuse options; of a file that means that it is damaged.
    if (isCodedError(cause) && cause.code === 'options_invalid')
      throw malformed(cause.message, cause);
    throw cause;
  }
}

function readModel(value: unknown): Model {
  const members = ['schema', 'id', 'made', 'seed', 'training', 'parts'] as const;
  const { id, made, seed, training, parts } = readFields(value, members, 'The model');
  if (typeof id !== 'string' || !MODEL_ID.test(id)) throw malformed('The id is no name.');
  if (!isTime(made)) throw malformed('When it was made is no time.');
  if (!Number.isSafeInteger(seed)) throw malformed('The seed is no whole number.');
  if (!isObject(training)) throw malformed('The training summary is not an object.');
  readJson(training, MODEL_LIMITS.summarySize, 'The training summary');
  if (!isObject(parts)) throw malformed('The parts are not an object.');
  const named = Object.entries(parts);
  if (named.length > MODEL_LIMITS.parts) throw malformed('The model has too many parts.');
  for (const [name] of named)
    if (!PART_NAME.test(name)) throw malformed('A part has a name that no part may have.');
  return {
    ...{ id, made, seed: seed as number, training: training as Model['training'] },
    parts: Object.fromEntries(named.map(([name, part]) => [name, readPart(part, name)])),
  };
}

function isTime(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 32) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw learnerRefusal('model_unreadable', 'This is not a model, or it is cut off.', { cause });
  }
}
