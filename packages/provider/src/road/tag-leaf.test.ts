import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { dayKey, encodeHex, recogniseLeaves } from '@countersign/verifier';
import { deriveTagKeys, LeafTagger } from './tag-leaf.ts';

const DAY_MS = 86_400_000;
const master = Buffer.alloc(32, 7);
const commitment = new Uint8Array(32).fill(9);
const facts = { tenant: 'acme', subject: 'ada', issuedMs: 20_000 * DAY_MS, commitment };
const readerOf = (keys: Uint8Array[], tenant = 'acme') =>
  recogniseLeaves({ tenant, keys, instances: ['here'], logs: ['log.example/log'] });

describe('the tags of a leaf', () => {
  test('are recognised with the tenant’s key, and with no other tenant’s', () => {
    const tagger = new LeafTagger({ current: master }, 'here', 10);
    for (const tenant of ['acme', 'globex']) {
      const leaf = { ...facts, tags: tagger.tag({ ...facts, tenant }) };
      const reader = readerOf(deriveTagKeys({ current: master }, 'acme'));
      assert.equal(reader.recognise(leaf), tenant === 'acme' ? 'here' : undefined);
      assert.equal(reader.isOf(leaf, 'ada'), tenant === 'acme');
    }
  });

  test('of a former master are recognised after it was replaced', () => {
    const leaf = { ...facts, tags: new LeafTagger({ current: master }, 'here', 10).tag(facts) };
    const secrets = { current: Buffer.alloc(32, 8), previous: [master] };
    assert.ok(readerOf(deriveTagKeys(secrets, 'acme')).isOf(leaf, 'ada'));
    assert.ok(!readerOf(deriveTagKeys({ current: secrets.current }, 'acme')).isOf(leaf, 'ada'));
  });

  test('are right for more tenants than are remembered, and after midnight', () => {
    const tagger = new LeafTagger({ current: master }, 'here', 2);
    for (const day of [0, 1, 0]) {
      for (const tenant of ['a', 'b', 'c', 'a']) {
        const given = { ...facts, tenant, issuedMs: facts.issuedMs + day * DAY_MS };
        const reader = readerOf(deriveTagKeys({ current: master }, tenant), tenant);
        assert.ok(reader.isOf({ ...given, tags: tagger.tag(given) }, 'ada'), `${tenant} ${day}`);
      }
    }
  });

  test('cannot be of an instance whose id no leaf can name', () => {
    for (const id of ['', 'i'.repeat(256)]) {
      assert.throws(() => new LeafTagger({ current: master }, id, 10), { code: 'ERR_ASSERTION' });
    }
  });

  test('are those of the decision record, byte for byte', () => {
    const secrets = { current: Uint8Array.from({ length: 32 }, (_, at) => at) };
    const given = {
      ...{ tenant: 'acme', subject: 'alice', issuedMs: 20_778 * DAY_MS },
      commitment: new Uint8Array(32).fill(0xcc),
    };
    const [key = new Uint8Array()] = deriveTagKeys(secrets, 'acme');
    const { user, instance } = new LeafTagger(secrets, 'here', 1).tag(given);
    const record = readFileSync(
      new URL('../../../../docs/decisions/0010-tenant-tags.md', import.meta.url),
      'utf8',
    );
    const written = [...record.matchAll(/^ {4}([0-9a-f]{16,64})$/gm)].map(([, value]) => value);
    const values = [key, dayKey(key, given.issuedMs), user, instance];
    assert.deepEqual(written, values.map(encodeHex));
  });

  test('stand on HKDF-SHA-256 of the master, by RFC 5869 step for step', () => {
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(master).digest();
    const expanded = createHmac('sha256', extracted).update('itlog/tenant-key/v1\nacme\u0001');
    const [key] = deriveTagKeys({ current: master }, 'acme');
    assert.deepEqual(key, Uint8Array.from(expanded.digest()));
  });
});
