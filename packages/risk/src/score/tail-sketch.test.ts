import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NumbersIn } from './numbers-in.ts';
import { NumbersOut } from './numbers-out.ts';
import { TailSketch } from './tail-sketch.ts';

const scores = fc.array(
  fc.oneof(
    fc.double({ min: -50, max: 50, noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constant(0),
  ),
  { minLength: 1, maxLength: 2_000 },
);

function sketchOf(raw: readonly number[]): TailSketch {
  const sketch = new TailSketch();
  for (const score of raw) sketch.add(score);
  return sketch;
}

/** The literal one: how many of all that were seen are at least this odd. */
function countAtLeast(raw: readonly number[], score: number): number {
  return raw.filter((each) => Math.fround(each) >= Math.fround(score)).length;
}

function copy(sketch: TailSketch): TailSketch {
  const out = new NumbersOut();
  sketch.encode(out);
  return TailSketch.decode(new NumbersIn(out.bytes(), (what) => new Error(what)));
}

describe('the share of acts at least this odd', () => {
  it('is the mid-rank of counting them all, within one act and a tenth', () => {
    fc.assert(
      fc.property(scores, fc.nat(), (raw, pick) => {
        const score = raw[pick % raw.length]!;
        const [acts, told] = [
          countAtLeast(raw, score) - 0.5,
          sketchOf(raw).tail(score) * raw.length,
        ];
        assert.ok(Math.abs(told - acts) <= 1 + 0.1 * acts, `${told} for ${acts}`);
      }),
      { numRuns: 200 },
    );
  });

  it('never rises with the score, and is above 0 however odd', () => {
    fc.assert(
      fc.property(
        scores,
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
        (raw, asked) => {
          const sketch = sketchOf(raw);
          const tails = asked.sort((a, b) => a - b).map((score) => sketch.tail(score));
          tails.forEach((tail, index) => {
            assert.ok(tail > 0 && tail <= 1);
            assert.ok(index === 0 || tail <= tails[index - 1]! + 1e-12);
          });
        },
      ),
    );
  });

  it('is not claimed ten times smaller than that of the oddest act ever seen', () => {
    fc.assert(
      fc.property(scores, fc.double({ min: 0, max: 1e6, noNaN: true }), (raw, further) => {
        const tail = sketchOf(raw).tail(Math.max(...raw) + further);
        assert.ok(tail >= 0.05 / raw.length);
      }),
    );
  });

  it('comes back from its bytes, in a few kilobytes for a hundred thousand acts', () => {
    const sketch = new TailSketch();
    for (let act = 0; act < 100_000; act++) sketch.add(Math.sin(act) ** 15 * 7 + ((act * 7) % 13));
    const out = new NumbersOut();
    sketch.encode(out);
    assert.ok(out.bytes().length < 8_192, `${out.bytes().length} bytes`);
    const again = copy(sketch);
    for (const score of [-8, 0, 3.5, 12, 19, 30])
      assert.equal(again.tail(score), sketch.tail(score));
  });

  it('is small for what is odder than all, though all of them were alike', () => {
    const sketch = sketchOf(new Array(1_000).fill(-7));
    assert.ok(sketch.tail(-7) > 0.9);
    assert.ok(sketch.tail(-6) < 0.02);
  });

  it('falls beyond the oddest half as fast as it fell before, to a tenth', () => {
    // The quantiles of an exponential tail: the share of what is odder than s is e to the -s.
    const count = 10_000;
    const raw = Array.from({ length: count }, (_, act) => -Math.log((act + 0.5) / count));
    const sketch = sketchOf(raw);
    const oddest = Math.max(...raw);
    const shares = [1, 2, 9].map((further) => sketch.tail(oddest + further) * count);
    for (const [at, wanted] of [Math.exp(-0.5), Math.exp(-1), 0.1].entries()) {
      const share = shares[at] ?? 0;
      assert.ok(Math.abs(share / (0.5 * wanted) - 1) < 0.25, `${share} for ${0.5 * wanted}`);
    }
  });

  it('is 1 before anything was seen, and what is no number is not seen', () => {
    const sketch = sketchOf([Number.NaN, Number.POSITIVE_INFINITY]);
    assert.equal(sketch.count, 0);
    assert.equal(sketch.tail(4), 1);
  });

  it('refuses bytes that are not its own', () => {
    const out = new NumbersOut();
    sketchOf(Array.from({ length: 400 }, (_, act) => act % 37)).encode(out);
    const bytes = out.bytes();
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const changed = bytes.slice();
          changed[at]! ^= flip;
          try {
            const read = TailSketch.decode(
              new NumbersIn(changed, (what) => new Error(`refused ${what}`)),
            );
            assert.ok(read.tail(3) > 0 && read.tail(3) <= 1);
          } catch (error) {
            assert.match((error as Error).message, /^refused/);
          }
        },
      ),
    );
  });
});
