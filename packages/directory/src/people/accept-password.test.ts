import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusal } from '../refusal-for-test.ts';
import { acceptPassword, LONGEST_PASSWORD, SHORTEST_PASSWORD } from './accept-password.ts';

test('a long password of any characters is accepted and normalised', () => {
  assert.equal(acceptPassword('correct horse battery', []), 'correct horse battery');
  assert.equal(acceptPassword('ｃorrect horse battery', []), 'correct horse battery');
  assert.ok(acceptPassword('пароль из многих слов 🔑', []));
});

test('an accepted password stays as it is when accepted again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 15, maxLength: 60 }), (text) => {
      let accepted: string;
      try {
        accepted = acceptPassword(text, []);
      } catch (error) {
        assert.ok(refusal('bad_password')(error));
        return;
      }
      assert.equal(acceptPassword(accepted, []), accepted);
    }),
    { numRuns: 200 },
  );
});

test('short, overlong, monotonous and unprintable passwords are refused, saying what to do', () => {
  const bad: unknown[] = [
    'x7!kQp2#mZ9&vT',
    'ab'.repeat(20),
    'x7!kQp2#'.repeat(33),
    'correct horse \0 battery',
    'correct horse \ud800 battery',
    'x'.repeat(2_000_000),
    undefined,
    42,
  ];
  for (const password of bad) {
    assert.throws(() => acceptPassword(password, []), refusal('bad_password'));
  }
  assert.equal('x7!kQp2#mZ9&vT'.length, SHORTEST_PASSWORD - 1);
  assert.ok('x7!kQp2#'.repeat(33).length > LONGEST_PASSWORD);
});

test('a password made of the username or the tenant is refused, one that only holds it is not', () => {
  const context = ['alice', 'acme', 'countersign'];
  for (const password of ['alice-alice-alice', 'Acme-Countersign-1', 'AliceAcmeAlice2026']) {
    assert.throws(() => acceptPassword(password, context), refusal('bad_password'), password);
  }
  assert.ok(acceptPassword('alice likes green tea', context));
});
