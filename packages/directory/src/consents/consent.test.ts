import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConsentScopes, coversConsent, joinConsents, noConsent } from './consent.ts';

const scopes = fc.array(fc.constantFrom('openid', 'email', 'read', 'write', 'constructor'));
const consent: fc.Arbitrary<ConsentScopes> = fc.record({
  scopes,
  resourceScopes: fc.dictionary(fc.constantFrom('https://a/', 'https://b/', 'toString'), scopes),
});

/** The same consent in the one form that joining gives. */
const plain = (value: ConsentScopes): ConsentScopes => joinConsents(noConsent, value);

test('joining consents is commutative, associative and idempotent', () => {
  fc.assert(
    fc.property(consent, consent, consent, (a, b, c) => {
      assert.deepEqual(joinConsents(a, b), joinConsents(b, a));
      assert.deepEqual(joinConsents(joinConsents(a, b), c), joinConsents(a, joinConsents(b, c)));
      assert.deepEqual(joinConsents(a, a), plain(a));
    }),
  );
});

test('a joined consent covers both parts, and nothing that neither allowed', () => {
  fc.assert(
    fc.property(consent, consent, consent, (a, b, wanted) => {
      const joined = joinConsents(a, b);
      assert.ok(coversConsent(joined, a));
      assert.ok(coversConsent(joined, b));
      // Covering is the order of the union: x covers y exactly when y adds nothing to x.
      const addsNothing =
        JSON.stringify(sorted(joinConsents(joined, wanted))) === JSON.stringify(sorted(joined));
      assert.equal(coversConsent(joined, wanted), addsNothing);
    }),
  );
});

function sorted(value: ConsentScopes): unknown {
  return [value.scopes, Object.entries(value.resourceScopes).sort(([a], [b]) => (a < b ? -1 : 1))];
}

test('no consent covers only the wish for nothing', () => {
  assert.equal(coversConsent(noConsent, noConsent), true);
  assert.equal(coversConsent(noConsent, { scopes: ['openid'], resourceScopes: {} }), false);
  assert.equal(coversConsent(noConsent, { scopes: [], resourceScopes: { toString: [] } }), false);
});
