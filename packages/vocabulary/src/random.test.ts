import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, toSeconds } from './clock.ts';
import { newId, newSecret, newTimedId, seededRandom, systemRandom } from './random.ts';

test('ids have 128 bits and secrets 256, and no two are alike', () => {
  const ids = Array.from({ length: 1000 }, () => newId());
  assert.equal(new Set(ids).size, 1000);
  for (const id of ids) assert.equal(Buffer.from(id, 'base64url').length, 16);
  assert.equal(Buffer.from(newSecret(), 'base64url').length, 32);
  assert.notDeepEqual(systemRandom.bytes(16), systemRandom.bytes(16));
});

test('no id looks like an option where it stands on a command line', () => {
  const firsts = Array.from({ length: 256 }, (_, first) =>
    newId({ bytes: (count) => new Uint8Array(count).fill(first) }).charAt(0),
  );
  assert.ok(!firsts.includes('-'));
  assert.equal(new Set(firsts).size, 63);
});

test('timed ids differ, and those of one moment stand together', () => {
  const ids = Array.from({ length: 100 }, () => newTimedId(1_800_000_000_000));
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(new Set(ids.map((id) => id.slice(0, 8))).size, 1);
  assert.ok(ids.every((id) => Buffer.from(id, 'base64url').length === 16));
});

test('a seed gives the same bytes again, another seed others', () => {
  assert.deepEqual(seededRandom(7).bytes(64), seededRandom(7).bytes(64));
  assert.notDeepEqual(seededRandom(7).bytes(64), seededRandom(8).bytes(64));
  const counts = new Set(seededRandom(1).bytes(4096));
  assert.ok(counts.size > 250, 'every byte value turns up');
});

test('a manual clock moves only when told, also backwards', () => {
  const clock = new ManualClock(10_500);
  clock.advanceMs(-600);
  assert.equal(clock.nowMs(), 9900);
  assert.equal(toSeconds(clock.nowMs()), 9);
});
