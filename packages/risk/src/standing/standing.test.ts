import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_EVIDENCE } from './evidence.ts';
import { Standing } from './standing.ts';

const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const RANK = { low: 0, medium: 1, high: 2 };

const act = fc.record({
  id: fc.uuid(),
  timeMs: fc.integer({ min: NOW - 100 * DAY, max: NOW }),
  // Doubles are nearly all next to 0: what is evidence at all has to be drawn, too.
  score: fc.oneof(
    fc.double({ min: -10, max: 120, noNaN: true }),
    fc.integer({ min: 38, max: 101 }),
  ),
});
const acts = fc.uniqueArray(act, { maxLength: MAX_EVIDENCE, selector: ({ id }) => id });

function standingOf(all: readonly { id: string; timeMs: number; score: number }[]): Standing {
  const standing = new Standing();
  for (const each of all) standing.note(each);
  return standing;
}

describe('the standing of a subject', () => {
  it('is low and 0 before anything odd happened, however often it acted', () => {
    const standing = standingOf(
      Array.from({ length: 500 }, (_, n) => ({ id: `a${n}`, timeMs: NOW, score: 39 })),
    );
    assert.equal(standing.score(NOW), 0);
    assert.equal(standing.level(NOW), 'low');
  });

  it('is 0 to 100, at least its oddest act now, and never rises by itself', () => {
    fc.assert(
      fc.property(acts, fc.array(fc.nat({ max: 400 * DAY }), { minLength: 2 }), (all, waits) => {
        const standing = standingOf(all);
        const newest = Math.max(
          ...all.filter(({ timeMs }) => timeMs === NOW).map(({ score }) => score),
          0,
        );
        assert.ok(standing.score(NOW) >= Math.min(newest, 100) - 1e-6 || newest < 40);
        let [score, level] = [101, 2];
        for (const wait of waits.sort((a, b) => a - b)) {
          const [later, laterLevel] = [
            standing.score(NOW + wait),
            RANK[standing.level(NOW + wait)],
          ];
          assert.ok(later >= 0 && later <= 100 && later <= score + 1e-9);
          assert.ok(laterLevel <= level);
          [score, level] = [later, laterLevel];
        }
        assert.equal(standing.score(NOW + 181 * DAY), 0);
      }),
    );
  });

  it('does not depend on the order in which up to sixteen acts are heard of', () => {
    fc.assert(
      fc.property(acts, fc.nat(), (all, turn) => {
        const other = [...all].sort((a, b) => (a.id + turn > b.id + turn ? 1 : -1)).reverse();
        const [one, two] = [standingOf(all), standingOf(other)];
        assert.ok(Math.abs(one.score(NOW) - two.score(NOW)) < 1e-9);
        assert.equal(one.level(NOW), two.level(NOW));
      }),
    );
  });

  it('of a machine that is odd all week, at each token, is little above its oddest act', () => {
    const standing = new Standing();
    for (let n = 0; n < 7 * 288; n++) {
      const score = n % 3 === 0 ? 55 : 52;
      standing.note({ id: `t${n}`, timeMs: NOW + n * 300_000, score, daily: true });
    }
    const score = standing.score(NOW + 7 * DAY);
    assert.ok(score >= 50 && score < 70, `${score}`);
    assert.equal(standing.evidence.length, 7);
    standing.note({ id: 'odd', timeMs: NOW + 7 * DAY, score: 90, daily: true });
    assert.equal(standing.level(NOW + 7 * DAY), 'high');
  });

  it('counts an act once, though it is told twice', () => {
    const once = standingOf([{ id: 'a', timeMs: NOW, score: 60 }]);
    const twice = standingOf([
      { id: 'a', timeMs: NOW, score: 60 },
      { id: 'a', timeMs: NOW, score: 60 },
    ]);
    assert.deepEqual(twice.encode(), once.encode());
    const odder = standingOf([60, 70, 65].map((score) => ({ id: 'a', timeMs: NOW, score })));
    assert.equal(odder.score(NOW), 70, 'as odd as it was ever said to be');
  });

  it('halves in a week, and leaves a level only well below where it begins', () => {
    const standing = standingOf([{ id: 'a', timeMs: NOW, score: 80 }]);
    assert.equal(standing.score(NOW + 7 * DAY), 40);
    assert.equal(standing.level(NOW), 'high');
    assert.equal(standing.level(NOW + 1 * DAY), 'high', '72 is held');
    assert.equal(standing.level(NOW + 3 * DAY), 'medium', '59 is not');
    assert.equal(standing.level(NOW + 6 * DAY), 'medium', '44 is held');
    assert.equal(standing.level(NOW + 8 * DAY), 'low');
    const other = standingOf([{ id: 'a', timeMs: NOW, score: 44 }]);
    assert.equal(other.level(NOW), 'low', '44 alone does not begin medium');
  });

  it('begins evidence, medium and high with exactly 40, 50 and 75', () => {
    const levelOf = (score: number) => standingOf([{ id: 'a', timeMs: NOW, score }]).level(NOW);
    assert.equal(standingOf([{ id: 'a', timeMs: NOW, score: 40 }]).score(NOW), 40);
    assert.deepEqual([49.9, 50, 74.9, 75].map(levelOf), ['low', 'medium', 'medium', 'high']);
  });

  it('does not go back to a level that was left by an act that does not reach it', () => {
    const standing = standingOf([{ id: 'a', timeMs: NOW, score: 80 }]);
    const later = NOW + 30 * DAY;
    assert.equal(standing.level(later), 'low');
    standing.note({ id: 'b', timeMs: later, score: 70 });
    assert.equal(standing.level(later), 'medium', '70 keeps high, and does not begin it');
  });

  it('is what it would be with every act, though it keeps sixteen pieces', () => {
    const odd = Array.from({ length: 60 }, (_, n) => ({
      id: `a${n}`,
      timeMs: NOW - ((n * 17) % 60) * (DAY / 2),
      score: 40 + ((n * 7) % 20),
    }));
    assert.equal(standingOf(odd.slice(0, MAX_EVIDENCE)).evidence.length, MAX_EVIDENCE);
    const sum = odd
      .map(({ timeMs, score }) => (score * 2 ** ((timeMs - NOW) / (7 * DAY))) ** 6)
      .reduce((one, other) => one + other);
    assert.ok(Math.abs(standingOf(odd).score(NOW) - sum ** (1 / 6)) < 1e-3);
  });

  it('is more than its oddest act when there are several, and hardly more for small ones', () => {
    const many = standingOf([1, 2, 3, 4, 5].map((n) => ({ id: `a${n}`, timeMs: NOW, score: 60 })));
    assert.ok(many.score(NOW) > 75 && many.level(NOW) === 'high');
    const small = standingOf(
      [60, 41, 41, 41].map((score, n) => ({ id: `b${n}`, timeMs: NOW, score })),
    );
    assert.ok(small.score(NOW) < 63);
  });

  it('of somebody who acts a hundred times a week, as odd as everybody, is low', () => {
    // 25 * -log10 of what is evenly spread: the scores of legitimate acts.
    const ordinary = Array.from({ length: 100 }, (_, n) => ({
      id: `a${n}`,
      timeMs: NOW - n * (DAY / 14),
      score: Math.min(-25 * Math.log10((((n * 37) % 100) + 1.5) / 100), 49),
    }));
    assert.equal(standingOf(ordinary.reverse()).level(NOW), 'low');
  });
});

