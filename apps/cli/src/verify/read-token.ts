// The token as it came, and what it says about itself before anything is believed. Only for
// finding the right question to ask; the verifier reads the token anew and strictly.

import { createHash } from 'node:crypto';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject } from '../http/read-member.ts';
import type { CliWorld } from '../world.ts';

export interface TokenClaim {
  token: string;
  /** Lower-case hex SHA-256, the name of a token in every log and finding. */
  tokenHash: string;
  /** Empty when it cannot be read. Unverified, all of it. */
  header: JsonObject;
  payload: JsonObject;
}

const LONGEST_TOKEN_BYTES = 65_536;

/** @throws CodedError `wrong_use` */
export async function readToken(world: CliWorld, argument: string): Promise<TokenClaim> {
  const text = argument === '-' ? await world.readInput(LONGEST_TOKEN_BYTES) : argument;
  const token = text.trim().replace(/^(?:Bearer|DPoP)\s+/i, '');
  if (token === '') throw cliError('wrong_use', 'There is no token: the input is empty.');
  const [header = '', payload = ''] = token.split('.');
  return {
    token,
    tokenHash: createHash('sha256').update(token).digest('hex'),
    header: peek(header),
    payload: peek(payload),
  };
}

function peek(segment: string): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    // A token that cannot be read is the verifier's to refuse, with its own reason.
    return {};
  }
}
