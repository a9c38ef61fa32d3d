// The tags put together here a second time with node:crypto, and who can read them.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LeafEntry } from './leaf-entry.ts';
import { recogniseLeaves } from './recognise-leaf.ts';
import type { TenantTagKey } from './tenant-tag-key.ts';
import { dayKey, dayOf, matchesTenant, tenantTag, userTag } from './tenant-tags.ts';

const DAY_MS = 86_400_000;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const issuedMs = fc.maxSafeNat().map((value) => value % 2 ** 48);
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });

function hmac(key: Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function keyOf(change: Partial<TenantTagKey> = {}): TenantTagKey {
  const keys = [new Uint8Array(32).fill(1)];
  return { tenant: 'acme', keys, instances: ['one'], logs: ['log.example/log'], ...change };
}

function leafOf(key: Uint8Array, change: { at?: number; instance?: string; sub?: string } = {}) {
  const { at = 1_800_000_000_000, instance = 'one', sub = 'ada' } = change;
  const commitment = new Uint8Array(32).fill(at % 251);
  const day = dayKey(key, at);
  const tags = { user: userTag(day, sub), instance: tenantTag(day, instance, commitment) };
  return { type: 'access', issuedMs: at, expiresAtSeconds: 1, commitment, tags } as const;
}

describe('the tags of a leaf', () => {
  it('are the HMACs that the format says, whatever the key, the time and the names', () => {
    fc.assert(
      fc.property(bytes32, issuedMs, name, name, bytes32, (key, at, sub, instance, commitment) => {
        const days = Buffer.alloc(4);
        days.writeUInt32BE(Math.floor(at / DAY_MS));
        const day = hmac(key, 'itlog/day/v1\n', days);
        const id = Buffer.from(instance.toWellFormed());
        const named = Buffer.concat([Buffer.of(id.length), id]);
        const user = hmac(day, 'itlog/user/v1\n', sub.toWellFormed()).subarray(0, 16);
        const mark = hmac(day, 'itlog/tenant/v1\n', named, commitment).subarray(0, 8);
        assert.deepEqual(dayKey(key, at), Uint8Array.from(day));
        assert.deepEqual(userTag(day, sub), Uint8Array.from(user));
        assert.deepEqual(tenantTag(day, instance, commitment), Uint8Array.from(mark));
      }),
    );
  });

  it('have a key that changes at midnight UTC and at no other time', () => {
    const key = new Uint8Array(32).fill(1);
    const midnight = 20_000 * DAY_MS;
    assert.deepEqual(
      [midnight - 1, midnight, midnight + DAY_MS - 1].map(dayOf),
      [19_999, 20_000, 20_000],
    );
    assert.notDeepEqual(dayKey(key, midnight - 1), dayKey(key, midnight));
    assert.deepEqual(dayKey(key, midnight), dayKey(key, midnight + DAY_MS - 1));
  });

  it('say of a person the same all day long, and of two days nothing', () => {
    const key = new Uint8Array(32).fill(1);
    const [one, two, next] = [1, 2, DAY_MS].map((at) => leafOf(key, { at }));
    assert.deepEqual(one?.tags.user, two?.tags.user);
    assert.notDeepEqual(one?.tags.instance, two?.tags.instance);
    assert.notDeepEqual(one?.tags.user, next?.tags.user);
  });

  it('match under their own key, day, commitment and instance only', () => {
    const differ = <T>(pair: readonly [T, T]) => String(pair[0]) !== String(pair[1]);
    const pairs = fc.tuple(bytes32, bytes32).filter(differ);
    const names = fc.tuple(name, name).filter((pair) => differ(pair));
    fc.assert(
      fc.property(pairs, pairs, names, (keys, commitments, instances) => {
        const tags = {
          user: new Uint8Array(16),
          instance: tenantTag(keys[0], instances[0].toWellFormed(), commitments[0]),
        };
        const own = [instances[0].toWellFormed()];
        assert.equal(matchesTenant(tags, keys[0], own, commitments[0]), own[0]);
        assert.equal(matchesTenant(tags, keys[1], own, commitments[0]), undefined);
        assert.equal(matchesTenant(tags, keys[0], own, commitments[1]), undefined);
        assert.equal(matchesTenant(tags, keys[0], [], commitments[0]), undefined);
      }),
    );
  });

  it('are refused an instance id over 255 bytes, which its length byte could not say', () => {
    const key = new Uint8Array(32);
    assert.equal(tenantTag(key, 'i'.repeat(255), key).length, 8);
    assert.throws(() => tenantTag(key, 'i'.repeat(256), key), { code: 'number_out_of_range' });
  });
});

describe('the holder of a tenant’s key', () => {
  const ours = new Uint8Array(32).fill(1);
  const before = new Uint8Array(32).fill(2);
  const theirs = new Uint8Array(32).fill(3);

  it('recognises the tenant’s leaves and which instance made them, of today’s key and of the last', () => {
    const reader = recogniseLeaves(keyOf({ keys: [ours, before], instances: ['one', 'two'] }));
    assert.equal(reader.recognise(leafOf(ours)), 'one');
    assert.equal(reader.recognise(leafOf(before, { instance: 'two' })), 'two');
    assert.equal(reader.recognise(leafOf(theirs)), undefined);
    assert.equal(reader.recognise(leafOf(ours, { instance: 'three' })), undefined);
    assert.equal(reader.recognise({ ...leafOf(ours), tags: undefined }), undefined);
  });

  it('recognises leaves of more days than it remembers the keys of, in any order', () => {
    const reader = recogniseLeaves(keyOf());
    const days = Array.from({ length: 100 }, (_, day) => leafOf(ours, { at: day * DAY_MS }));
    for (const leaf of [...days, ...days.toReversed()]) assert.equal(reader.recognise(leaf), 'one');
  });

  it('finds a person’s leaves and nobody else’s', () => {
    const reader = recogniseLeaves(keyOf({ keys: [ours, before] }));
    assert.ok(reader.isOf(leafOf(before), 'ada'));
    assert.ok(!reader.isOf(leafOf(ours), 'bob'));
    assert.ok(!reader.isOf(leafOf(theirs), 'ada'));
    assert.ok(!reader.isOf({ ...leafOf(ours), tags: undefined }, 'ada'));
  });

  it('believes no leaf whose two tags are of two keys', () => {
    const reader = recogniseLeaves(keyOf({ keys: [ours, before] }));
    const mixed: LeafEntry = {
      ...leafOf(ours),
      tags: { ...leafOf(ours).tags, user: leafOf(before).tags.user },
    };
    assert.equal(reader.recognise(mixed), 'one');
    assert.ok(!reader.isOf(mixed, 'ada'));
  });

  it('recognises no leaf whose time, commitment or tag was changed', () => {
    const reader = recogniseLeaves(keyOf());
    const leaf = leafOf(ours);
    const flip = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1);
    assert.equal(reader.recognise({ ...leaf, issuedMs: leaf.issuedMs + DAY_MS }), undefined);
    for (let at = 0; at < 32; at += 1) {
      assert.equal(reader.recognise({ ...leaf, commitment: flip(leaf.commitment, at) }), undefined);
    }
    for (let at = 0; at < 8; at += 1) {
      const tags = { ...leaf.tags, instance: flip(leaf.tags.instance, at) };
      assert.equal(reader.recognise({ ...leaf, tags }), undefined);
    }
  });
});
