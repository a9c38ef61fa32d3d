// Freeman/EXTEND once more, as its formulas are written: rows are filtered and counted anew for every score,
// nothing is kept between two. Slow, plain, and written from the paper, not from the code beside it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { emptyTraits, type Logins, TRAITS } from '../logins.ts';
import { Freeman, wholeFrameAttenuation } from './freeman.ts';

interface Row {
  user: number;
  ip: number;
  asn: number;
  country: number;
  ua: number;
  browser: number;
  os: number;
  device: number;
}
type Name = Exclude<keyof Row, 'user'>;
const WEIGHTS: [Name, number][][] = [
  [
    ['ip', 0.6],
    ['asn', 0.3],
    ['country', 0.1],
  ],
  [
    ['ua', 0.5386653840551359],
    ['browser', 0.2680451498625666],
    ['os', 0.18818295100109536],
    ['device', 0.0051065150812021525],
  ],
];

const distinct = (rows: readonly Row[], name: Name): number =>
  new Set(rows.map((row) => row[name])).size;
const having = (rows: readonly Row[], name: Name, value: number): number =>
  rows.filter((row) => row[name] === value).length;

/** S = Π (g / l) · (1 / users) / (n / N); p(x | attack) = 1. @param frame for `r`; `r` is 1 without */
function literal(
  history: readonly Row[],
  user: number,
  asked: Row,
  frame?: readonly Row[],
): number {
  const own = history.filter((row) => row.user === user);
  if (own.length === 0) return Number.NaN;
  const [N, n] = [history.length, own.length];
  let S = 1 / new Set(history.map((row) => row.user)).size / (n / N);
  for (const levels of WEIGHTS) {
    const [first, ...below] = levels as [[Name, number], ...[Name, number][]];
    const [name, weight] = first;
    const M = below.reduce((sum, [level]) => sum + distinct(history, level), 1);
    const c = having(history, name, asked[name]);
    const p = c > 0 ? (c / N) * (1 - M / (N + M)) : 1 / (N + M);
    const g = below.reduce(
      (sum, [level, w]) => sum + (w * having(history, level, asked[level])) / N,
      weight * p * attenuation(name, below, asked, frame),
    );
    const l = levels.reduce(
      (sum, [level, w]) => sum + (w * having(own, level, asked[level])) / n,
      0,
    );
    S *= g / (l === 0 ? g / 4 : l);
  }
  return S;
}

/** r = q / (q + m) over the whole frame; what the frame does not have is not attenuated. */
function attenuation(
  name: Name,
  below: readonly [Name, number][],
  asked: Row,
  frame: readonly Row[] | undefined,
): number {
  const rows = frame?.filter((row) => row[name] === asked[name]) ?? [];
  if (rows.length === 0) return 1;
  const m = below.reduce((sum, [level]) => sum + distinct(rows, level), 1);
  return rows.length / (rows.length + m);
}

function toLogins(rows: readonly Row[], users: number): Logins {
  const traits = emptyTraits(rows.length);
  for (const trait of TRAITS) traits[trait] = Uint32Array.from(rows, (row) => row[trait]);
  return {
    ...{ size: rows.length, users, traits, deviceNames: [], population: [] },
    user: Uint32Array.from(rows, ({ user }) => user),
    timeMs: Float64Array.from(rows, (_, at) => at),
  };
}

const few = (most: number) => fc.integer({ min: 1, max: most });
const row: fc.Arbitrary<Row> = fc.record({
  ...{ user: fc.integer({ min: 0, max: 4 }), ip: few(12), asn: few(5), country: few(3) },
  ...{ ua: few(10), browser: few(5), os: few(3), device: few(2) },
});
const frames = fc.array(row, { minLength: 1, maxLength: 40 });

describe('Freeman as it is counted up, and as it is written down', () => {
  test('give the same score of any login and of any attacker', () => agree(false));
  test('give it with the r of the whole frame, too', () => agree(true));
});

function agree(isWhole: boolean): void {
  fc.assert(
    fc.property(frames, frames, (rows, attackers) => {
      const logins = toLogins(rows, 5);
      const shown = toLogins(attackers, 5).traits;
      const freeman = new Freeman(logins, isWhole ? wholeFrameAttenuation(logins) : undefined);
      const frame = isWhole ? rows : undefined;
      rows.forEach(({ user }, at) => {
        const history = rows.slice(0, at);
        near(freeman.score(user, logins.traits, at), literal(history, user, rows[at]!, frame));
        const other = at % attackers.length;
        near(freeman.score(user, shown, other), literal(history, user, attackers[other]!, frame));
        freeman.learn(at);
      });
    }),
    { numRuns: 150 },
  );
}

function near(actual: number, expected: number): void {
  if (Number.isNaN(expected)) assert.ok(Number.isNaN(actual));
  else assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${actual} is not ${expected}`);
}
