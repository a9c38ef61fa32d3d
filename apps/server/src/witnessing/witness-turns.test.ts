import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WitnessTurns } from './witness-turns.ts';

function turns() {
  const clock = { ms: 0 };
  return { clock, turns: new WitnessTurns(['w'], () => clock.ms) };
}

describe('whose turn it is', () => {
  it('is a witness that has not cosigned this checkpoint, one request at a time', () => {
    const { turns: of } = turns();
    assert.ok(of.isDue('w', 1));
    of.begin('w');
    assert.ok(!of.isDue('w', 1));
    assert.ok(!of.isDue('w', 2), 'not for a newer one either');
    of.succeed('w', 1, 100);
    assert.ok(!of.isDue('w', 1));
    assert.ok(of.isDue('w', 2));
  });

  it('is one whose word is 20 seconds old', () => {
    const { clock, turns: of } = turns();
    of.begin('w');
    of.succeed('w', 1, 100);
    clock.ms = 19_999;
    assert.ok(!of.isDue('w', 1));
    clock.ms = 20_000;
    assert.ok(of.isDue('w', 1));
  });

  it('is a dead one ever more seldom, but at least twice a minute', () => {
    const { clock, turns: of } = turns();
    const pauses: number[] = [];
    for (let failure = 0; failure < 40; failure += 1) {
      of.begin('w');
      of.fail('w', 'timed_out');
      const failedMs = clock.ms;
      while (!of.isDue('w', 7)) clock.ms += 500;
      pauses.push(clock.ms - failedMs);
    }
    assert.deepEqual(pauses.slice(0, 7), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    assert.equal(Math.max(...pauses), 30_000);
    of.begin('w');
    of.succeed('w', 7, 1);
    of.begin('w');
    of.fail('w', 'refused');
    clock.ms += 1000;
    assert.ok(of.isDue('w', 8), 'after a success it is quick again');
    const [described] = of.describe();
    assert.deepEqual(described?.failures, [
      ['timed_out', 40],
      ['refused', 1],
    ]);
    assert.equal(described?.answers, false);
  });
});
