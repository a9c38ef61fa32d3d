import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PRIOR_TRAFFIC } from '@countersign/risk';
import { generateWorld } from '../generator/generate-world.ts';
import { generateTraffic } from './generate-traffic.ts';
import type { Campaign } from './traffic-act.ts';
import { streamOf, trainTraffic } from './train-traffic.ts';

const SMALL = { users: 1500, days: 120 };

describe('a stream of traffic', () => {
  const acts = generateTraffic(5, SMALL);

  test('has the logins of the world as they are, so that no figure measured on them moves', () => {
    const logins = generateWorld(5, SMALL);
    const own = acts.filter(({ failed, campaign }) => !failed && campaign === undefined);
    assert.equal(own.length, logins.size);
    assert.deepEqual(
      own.map(({ timeMs }) => timeMs),
      [...logins.timeMs],
    );
  });

  test('is the same from the same seed, in order of time, with people and attackers who fail', () => {
    assert.deepEqual(generateTraffic(5, SMALL), acts);
    for (let at = 1; at < acts.length; at++) assert.ok(acts[at - 1]!.timeMs <= acts[at]!.timeMs);
    const failed = acts.filter((act) => act.failed);
    const people = failed.filter(({ campaign }) => campaign === undefined).length;
    assert.ok(people > 0.1 * 3000 && failed.length > 3 * people);
  });
});

test('the trained head finds in another stream, at one in a thousand, no less than judgement, and more of brute force', () => {
  const { part } = trainTraffic(16, SMALL);
  const { x, y, campaign } = streamOf(17, SMALL);
  const scoresOf = (score: (row: Float64Array) => number) =>
    Float64Array.from({ length: x.rows }, (_, row) =>
      score(x.data.subarray(row * x.columns, (row + 1) * x.columns)),
    );
  const found = (scores: Float64Array, name: Campaign): number => {
    const legitimate = scores.filter((_, row) => y[row] === 0).sort();
    const threshold = legitimate[Math.floor(0.999 * legitimate.length)]!;
    const hits = scores.filter((_, row) => campaign[row] === name);
    return hits.filter((score) => score > threshold).length / hits.length;
  };
  const trained = scoresOf((row) => part.predict(row));
  const judged = scoresOf((row) =>
    row.reduce((sum, cell, column) => sum + cell * PRIOR_TRAFFIC[column]!, 0),
  );
  for (const name of ['spray', 'stuffing', 'brute force'] as const) {
    assert.ok(found(trained, name) >= found(judged, name), name);
    assert.ok(found(trained, name) > 0.8, `${name}: ${found(trained, name)}`);
  }
  assert.ok(found(trained, 'brute force') > found(judged, 'brute force') + 0.1);
});
