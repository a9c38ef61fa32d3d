// Which bytes are a model that may judge: those with the hash that the code names, or those under a
// signature of a key that the house trusts. Anything else is refused before it is parsed.

import { createHash, type KeyObject } from 'node:crypto';
import { openSignedModel } from '@countersign/learner';
import { RiskError } from '../risk-error.ts';
import { decodeRiskModel, MAX_MODEL_BYTES } from './model-file.ts';
import type { RiskModel } from './risk-model.ts';

export type ModelTrust =
  /** Lower-case hex SHA-256 of the bytes, with no signature. */
  | { sha256: string }
  /** Public Ed25519 keys by id. */
  | { keys: Readonly<Record<string, KeyObject>> };

/**
 * @throws RiskError `model_not_known`: other bytes, or a signature of nobody who is trusted.
 * @throws RiskError `bad_model`: trusted, and still nothing that this engine can read.
 */
export function openRiskModel(bytes: Uint8Array, trust: ModelTrust): RiskModel {
  if (bytes.length > 2 * MAX_MODEL_BYTES) throw refuse('too long');
  if ('sha256' in trust) {
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== trust.sha256) throw refuse(`SHA-256 is ${found}`);
    return decodeRiskModel(bytes);
  }
  return decodeRiskModel(openSigned(bytes, trust.keys));
}

function openSigned(bytes: Uint8Array, keys: Readonly<Record<string, KeyObject>>): Uint8Array {
  try {
    return openSignedModel(bytes, keys).model;
  } catch (cause) {
    throw refuse('signature', cause);
  }
}

function refuse(detail: string, cause?: unknown): RiskError {
  return new RiskError('model_not_known', 'This model is of nobody who is trusted to make one.', {
    detail,
    cause,
  });
}
