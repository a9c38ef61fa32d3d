// Tables of refusals: each case is a token or a request with exactly one thing wrong, put to a
// verifier that would otherwise accept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { IssuerPolicy } from '../policy/verifier-policy.ts';
import type { FeedSource, IssuerKey } from '../ports.ts';
import { type RefusalCode, VerificationError } from '../refusal.ts';
import type { TokenContext } from '../token/token-context.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import { AUDIENCE, type Draft, NOW_MS, TestIssuer } from './test-issuer.ts';

export interface Case {
  token?: string;
  policy?: Partial<IssuerPolicy>;
  key?: Partial<IssuerKey>;
  options?: VerifierOptions;
  context?: Partial<TokenContext>;
}

export const issuer = new TestIssuer('ES256');

export async function verify({ token, policy, key, options, context }: Case = {}) {
  const verifier = createVerifier(issuer.policy(policy), {
    clock: { nowMs: () => NOW_MS + 1000 },
    keys: await issuer.keys(key),
    auditor: 'off',
    ...options,
  });
  return verifier.verifyToken(token ?? issuer.issue(), { audience: AUDIENCE, ...context });
}

async function refusal(given: Case): Promise<VerificationError> {
  const error = await verify(given).then(
    () => assert.fail('the token was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof VerificationError, String(error));
  return error;
}

/** Declares one test: every case is refused with this code and a sentence. */
export function refuses(
  code: RefusalCode,
  sentence: string,
  cases: () => Case[] | Promise<Case[]>,
): void {
  test(`${code}: ${sentence}`, async () => {
    const given = await cases();
    assert.notEqual(given.length, 0);
    for (const [number, one] of given.entries()) {
      const error = await refusal(one);
      assert.equal(error.code, code, `case ${number}: ${error.message}`);
      assert.match(error.message, /^[A-Z].*\.$/);
    }
  });
}

export function issued(draft: Draft, context?: Partial<TokenContext>): Case {
  const token = issuer.issue(draft);
  return context === undefined ? { token } : { token, context };
}

export function claiming(claims: Record<string, unknown>): Case {
  return issued({ claims });
}

/** A feed that restricts nothing but what is changed. */
export function feed(change: Partial<FeedSource>): VerifierOptions {
  const calm = { quarantined: () => false, revoked: () => false, fresh: () => true, generation: 1 };
  return { feed: { ...calm, ...change } };
}
