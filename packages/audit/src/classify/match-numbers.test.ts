import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeNumbers, matchNumbers, toRanges } from './match-numbers.ts';

test('what is in both, and the same, matches; the rest is named', () => {
  const items = [3, 4, 5, 6].map((number) => ({ number, hash: `h${number}` }));
  const ledger = new Map([
    [3, { number: 3, hash: 'h3' }],
    [5, { number: 5, hash: 'other' }],
    [6, { number: 6, hash: 'h6' }],
  ]);
  const { missing, differing, gaps } = matchNumbers(3, items, ledger);
  assert.deepEqual(
    missing.map(({ number }) => number),
    [4],
  );
  assert.deepEqual(
    differing.map(({ number }) => number),
    [5],
  );
  assert.deepEqual(gaps, []);
});

test('a number that is left out or doubled is a gap, once', () => {
  const items = [1, 2, 5, 6, 6].map((number) => ({ number, hash: '' }));
  const ledger = new Map(items.map((item) => [item.number, item]));
  assert.deepEqual(matchNumbers(1, items, ledger).gaps, [3, 7]);
});

test('the same hash under another key differs', () => {
  const ledger = new Map([[1, { number: 1, hash: 'h', kid: 'a' }]]);
  const { differing } = matchNumbers(1, [{ number: 1, hash: 'h', kid: 'b' }], ledger);
  assert.equal(differing.length, 1);
});

test('ranges hold exactly the numbers they were made of', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), (raw) => {
      const numbers = raw.toSorted((left, right) => left - right);
      const expanded = toRanges(numbers).flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, offset) => first + offset),
      );
      assert.deepEqual(expanded, numbers);
    }),
  );
});

test('a description of numbers is cut between numbers', () => {
  assert.equal(describeNumbers([1, 2, 3, 7]), '1-3,7');
  assert.equal(describeNumbers([10, 20, 30, 40], 7), '10,20,…');
  const many = Array.from({ length: 5000 }, (_, n) => n * 2);
  assert.ok(describeNumbers(many).length <= 1002);
});
