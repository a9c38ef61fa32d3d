import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bootstrapRates } from './bootstrap.ts';
import { CaseList, type Cases, historyBucket } from './cases.ts';
import { areaUnderCurve, ascending, precisionAt, shareAbove, thresholdAt } from './measures.ts';
import { realise } from './realised.ts';
import { countReauths } from './reauth-counts.ts';
import { fromOddest, ratesOf } from './sweep.ts';

interface Made {
  kind: number;
  score: number;
  user: number;
  depth?: number;
  isValidation?: boolean;
}

function casesOf(made: readonly Made[]): Cases {
  const list = new CaseList(['it']);
  made.forEach(({ kind, score, user, depth = 1, isValidation = false }, row) => {
    const bucket = historyBucket(depth);
    const facts = { kind, user, row, isValidation, bucket, country: 20_047, device: 1 };
    list.add({ ...facts, population: 'customer' }, [score]);
  });
  return list.done();
}

/** Few different scores, so that many are equal. */
const made = fc.array(
  fc.record({
    kind: fc.constantFrom(0, 0, 1, 2),
    score: fc.integer({ min: 0, max: 12 }),
    user: fc.integer({ min: 0, max: 5 }),
  }),
  { minLength: 8, maxLength: 60 },
);

describe('rates', () => {
  test('are what counting pair by pair and threshold by threshold says', () => {
    fc.assert(
      fc.property(made, (list) => {
        const cases = casesOf(list);
        const scores = cases.scores['it']!;
        const [, rates] = ratesOf(cases, scores, fromOddest(cases, scores));
        const legit = list.filter(({ kind }) => kind === 0).map(({ score }) => score);
        const attacks = list.filter(({ kind }) => kind === 1).map(({ score }) => score);
        if (legit.length === 0 || attacks.length === 0) return;
        const share = (of: number[], from: number): number =>
          of.filter((score) => score >= from).length / of.length;
        let [recall, reauth90] = [0, 1];
        for (let from = 13; from >= 0; from--) {
          if (share(legit, from) <= 0.01) recall = share(attacks, from);
          if (share(attacks, from) >= 0.9) reauth90 = Math.min(reauth90, share(legit, from));
        }
        assert.equal(rates!.recallAtFpr1, recall);
        assert.equal(rates!.reauthAtTpr90, reauth90);
        let wins = 0;
        for (const attack of attacks)
          for (const other of legit) wins += attack > other ? 1 : attack === other ? 0.5 : 0;
        const auc = wins / legit.length / attacks.length;
        assert.ok(Math.abs(rates!.auc - auc) < 1e-9);
        assert.ok(
          Math.abs(areaUnderCurve(ascending(legit), Float64Array.from(attacks)) - auc) < 1e-9,
        );
      }),
    );
  });

  test('with weights are those of a list in which every user stands so many times', () => {
    fc.assert(
      fc.property(
        made,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }),
        (list, often) => {
          const cases = casesOf(list);
          const scores = cases.scores['it']!;
          const weights = Float64Array.from(often);
          if (list.every(({ user, kind }) => kind !== 0 || often[user] === 0)) return;
          if (list.every(({ user, kind }) => kind !== 1 || often[user] === 0)) return;
          const weighed = ratesOf(cases, scores, fromOddest(cases, scores), weights)[1]!;
          const repeated = casesOf(
            list.flatMap((each) => Array<Made>(often[each.user]!).fill(each)),
          );
          const again = repeated.scores['it']!;
          const plain = ratesOf(repeated, again, fromOddest(repeated, again))[1]!;
          assert.ok(Object.is(plain.recallAtFpr1, weighed.recallAtFpr1));
          assert.ok(Number.isNaN(plain.auc) || Math.abs(plain.auc - weighed.auc) < 1e-9);
        },
      ),
    );
  });

  test('a threshold is above all but its share of the legitimate', () => {
    const legit = ascending(Array.from({ length: 1000 }, (_, at) => at));
    assert.equal(shareAbove(legit, thresholdAt(legit, 0.01)), 0.01);
    assert.equal(thresholdAt(ascending([]), 0.01), Number.POSITIVE_INFINITY);
  });

  test('precision falls with prevalence: at one in 10,000 a perfect detector at 1 % is right once in a hundred', () => {
    assert.ok(Math.abs(precisionAt(1e-4, 1, 0.01) - 0.0099) < 1e-4);
    assert.equal(precisionAt(1e-4, 0, 0), 0);
  });
});

describe('intervals', () => {
  test('are wider where the same cases are those of a few people, who are found or missed whole', () => {
    const width = (people: number): number => {
      const list = Array.from({ length: 2000 }, (_, at): Made => {
        const isFound = Math.floor(at / 250) % 2 === 0;
        const kind = at % 4 === 0 ? 1 : 0;
        return { kind, score: kind * (isFound ? 9 : -9), user: Math.floor((at * people) / 2000) };
      });
      const cases = casesOf(list);
      const scores = cases.scores['it']!;
      const draws = { seed: 1, draws: 60, users: people };
      const [low, high] = bootstrapRates(cases, scores, fromOddest(cases, scores), draws)[1]!.auc;
      assert.ok(low < 0.5 && high > 0.5, `${low} ${high}`);
      return high - low;
    };
    assert.ok(width(8) > 3 * width(2000));
  });
});

describe('a threshold that was set before', () => {
  const validation = Array.from(
    { length: 1000 },
    (_, at): Made => ({
      ...{ kind: 0, score: at, user: at, isValidation: true },
    }),
  );
  const test20 = Array.from(
    { length: 1000 },
    (_, at): Made => ({
      // From the 981st on over what validation had: twice the budget.
      ...{ kind: 0, score: at + 10, user: at, depth: at < 500 ? 1 : 12 },
    }),
  );

  test('is measured on what came after, of all and of each group', () => {
    const cases = casesOf([...validation, ...test20, { kind: 1, score: 5000, user: 1 }]);
    const realised = realise(cases, cases.scores['it']!, 0.01, ['', 'mobile']);
    assert.equal(realised.fpr, 0.02);
    assert.equal(realised.recall[1], 1);
    assert.deepEqual(
      realised.byHistory.map(({ group, fpr }) => [group, fpr]),
      [
        ['1', 0],
        ['10+', 0.04],
      ],
    );
    assert.deepEqual(realised.disparities, ['history 10+']);
    assert.deepEqual(
      realised.byCountry.map(({ group }) => group),
      ['NO'],
    );
  });

  test('is the promised one where the score promises', () => {
    const cases = casesOf([...validation, ...test20]);
    const realised = realise(cases, cases.scores['it']!, 0.01, [], 1009);
    assert.deepEqual([realised.threshold, realised.fpr], [1009, 0.001]);
  });
});

test('how often people are asked again is counted along their first logins', () => {
  const people = Array.from({ length: 30 }, (_, user) => user);
  const cases = casesOf([
    ...people.flatMap((user) => [9, 1, 9, 1].map((score): Made => ({ kind: 0, score, user }))),
    ...[8, 8, 8, 0].map((score): Made => ({ kind: 1, score, user: 0 })),
  ]);
  const { median } = countReauths(cases, cases.scores['it']!, 1, 0.75);
  assert.deepEqual(median, { 4: 2, 12: null, 25: null, 39: null });
});
