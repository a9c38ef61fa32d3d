import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addToSet, isInSet, NumberTable, sizeOfSet } from './number-table.ts';

const written = (table: NumberTable) => {
  const numbers = new Float64Array(table.length);
  assert.equal(table.writeInto(numbers, 0), numbers.length);
  return numbers;
};

describe('a table of numbers', () => {
  it('gives nobody the row of somebody who was forgotten, or made room', () => {
    const table = new NumberTable(3, 2);
    table.touch(1).fill(7);
    table.remove(1);
    assert.deepEqual([...table.touch(2)], [0, 0, 0]);
    table.touch(2).fill(8);
    table.touch(3).fill(9);
    assert.deepEqual([...table.touch(4)], [0, 0, 0], 'in the place of 2');
    assert.equal(table.find(2), undefined);
    assert.deepEqual([...(table.find(3) ?? [])], [9, 9, 9]);
  });

  it('lets go whoever was not touched for longest; a look is no touch', () => {
    const table = new NumberTable(1, 3);
    for (const key of [1, 2, 3]) table.touch(key).fill(key);
    table.touch(1);
    table.find(2);
    table.touch(4);
    assert.deepEqual(
      [1, 2, 3, 4].map((key) => table.find(key) !== undefined),
      [true, false, true, true],
    );
    assert.equal(table.size, 3);
  });

  it('comes back as it was written, in the order of its touches', () => {
    const table = new NumberTable(2, 200);
    for (let key = 1; key <= 150; key++) table.touch(key).set([key, -key]);
    for (const key of [10, 20]) table.remove(key);
    table.touch(5);
    const again = new NumberTable(2, 200);
    again.load(written(table));
    assert.deepEqual(written(again), written(table));
    assert.deepEqual([...(again.find(150) ?? [])], [150, -150]);
    again.touch(999).fill(1);
    assert.deepEqual([...(again.find(150) ?? [])], [150, -150], 'a new row is nobody else’s');
  });

  it('refuses numbers that it did not write', () => {
    const load = (...numbers: number[]) => {
      new NumberTable(2, 2).load(Float64Array.from(numbers));
    };
    load(1, 2, 10, 11, 20, 21);
    const refused: [string, number[]][] = [
      ['half a row', [1, 2, 3, 4]],
      ['more rows than there is room for', [1, 2, 3, 0, 0, 0, 0, 0, 0]],
      ['what is no number', [1, 10, Number.NaN]],
      ['a key twice', [1, 1, 10, 11, 20, 21]],
      ['a key that is no whole number', [0.5, 10, 11]],
    ];
    for (const [what, numbers] of refused) {
      assert.throws(() => load(...numbers), { code: 'bad_detectors' }, what);
    }
  });
});

describe('a set in a row', () => {
  it('takes each value once, as long as there is room, and touches nothing beside it', () => {
    const row = Float64Array.of(7, 0, 0, 0, 7);
    assert.deepEqual(
      [11, 12, 11, 13, 14].map((value) => addToSet(row, 1, 3, value)),
      [true, true, false, true, false],
    );
    assert.deepEqual([...row], [7, 11, 12, 13, 7]);
    assert.deepEqual([sizeOfSet(row, 1, 3), sizeOfSet(Float64Array.of(7, 9, 0), 1, 2)], [3, 1]);
    assert.deepEqual(
      [7, 11, 13, 14].map((value) => isInSet(row, 1, 3, value)),
      [false, true, true, false],
    );
  });
});
