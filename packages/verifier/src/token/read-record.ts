// A token part as a JSON object: no member twice, an object and nothing else.

import { FormatError } from '../format-error.ts';
import { readJson } from '../json/read-json.ts';
import { VerificationError } from '../refusal.ts';

/** @throws VerificationError `token_malformed`, `json_duplicate_member` */
export function readRecord(text: string, part: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = readJson(text);
  } catch (cause) {
    if (cause instanceof FormatError && cause.code === 'json_duplicate_member') {
      const message = `The token's ${part} names a member twice, so two readers may differ on it.`;
      throw new VerificationError('json_duplicate_member', message, { cause });
    }
    throw new VerificationError('token_malformed', `The token's ${part} is not JSON.`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new VerificationError('token_malformed', `The token's ${part} is not a JSON object.`);
}
