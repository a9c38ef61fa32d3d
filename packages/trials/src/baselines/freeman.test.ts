import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { emptyTraits, type Logins, TRAITS } from '../logins.ts';
import { EXTEND, Freeman, wholeFrameAttenuation } from './freeman.ts';

/** Each row: user, then ip, asn, country, ua, browser, os, device. */
function frame(rows: readonly (readonly number[])[]): Logins {
  const traits = emptyTraits(rows.length);
  rows.forEach((row, at) => {
    TRAITS.forEach((trait, index) => {
      traits[trait][at] = row[index + 1]!;
    });
  });
  return {
    size: rows.length,
    user: Uint32Array.from(rows, ([user]) => user!),
    users: 3,
    timeMs: Float64Array.from(rows, (_, at) => at),
    traits,
    population: ['customer', 'customer', 'customer'],
    deviceNames: [],
  };
}

const LOGINS = frame([
  [0, 1, 1, 1, 1, 1, 1, 1],
  [0, 1, 1, 1, 2, 1, 1, 1],
  [1, 2, 1, 1, 3, 2, 1, 1],
  // What is asked about below; never learned.
  [0, 2, 1, 1, 1, 1, 1, 1],
  [1, 9, 9, 9, 3, 2, 1, 1],
]);
const [UA, BROWSER, OS, DEVICE] = EXTEND[1]!.map(({ weight }) => weight) as [
  number,
  number,
  number,
  number,
];

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${actual} is not ${expected}`);
}

describe('Freeman with the levels of EXTEND, worked out by hand', () => {
  const freeman = new Freeman(LOGINS);
  for (const row of [0, 1, 2]) freeman.learn(row);

  test('an address of somebody else, in the own network, with an agent that is known', () => {
    // N = 3, n = 2, two users. M = 3 for addresses (1 + one network + one country), 5 for agents.
    const ip = (0.6 * (1 / 3) * (1 - 3 / 6) + 0.3 + 0.1) / (0.3 + 0.1);
    const agentOfAll = UA * (1 / 3) * (1 - 5 / 8) + BROWSER * (2 / 3) + OS + DEVICE;
    const agentOfUser = UA / 2 + BROWSER + OS + DEVICE;
    near(freeman.score(0, LOGINS.traits, 3), (ip * (agentOfAll / agentOfUser) * (1 / 2)) / (2 / 3));
  });

  test('nothing of the kind in the history counts as four times less likely than for anybody', () => {
    const agentOfAll = UA * (1 / 3) * (1 - 5 / 8) + BROWSER * (1 / 3) + OS + DEVICE;
    near(freeman.score(1, LOGINS.traits, 4), (4 * agentOfAll * (1 / 2)) / (1 / 3));
  });

  test('who has no history is not scored', () => {
    assert.ok(Number.isNaN(freeman.score(2, LOGINS.traits, 3)));
  });

  test('r as published looks at the whole frame: rows of the value, and what is below them', () => {
    const r = wholeFrameAttenuation(LOGINS);
    near(r('ip', 1), 2 / (2 + 3));
    near(r('ip', 2), 2 / (2 + 3));
    near(r('ua', 1), 2 / (2 + 4));
    const attenuated = new Freeman(LOGINS, r);
    for (const row of [0, 1, 2]) attenuated.learn(row);
    const ip = (0.6 * (1 / 3) * (1 - 3 / 6) * (2 / 5) + 0.4) / 0.4;
    const agentOfAll = UA * (1 / 3) * (1 - 5 / 8) * (2 / 6) + BROWSER * (2 / 3) + OS + DEVICE;
    const agentOfUser = UA / 2 + BROWSER + OS + DEVICE;
    near(
      attenuated.score(0, LOGINS.traits, 3),
      (ip * (agentOfAll / agentOfUser) * (1 / 2)) / (2 / 3),
    );
  });
});
