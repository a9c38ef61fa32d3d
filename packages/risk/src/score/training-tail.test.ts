import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { TrainingTails } from '../model/risk-model.ts';
import { trainingTail } from './training-tail.ts';

/** Two buckets: nothing is known of the first. */
const tails: TrainingTails = {
  raw: [Float64Array.of(), Float64Array.of(1, 2, 4)],
  tail: [Float64Array.of(), Float64Array.of(0.5, 0.1, 0.001)],
};
const tail = (raw: number, bucket = 1) => trainingTail(tails, bucket, raw);

describe('what training says of a score', () => {
  it('is its share, where training has that very score', () => {
    assert.deepEqual(
      [1, 2, 4].map((raw) => tail(raw)),
      [0.5, 0.1, 0.001],
    );
  });

  it('is on a straight line in the logarithm between two of them', () => {
    assert.ok(Math.abs((tail(3) ?? 0) - Math.sqrt(0.1 * 0.001)) < 1e-12);
    assert.ok(Math.abs((tail(1.5) ?? 0) - Math.sqrt(0.5 * 0.1)) < 1e-12);
  });

  it('is 1 below all, and of what is no number; and beyond all no less than was seen', () => {
    assert.deepEqual(
      [0.99, -1e9, Number.NaN].map((raw) => tail(raw)),
      [1, 1, 1],
    );
    assert.deepEqual(
      [5, 1e9].map((raw) => tail(raw)),
      [0.001, 0.001],
    );
  });

  it('is nothing where training had nothing', () => {
    assert.equal(tail(3, 0), undefined);
    assert.equal(tail(3, 7), undefined);
    assert.equal(trainingTail(undefined, 1, 3), undefined);
  });

  it('never rises with the score', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -9, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 9, noNaN: true }),
        (raw, more) => {
          assert.ok((tail(raw + more) ?? 1) <= (tail(raw) ?? 0));
        },
      ),
    );
  });
});
