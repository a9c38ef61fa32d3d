import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newId, systemRandom } from '@countersign/vocabulary';
import { poolRandom } from './random-pool.ts';

describe('the random pool', () => {
  test('never hands out the same bytes twice, nor wiped ones', () => {
    const random = poolRandom(systemRandom);
    const ids = Array.from({ length: 5000 }, () => newId(random));
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every((id) => !/^A{20}/.test(id)));
  });

  test('what was handed out stays as it was', () => {
    const random = poolRandom(systemRandom);
    const first = random.bytes(16);
    const copy = Uint8Array.from(first);
    for (let draw = 0; draw < 1000; draw += 1) random.bytes(16);
    assert.deepEqual(first, copy);
  });

  test('gives any size that is asked for', () => {
    const random = poolRandom(systemRandom);
    for (const count of [0, 1, 16, 4096, 4097, 10_000]) {
      assert.equal(random.bytes(count).length, count);
    }
  });
});
