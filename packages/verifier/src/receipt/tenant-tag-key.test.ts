import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTenantTagKey, parseTenantTagKey, type TenantTagKey } from './tenant-tag-key.ts';

const KEY = 'A'.repeat(43);
const sound = {
  version: 1,
  tenant: 'acme',
  keys: [KEY],
  instances: ['one'],
  logs: ['log.example/log'],
};

describe('a tenant tag key', () => {
  it('reads back as it was written', () => {
    const names = fc.array(fc.stringMatching(/^[a-z0-9./-]{1,30}$/), {
      minLength: 1,
      maxLength: 16,
    });
    const keys = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
      minLength: 1,
      maxLength: 8,
    });
    const key = fc.record(
      { tenant: fc.stringMatching(/^[a-z]{1,20}$/), keys, instances: names, logs: names },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(key, (given: TenantTagKey) => {
        assert.deepEqual(parseTenantTagKey(formatTenantTagKey(given)), given);
      }),
    );
  });

  const bad: [string, object | string][] = [
    ['of another version', { ...sound, version: 2 }],
    ['with a member too many', { ...sound, note: 'x' }],
    ['without a tenant', { ...sound, tenant: '' }],
    ['whose tenant is no text', { ...sound, tenant: 7 }],
    ['without keys', { ...sound, keys: [] }],
    ['with too many keys', { ...sound, keys: Array.from({ length: 9 }, () => KEY) }],
    ['with a key that is short', { ...sound, keys: [KEY.slice(1)] }],
    ['with a key spelt another way', { ...sound, keys: [`${KEY.slice(1)}B`] }],
    ['with keys that are no list', { ...sound, keys: KEY }],
    ['with an instance that has no name', { ...sound, instances: [''] }],
    ['with an instance of a long name', { ...sound, instances: ['é'.repeat(128)] }],
    ['with an instance that is no text', { ...sound, instances: [1] }],
    ['without logs', { ...sound, logs: [] }],
    ['with a log that cannot be one', { ...sound, logs: ['log example'] }],
    ['that is a list', [sound]],
    ['that is nothing', 'null'],
    ['that is endless', JSON.stringify({ ...sound, tenant: 'a'.repeat(70_000) })],
  ];
  for (const [what, document] of bad) {
    it(`is refused ${what}`, () => {
      const text = typeof document === 'string' ? document : JSON.stringify(document);
      assert.throws(() => parseTenantTagKey(text), { code: 'tag_key_malformed' });
    });
  }

  it('is refused when it is no JSON, or says one thing twice', () => {
    assert.throws(() => parseTenantTagKey('{'), { code: 'json_malformed' });
    const twice = JSON.stringify(sound).replace('{', '{"tenant":"other",');
    assert.throws(() => parseTenantTagKey(twice), { code: 'json_duplicate_member' });
  });
});
