import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addKeyRuns, countRuns } from './sum-key-runs.ts';

const itemsOf = (kids: readonly string[]) => {
  const last = new Map<string, number>();
  return kids.map((kid, at) => {
    const keyNumber = (last.get(kid) ?? 0) + 1;
    last.set(kid, keyNumber);
    return { number: at + 1, kid, keyNumber, hash: '' };
  });
};

const runsOf = (numbers: readonly number[]) =>
  addKeyRuns(
    [],
    numbers.map((keyNumber, at) => ({ number: at, kid: 'a', keyNumber, hash: '' })),
  );

test('an honest journal is one run a key, which continues where the last page ended', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), fc.nat(), (kids, cut) => {
      const items = itemsOf(kids);
      const at = cut % (items.length + 1);
      const next = new Map<string, number>();
      for (const page of [items.slice(0, at), items.slice(at)]) {
        for (const [kid, runs] of Map.groupBy(addKeyRuns([], page), (run) => run.kid)) {
          const counted = countRuns(next.get(kid) ?? 1, runs);
          assert.deepEqual([counted.leftOut, counted.twice, runs.length], [[], [], 1]);
          next.set(kid, counted.next);
        }
      }
      for (const kid of new Set(kids)) {
        assert.equal(next.get(kid), kids.filter((other) => other === kid).length + 1);
      }
    }),
  );
});

test('whatever is taken out of a journal or put in twice is named, and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (raw) => {
      const numbers = raw.toSorted((left, right) => left - right);
      const last = numbers.at(-1) ?? 0;
      const { next, leftOut, twice } = countRuns(1, runsOf(numbers));
      const named = leftOut.flatMap((range) =>
        Array.from({ length: range.last - range.first + 1 }, (_, at) => range.first + at),
      );
      assert.equal(next, last + 1);
      assert.deepEqual(
        [...named, ...numbers].sort((a, b) => a - b),
        [...Array(last).keys()].map((at) => at + 1),
      );
      assert.deepEqual(twice, []);
      const again = countRuns(1, runsOf([...numbers, ...numbers]));
      assert.equal(again.next, last + 1);
      assert.ok(again.twice.length > 0);
    }),
  );
});
