import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { actAtRandom } from './acts.ts';
import { Simulation } from './simulate-house.ts';

const SEEDS = Number(process.env['COUNTERSIGN_SEEDS'] ?? 250);
const FIRST = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
const STEPS = 60;
const SEEDS_PER_TEST = 50;

describe('a house with honest clients, a thief, a liar and crashes', () => {
  for (let start = FIRST; start < FIRST + SEEDS; start += SEEDS_PER_TEST) {
    const last = Math.min(start + SEEDS_PER_TEST, FIRST + SEEDS) - 1;
    test(`alarms exactly for the attacks, seeds ${start} to ${last}`, async () => {
      for (let seed = start; seed <= last; seed += 1) {
        try {
          await Simulation.run(seed, STEPS, actAtRandom);
        } catch (error) {
          throw new Error(`seed ${seed} failed: COUNTERSIGN_SEED=${seed} COUNTERSIGN_SEEDS=1`, {
            cause: error,
          });
        }
      }
    });
  }
});

test('the simulation can fail: an attack that is not expected is a false alarm', async () => {
  const run = Simulation.run(5, 1, async (world) => {
    const token = world.house.forge();
    await world.house.reportForged(token);
  });
  await assert.rejects(run, /false alarms/);
});

test('the simulation can fail: an attack that is expected but absent is missed', async () => {
  const run = Simulation.run(6, 1, async (world) => {
    world.expect.strayLeaves.add(999);
  });
  await assert.rejects(run, /stray leaf 999 missed/);
});
