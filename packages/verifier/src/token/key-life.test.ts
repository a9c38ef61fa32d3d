// A key past its limit, whatever the key set says of it: what the verifier's half of C-01 and C-16 is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { ReceiptMode, ReceiptPolicy } from '../policy/verifier-policy.ts';
import { isVerificationError } from '../refusal.ts';
import { AUDIENCE, ISSUER, NOW, TestIssuer } from '../testing/test-issuer.ts';

const DAY = 86_400;
const MAX_AGE = 90 * DAY;
const issuer = new TestIssuer('ES256');

/** A key made now for the longest life, as its key set shows it and its log saw it published. */
const honest = { nbf: NOW - 60, exp: NOW - 60 + MAX_AGE };
const itr = issuer.publish({ atMs: NOW * 1000, notAfterSeconds: honest.exp });

function openAt(seconds: number, shown: Record<string, unknown> = {}, keys: ReceiptMode = 'off') {
  const jwk = {
    ...issuer.publicJwk,
    kid: issuer.kid,
    alg: issuer.alg,
    iss: ISSUER,
    tenant: 'acme',
    token_types: ['at+jwt', 'JWT'],
    itr,
    ...honest,
    ...shown,
  };
  const logs = [issuer.logPolicy()];
  const receipts: ReceiptPolicy = { mode: 'required', keys, logs, startByKid: {} };
  const clock = { nowMs: () => clock.seconds * 1000, seconds };
  const verifier = createVerifier(issuer.policy({ keyMaxAgeSeconds: MAX_AGE, receipts }), {
    clock,
    fetch: async () => new Response(JSON.stringify({ keys: [jwk] })),
    auditor: 'off',
  });
  const verdict = (token: string) =>
    verifier.verifyToken(token, { audience: AUDIENCE }).then(
      ({ cached }) => (cached ? 'remembered' : 'accepted'),
      (error: unknown) => (isVerificationError(error) ? error.code : String(error)),
    );
  return { clock, verdict };
}

const at = (seconds: number) => issuer.issue({ claims: { iat: seconds, exp: seconds + 600 } });

describe('C-01 the verifier refuses a key past its limit, whatever the key set says', () => {
  it('accepts until the last second and refuses from the next, also what it remembers', async () => {
    const { clock, verdict } = openAt(honest.exp - 1);
    const token = at(honest.exp - 60);
    assert.equal(await verdict(token), 'accepted');
    assert.equal(await verdict(token), 'remembered');
    clock.seconds = honest.exp;
    assert.equal(await verdict(token), 'key_expired');
    assert.equal(await verdict(at(honest.exp - 1)), 'key_expired');
  });

  it('an end that was moved helps only until the oldest age that the policy allows', async () => {
    const { verdict } = openAt(honest.exp + 1, { exp: honest.exp + 10 * 365 * DAY });
    assert.equal(await verdict(at(honest.exp)), 'key_too_old');
  });

  it('a beginning and an end that were both moved make another key, which no log saw published', async () => {
    const now = honest.exp + DAY;
    const moved = { nbf: now - DAY, exp: now + 80 * DAY };
    assert.equal(
      await openAt(now, moved).verdict(at(now)),
      'accepted',
      'the canary: why keys are logged',
    );
    assert.equal(await openAt(now, moved, 'required').verdict(at(now)), 'key_unlogged');
  });

  it('a beginning alone is held against the time at which the log saw the key', async () => {
    const long = new TestIssuer('ES256', issuer.log, 'long');
    const exp = NOW + 400 * DAY;
    const receipt = long.publish({ atMs: NOW * 1000, notAfterSeconds: exp });
    const now = NOW + MAX_AGE + 1;
    const shown = { ...long.publicJwk, kid: 'long', itr: receipt, nbf: now - DAY, exp };
    const claims = { iat: now, exp: now + 600 };
    const token = long.issue({ claims });
    assert.equal(await openAt(now, shown).verdict(token), 'accepted', 'the canary');
    assert.equal(await openAt(now, shown, 'required').verdict(token), 'key_too_old');
    const earlier = openAt(now - 2, { ...shown, nbf: now - DAY }, 'required');
    assert.equal(
      await earlier.verdict(long.issue({ claims: { iat: now - 2, exp: now } })),
      'accepted',
    );
    earlier.clock.seconds = now;
    assert.equal(
      await earlier.verdict(token),
      'key_too_old',
      'a key that was looked up before, too',
    );
  });

  it('a key that states no beginning or no end speaks for nobody', async () => {
    for (const shown of [{ nbf: undefined }, { exp: undefined }]) {
      assert.equal(await openAt(NOW, shown).verdict(at(NOW)), 'key_scope_missing');
    }
    for (const shown of [{ exp: String(honest.exp) }, { exp: null }, { exp: -1 }, { nbf: 1.5 }]) {
      assert.equal(await openAt(NOW, shown).verdict(at(NOW)), 'key_unknown', JSON.stringify(shown));
    }
  });
});

describe('C-16 a token is issued within the life of its key', () => {
  it('neither before its beginning nor after its end', async () => {
    const { verdict, clock } = openAt(NOW);
    assert.equal(await verdict(at(honest.nbf)), 'accepted');
    assert.equal(await verdict(at(honest.nbf - 6)), 'key_not_yet_valid');
    clock.seconds = honest.exp - 1;
    assert.equal(await verdict(at(honest.exp - 1)), 'accepted');
    assert.equal(
      await verdict(at(honest.exp + 2)),
      'key_expired',
      'although clocks may differ by five seconds',
    );
    clock.seconds = honest.nbf - 60;
    assert.equal(await verdict(at(honest.nbf - 60)), 'key_not_yet_valid');
  });
});
