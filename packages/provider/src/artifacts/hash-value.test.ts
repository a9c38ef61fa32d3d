import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ArtifactNames } from './hash-value.ts';

const names = new ArtifactNames('acme/workforce', Buffer.alloc(32, 1));

describe('names of artifacts', () => {
  test('a sealed reference leads to the row, a plain value to its hash', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const name = names.nameOf('DeviceCode', value);
        assert.equal(names.nameOf('DeviceCode', names.seal('DeviceCode', name)), name);
      }),
    );
  });

  test('the same value has another name in another realm or model', () => {
    const elsewhere = new ArtifactNames('acme/partner', Buffer.alloc(32, 1));
    const name = names.nameOf('RefreshToken', 'value');
    assert.notEqual(elsewhere.nameOf('RefreshToken', 'value'), name);
    assert.notEqual(names.nameOf('AuthorizationCode', 'value'), name);
  });

  test('whoever read the table cannot make a reference from what stands there', () => {
    const name = names.nameOf('RefreshToken', 'secret value');
    const thief = new ArtifactNames('acme/workforce', Buffer.alloc(32, 2));
    const attempts = [
      name,
      `~${name}`,
      `~${name}.`,
      `~${name}.${'A'.repeat(43)}`,
      thief.seal('RefreshToken', name),
      names.seal('Session', name),
    ];
    for (const attempt of attempts) {
      assert.notEqual(names.nameOf('RefreshToken', attempt), name, attempt);
    }
  });
});
