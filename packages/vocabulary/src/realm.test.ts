import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CodedError, isCodedError } from './coded-error.ts';
import { isTenantName, POPULATIONS, parseRealmId, realmId, realmIssuer } from './realm.ts';

const tenant = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/).filter(isTenantName);
const realm = fc.record({ tenant, population: fc.constantFrom(...POPULATIONS) });

test('a realm is read as it was written', () => {
  fc.assert(
    fc.property(realm, (given) => {
      assert.deepEqual({ ...parseRealmId(realmId(given)) }, { ...given });
    }),
  );
});

test('two realms never share an issuer', () => {
  fc.assert(
    fc.property(realm, realm, (one, other) => {
      const same = one.tenant === other.tenant && one.population === other.population;
      const base = 'https://id.example';
      assert.equal(realmIssuer(base, one) === realmIssuer(base, other), same);
    }),
  );
});

test('nothing else is taken for a realm', () => {
  for (const text of [
    '',
    'acme',
    'acme/',
    '/workforce',
    'acme/staff',
    'Acme/workforce',
    'a b/workforce',
    'acme/workforce/x',
    'api/workforce',
    '../workforce',
    `${'a'.repeat(64)}/device`,
  ]) {
    assert.throws(() => parseRealmId(text), { code: 'bad_realm' }, text);
  }
});

test('paths of the server are no tenants', () => {
  for (const name of ['api', 'log', 'ssf', 'console', 'healthz', 'readyz', 'metrics', 'assets']) {
    assert.equal(isTenantName(name), false, name);
  }
});

test('a coded error is known by its shape, so that two copies of the class agree', () => {
  const alien = Object.assign(new Error('no'), { name: 'CodedError', code: 'not_found' });
  assert.equal(isCodedError(alien), true);
  assert.equal(isCodedError(new CodedError('not_found', 'no')), true);
  for (const other of [
    new Error('x'),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    'text',
    undefined,
    { code: 'x' },
  ]) {
    assert.equal(isCodedError(other), false);
  }
});