describe('what people say', () => {
  it('that it was an attacker keeps it high for ever, and no flood of odd acts washes it out', () => {
    const standing = standingOf([{ id: 'a', timeMs: NOW, score: 40 }]);
    standing.confirmCompromised('a', NOW);
    for (let n = 0; n < 100; n++)
      standing.note({ id: `b${n}`, timeMs: NOW + n, score: 30 + (n % 60) });
    assert.equal(standing.level(NOW + 1_000 * DAY), 'high');
    standing.takeBack('b99');
    assert.equal(standing.level(NOW + 1_000 * DAY), 'high');
    standing.clear(NOW + DAY);
    assert.equal(standing.level(NOW + DAY), 'low');
  });

  it('that it was an attacker counts of an act that was not odd, too', () => {
    const standing = new Standing();
    standing.confirmCompromised('ordinary', NOW);
    assert.equal(standing.level(NOW + 1_000 * DAY), 'high');
  });

  it('that it was harmless holds no level for what is left', () => {
    const standing = standingOf([
      { id: 'a', timeMs: NOW, score: 90 },
      { id: 'b', timeMs: NOW, score: 70 },
    ]);
    standing.takeBack('a');
    assert.equal(standing.level(NOW), 'medium');
  });

  it('of every act one by one leaves nothing, however many there were', () => {
    const ids = Array.from({ length: 3 * MAX_EVIDENCE }, (_, n) => `a${n}`);
    for (const odd of [[], [{ id: 'odd', timeMs: NOW, score: 60 }]]) {
      const standing = standingOf(odd);
      for (const [n, id] of ids.entries()) standing.confirmCompromised(id, NOW + n);
      for (const id of [...ids, 'odd']) standing.takeBack(id);
      assert.equal(standing.score(NOW + DAY), 0);
    }
  });

  it('that it was harmless takes back this one act', () => {
    const standing = standingOf([
      { id: 'a', timeMs: NOW, score: 90 },
      { id: 'b', timeMs: NOW, score: 55 },
    ]);
    standing.takeBack('a');
    assert.equal(standing.score(NOW), 55);
    assert.equal(standing.level(NOW), 'medium');
    standing.takeBack('never heard of');
    assert.equal(standing.score(NOW), 55);
  });

  it('of an act that nobody can name any more is taken back by its time, and nothing else is', () => {
    const standing = standingOf([{ id: 'odd', timeMs: NOW - DAY, score: 60 }]);
    standing.confirmCompromised('a', NOW);
    standing.takeBackUnnamed(NOW);
    assert.equal(standing.score(NOW), 100);
    standing.takeBackUnnamed(NOW + 1);
    assert.ok(Math.abs(standing.score(NOW) - 60 * 2 ** (-1 / 7)) < 1e-3);
  });

  it('that all is made good does not clear what comes after', () => {
    const standing = standingOf([{ id: 'a', timeMs: NOW, score: 90 }]);
    standing.clear(NOW);
    standing.note({ id: 'late', timeMs: NOW - 1, score: 90 });
    assert.equal(standing.score(NOW), 0, 'an act of before, heard of late');
    standing.note({ id: 'c', timeMs: NOW + 1, score: 90 });
    assert.equal(standing.level(NOW + 1), 'high');
  });
});

describe('the bytes of a standing', () => {
  it('bring it back, bounded, and others are refused', () => {
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 60 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (all, at, flip) => {
          const standing = standingOf(all);
          const bytes = standing.encode();
          assert.ok(bytes.length < 450);
          const again = Standing.decode(bytes);
          assert.deepEqual(again.encode(), bytes);
          assert.equal(again.score(NOW + DAY), standing.score(NOW + DAY));
          const changed = bytes.slice();
          changed[at % bytes.length]! ^= flip;
          try {
            const score = Standing.decode(changed).score(NOW);
            assert.ok(score >= 0 && score <= 100);
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'bad_standing');
          }
        },
      ),
    );
  });

  it('hold no level that is none', () => {
    const bytes = standingOf([{ id: 'a', timeMs: NOW, score: 90 }]).encode();
    bytes[1] = 3;
    assert.throws(() => Standing.decode(bytes), { code: 'bad_standing' });
  });

  it('hold no time that is none', () => {
    const standing = new Standing();
    standing.note({ id: 'a', timeMs: Number.NaN, score: 90 });
    standing.confirmCompromised('b', Number.POSITIVE_INFINITY);
    standing.clear(Number.NaN);
    assert.deepEqual(standing.encode(), new Standing().encode());
  });
});
