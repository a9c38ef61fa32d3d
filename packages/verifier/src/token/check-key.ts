// The issuer's key, and whether it may speak: for this issuer, tenant, algorithm and token type, at
// this time. What the key does not state it may not do (controls C-04, C-05, C-07).

import type { IssuerKey, KeySource } from '../ports.ts';
import { type RefusalCode, VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function findKey(judgement: Judgement, rules: VerifierRules): Outcome | Promise<Outcome> {
  const { kid } = known(judgement.header);
  const { issuer } = known(judgement.issuer).policy;
  const found = rules.keys.key(issuer, kid);
  if (!isPromise(found)) return keepKey(judgement, rules, found);
  return Promise.resolve(found).then((key) => keepKey(judgement, rules, key));
}

/** By shape, because a key source of the caller's own may bring promises of its own. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function keepKey(judgement: Judgement, rules: VerifierRules, key: IssuerKey | undefined): Outcome {
  if (key === undefined) refuseUnpublished(judgement, rules.keys);
  judgement.key = key;
  return undefined;
}

/** A kid that was never seen is a stranger's; one that was withdrawn is a trip-wire (control C-13). */
export function refuseUnpublished(judgement: Judgement, keys: KeySource): never {
  const { kid } = known(judgement.header);
  if (keys.withdrawn?.(known(judgement.issuer).policy.issuer, kid) !== undefined) {
    refuse('key_withdrawn', 'The issuer has withdrawn the key of the token; get a new one.');
  }
  refuse('key_unknown', 'The issuer does not publish a key with the kid of the token.');
}

/** What never changes for one key object. */
export function checkKeyScope(judgement: Judgement): Outcome {
  const key = known(judgement.key);
  const { policy } = known(judgement.issuer);
  const { alg, kid, typ } = known(judgement.header);
  if (key.issuer === undefined) refuseSilence('issuer (iss)');
  if (key.issuer !== policy.issuer) {
    refuse('key_issuer_mismatch', 'The key speaks for another issuer than the token names.');
  }
  if (policy.tenant !== undefined) {
    if (key.tenant === undefined) refuseSilence('tenant');
    if (key.tenant !== policy.tenant) {
      refuse('key_tenant_mismatch', 'The key speaks for another tenant than the policy names.');
    }
  }
  if (key.kid !== kid) refuse('key_unknown', 'The key source gave a key of another kid.');
  if (key.alg !== alg) {
    refuse('key_algorithm_mismatch', 'The token is not signed with the algorithm of its key.');
  }
  if (key.tokenTypes === undefined) refuseSilence('token types (token_types)');
  if (!key.tokenTypes.includes(typ)) {
    refuse('key_type_out_of_scope', 'The key may not sign tokens of this type.');
  }
  return undefined;
}

/** Validity at verification time: a retired key's tokens die with it. */
export function checkKeyTime(judgement: Judgement, rules: VerifierRules): Outcome {
  const { notBeforeSeconds, notAfterSeconds } = known(judgement.key);
  if (notBeforeSeconds === undefined) refuseSilence('start of validity (nbf)');
  if (notAfterSeconds === undefined) refuseSilence('end of validity (exp)');
  const nowSeconds = judgement.nowMs / 1000;
  if (nowSeconds + rules.toleranceSeconds < notBeforeSeconds) {
    refuse('key_not_yet_valid', 'The key of the token is not valid yet.');
  }
  // No tolerance: a key that is too old is dead at once.
  if (nowSeconds >= notAfterSeconds) {
    refuse('key_expired', 'The key of the token is no longer valid.');
  }
  if (nowSeconds > notBeforeSeconds + known(judgement.issuer).policy.keyMaxAgeSeconds) {
    refuse('key_too_old', 'The key of the token is older than the policy allows.');
  }
  return undefined;
}

/** A token issued outside the life of its key was not made by its issuer (control C-16). */
export function checkIssueTime(judgement: Judgement, rules: VerifierRules): Outcome {
  const { iat } = known(judgement.claims);
  const { notBeforeSeconds, notAfterSeconds } = known(judgement.key);
  if (iat + rules.toleranceSeconds < known(notBeforeSeconds)) {
    refuse('key_not_yet_valid', 'The token says it was issued before its key was valid.');
  }
  if (iat >= known(notAfterSeconds)) {
    refuse('key_expired', 'The token says it was issued after the end of its key.');
  }
  return undefined;
}

function refuseSilence(what: string): never {
  refuse('key_scope_missing', `The published key does not state its ${what}, so it may not speak.`);
}

function refuse(code: RefusalCode, message: string): never {
  throw new VerificationError(code, message);
}
