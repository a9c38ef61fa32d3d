import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { compareModels, type PairedAct } from './compare-models.ts';
import { judgeRate, wilson } from './judge-rate.ts';
import { measureDrift } from './measure-drift.ts';

/** Roughly normal, by the sum of twelve. */
function draws(seed: number, count: number, shift = 0): number[] {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    let sum = shift - 6;
    for (let turn = 0; turn < 12; turn++) sum += next();
    return sum;
  });
}

describe('drift', () => {
  it('is not seen where there is none', () => {
    const verdicts = [1, 2, 3, 4, 5].map(
      (seed) => measureDrift(draws(seed, 2_000), draws(seed + 50, 2_000)).verdict,
    );
    assert.deepEqual(new Set(verdicts), new Set(['steady']));
  });

  it('is seen where the middle has moved, and said louder where it moved further', () => {
    assert.equal(measureDrift(draws(1, 2_000), draws(2, 2_000, 0.4)).verdict, 'moving');
    assert.equal(measureDrift(draws(1, 2_000), draws(2, 2_000, 1)).verdict, 'moved');
  });

  it('is not claimed of few, of one value only, or of what are no numbers', () => {
    assert.equal(measureDrift(draws(1, 199), draws(2, 5_000)).verdict, 'too_few');
    const same = new Array<number>(500).fill(3);
    assert.equal(measureDrift(same, same).verdict, 'steady');
    assert.equal(measureDrift(new Array(500).fill(Number.NaN), same).verdict, 'too_few');
  });

  it('measures the distance that a count of every value measures', () => {
    const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 200, maxLength: 220 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const share = (list: number[], value: number) =>
          list.filter((each) => each <= value).length / list.length;
        const distances = [...one, ...other].map((value) =>
          Math.abs(share(one, value) - share(other, value)),
        );
        assert.ok(Math.abs(measureDrift(one, other).ks - Math.max(...distances)) < 1e-12);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the share that alarms', () => {
  it('is judged when there are enough, and not before', () => {
    assert.equal(judgeRate(0, 100, 0.01).verdict, 'too_few');
    assert.equal(judgeRate(1_000, 100_000, 0.01).verdict, 'within');
    assert.equal(judgeRate(2_000, 100_000, 0.01).verdict, 'above');
    assert.equal(judgeRate(500, 100_000, 0.01).verdict, 'below');
    assert.equal(judgeRate(13, 1_000, 0.01).verdict, 'unsure');
    assert.equal(judgeRate(0, 0, 0.01).verdict, 'too_few');
  });

  it('is above at once when everything alarms', () => {
    assert.equal(judgeRate(20, 20, 0.01).verdict, 'above');
  });

  it('lies in its own interval', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, share) => {
          const count = Math.floor(of * share);
          const { low, high } = wilson(count, of);
          assert.ok(
            0 <= low && low <= count / of + 1e-12 && count / of <= high + 1e-12 && high <= 1,
          );
        },
      ),
    );
  });
});

describe('a challenger', () => {
  const random = seededRandom(5);
  const legit = (score: number): PairedAct => ({ champion: score, challenger: score });
  const many = Array.from({ length: 5_000 }, (_, index) =>
    legit((random.bytes(1)[0] ?? 0) / 6 + (index % 100 === 0 ? 20 : 0)),
  );
  const attack = (champion: number, challenger: number): PairedAct => ({
    champion,
    challenger,
    label: 1,
  });

  it('is let in when it sees as much and disturbs no more', () => {
    assert.equal(compareModels([...many, attack(60, 70)]).release, true);
  });

  it('stays out when it misses an attack that is seen now', () => {
    const { release, why } = compareModels([...many, attack(60, 40)]);
    assert.equal(release, false);
    assert.match(why, /sees 0 of 1 attacks where 1/);
  });

  it('stays out when it alarms on what is no attack, or cannot judge at all', () => {
    const loud = many.map((act) => ({ ...act, challenger: act.challenger + 30 }));
    assert.equal(compareModels(loud).release, false);
    assert.equal(
      compareModels(many.map((act) => ({ ...act, challenger: Number.NaN }))).release,
      false,
    );
  });

  it('stays out while too few acts were judged by both', () => {
    assert.match(compareModels(many.slice(0, 100)).why, /2000 are needed/);
  });
});
