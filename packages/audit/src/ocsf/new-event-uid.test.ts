import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@countersign/vocabulary';
import { EventUids } from './new-event-uid.ts';

test('event uids are version 7 UUIDs, unique and in the order of their time', () => {
  const uids = new EventUids(seededRandom(7));
  const made = Array.from({ length: 1000 }, (_, n) => uids.next(1_800_000_000_000 + n));
  for (const uid of made) {
    assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assert.equal(new Set(made).size, made.length);
  assert.deepEqual(made.toSorted(), made);
});

test('uids of one millisecond differ', () => {
  const uids = new EventUids(seededRandom(8));
  assert.equal(new Set(Array.from({ length: 500 }, () => uids.next(5))).size, 500);
});
