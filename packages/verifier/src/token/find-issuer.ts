// Who the token says issued it, and whether the policy knows them, lets them use this algorithm and
// expects this type here (RFC 8725 §3.1, §3.8, §3.11; RFC 9068 §4).

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';
import { readRecord } from './read-record.ts';
import type { TokenContext } from './token-context.ts';

const TYPES = { access: 'at+jwt', id: 'JWT' } as const;

/** The `typ` that the caller's kind of token has. */
export function expectedType(context: TokenContext): string {
  return TYPES[context.type ?? 'access'];
}

export function readPayload(judgement: Judgement): Outcome {
  judgement.payload = readRecord(known(judgement.envelope).payload, 'payload');
  return undefined;
}

export function findIssuer(judgement: Judgement, rules: VerifierRules): Outcome {
  const payload = known(judgement.payload);
  const name = Object.hasOwn(payload, 'iss') ? payload.iss : undefined;
  const issuer = typeof name === 'string' ? rules.issuers.get(name) : undefined;
  if (issuer === undefined) {
    throw new VerificationError(
      'issuer_unknown',
      'The policy of this verifier does not name the issuer (iss) of the token.',
    );
  }
  judgement.issuer = issuer;
  return undefined;
}

export function checkExpectedIssuer(judgement: Judgement): Outcome {
  const expected = judgement.context.issuer;
  if (expected === undefined) return 'The caller takes any issuer of the policy.';
  if (known(judgement.issuer).policy.issuer === expected) return undefined;
  throw new VerificationError(
    'issuer_unknown',
    'The token is from another issuer than the one expected for this request.',
  );
}

export function checkAlgorithm(judgement: Judgement): Outcome {
  const { alg } = known(judgement.header);
  if (known(judgement.issuer).algorithms.has(alg)) return undefined;
  throw new VerificationError(
    'algorithm_not_allowed',
    "The policy does not allow the token's algorithm for this issuer.",
  );
}

export function checkType(judgement: Judgement): Outcome {
  const expected = expectedType(judgement.context);
  if (known(judgement.header).typ === expected) return undefined;
  throw new VerificationError(
    'type_not_allowed',
    `Here a token of typ ${expected} is expected, and this is another.`,
  );
}
