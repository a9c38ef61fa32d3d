import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runReconciler } from './run-reconciler.ts';

const until = async (condition: () => boolean): Promise<void> => {
  for (let look = 0; look < 400 && !condition(); look += 1) await sleep(10);
  assert.ok(condition(), 'waited 4 s in vain');
};

describe('the running reconciler', () => {
  it('turns by itself, soon after a nudge, and goes on after a failure', async () => {
    let turns = 0;
    const failures: unknown[] = [];
    const running = runReconciler(
      [
        async () => {
          turns += 1;
          if (turns === 1) throw new Error('the log is away');
        },
      ],
      (error) => failures.push(error),
    );
    running.nudge();
    await until(() => turns === 1);
    assert.match(String(failures[0]), /away/);
    await until(() => turns === 2);
    await running.stop();
    running.nudge();
    await sleep(150);
    assert.equal(turns, 2);
  });

  it('cannot be kept from its turn by nudges without end', async () => {
    let turns = 0;
    const running = runReconciler(
      [
        async () => {
          turns += 1;
        },
      ],
      () => undefined,
    );
    const nudging = setInterval(running.nudge, 5);
    try {
      await until(() => turns >= 3);
    } finally {
      clearInterval(nudging);
      await running.stop();
    }
  });

  it('waits for the turn under way when it stops, all of it, and tells of each failure in it', async () => {
    let ended = false;
    let begun = false;
    const failures: unknown[] = [];
    const running = runReconciler(
      [
        async () => {
          throw new Error('the log is away');
        },
        async () => {
          begun = true;
          await sleep(100);
          ended = true;
          throw new Error('the store is away');
        },
      ],
      (error) => failures.push(error),
    );
    running.nudge();
    await until(() => begun);
    await running.stop();
    assert.equal(ended, true);
    assert.deepEqual(failures.map(String), ['Error: the log is away', 'Error: the store is away']);
  });
});
