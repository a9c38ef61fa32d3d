// Counts of a realm against a list that is counted anew, and their bytes against whatever a store may
// hand back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { ATTRIBUTES } from '../input/attributes.ts';
import { HALF_LIFE_SECONDS } from '../profile/decay.ts';
import { RealmCounts } from './realm-counts.ts';

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const act = fc.record({
  timeMs: fc.integer({ min: 0, max: 9000 }).map((day) => START + day * DAY_MS),
  value: fc.integer({ min: 0, max: 12 }),
});
const life = fc
  .array(act, { maxLength: 40 })
  .map((acts) => acts.sort((one, other) => one.timeMs - other.timeMs));

const all = (value: number) => new Float64Array(ATTRIBUTES.length).fill(value);
const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found - wanted) <= 1e-9 * (1 + wanted), `${found} instead of ${wanted}`);

function live(acts: readonly { timeMs: number; value: number }[]): RealmCounts {
  const counts = new RealmCounts();
  for (const { value, timeMs } of acts) counts.learn(all(value), timeMs);
  return counts;
}

test('Counts say what counting all acts anew says, over decades in which the scale is changed', () => {
  fc.assert(
    fc.property(life, fc.integer({ min: 1, max: 12 }), (acts, value) => {
      const nowMs = acts.at(-1)?.timeMs ?? START;
      const counts = live(acts);
      const decayed = (each: { timeMs: number }) =>
        2 ** (-(nowMs - each.timeMs) / 1000 / HALF_LIFE_SECONDS);
      const sum = (some: typeof acts) => some.reduce((total, each) => total + decayed(each), 0);
      const own = sum(acts.filter((each) => each.value === value));
      const known = sum(acts.filter((each) => each.value > 0));
      const distinct = new Set(acts.map((each) => each.value).filter((each) => each > 0)).size;
      near(counts.acts(nowMs), sum(acts));
      near(counts.countOf(0, value, nowMs), own);
      assert.equal(counts.distinctOf(3), distinct);
      near(counts.share(0, value), (own + 1) / (known + distinct + 2));
      assert.deepEqual(RealmCounts.decode(counts.encode()).encode(), counts.encode());
    }),
    { numRuns: 100 },
  );
});

test('A realm that is new takes the shares of its peers, and its own when it has many', () => {
  const peers = live(
    Array.from({ length: 100 }, (_, i) => ({ timeMs: START + i, value: 1 + (i % 2) })),
  );
  const own = new RealmCounts();
  near(own.share(3, 1, peers), peers.share(3, 1));
  for (let i = 0; i < 4000; i++) own.learn(all(3), START + i);
  assert.ok(own.share(3, 3, peers) > 0.9);
  assert.ok(own.share(3, 1, peers) < 0.05);
});

test('Of more values than fit the heavy ones stay, and the total still counts all', () => {
  const counts = new RealmCounts({ maxValues: 64 });
  for (let i = 0; i < 20_000; i++) counts.learn(all(i % 4 === 0 ? 1 + (i % 16) : 100 + i), START);
  assert.ok(counts.distinctOf(0) <= 64);
  near(counts.countOf(0, 1, START), 1250);
  near(counts.acts(START), 20_000);
  assert.deepEqual(RealmCounts.decode(counts.encode()).encode(), counts.encode());
});

test('Values and times that are none are not counted', () => {
  const counts = new RealmCounts({ maxValues: Number.NaN });
  for (const odd of [Number.NaN, -1, 0.5, 2 ** 60, Number.POSITIVE_INFINITY]) {
    counts.learn(all(odd), odd, 1);
    counts.learn(all(7), START, odd);
    assert.ok(Number.isFinite(counts.share(0, odd)));
  }
  assert.ok(Number.isFinite(counts.acts(Number.NaN)));
  assert.deepEqual(RealmCounts.decode(counts.encode()).encode(), counts.encode());
});

test('Bytes that were changed are refused, or are counts that can be lived with', () => {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(life, fc.array(change, { minLength: 1, maxLength: 4 }), (acts, changes) => {
      const bytes = live(acts).encode();
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      try {
        const counts = RealmCounts.decode(bytes);
        counts.learn(all(3), START);
        const share = counts.share(0, 3);
        assert.ok(share > 0 && share < 1, `${share}`);
      } catch (error) {
        assert.ok(isCodedError(error) && error.code === 'bad_counts', String(error));
      }
    }),
    { numRuns: 300 },
  );
});
