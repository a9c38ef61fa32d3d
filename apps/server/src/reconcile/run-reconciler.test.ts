import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { Reconciler } from '@countersign/audit';
import { runReconciler } from './run-reconciler.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the running reconciler', () => {
  it('turns every second, at once after a nudge, and goes on after a failure', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      let turns = 0;
      const failures: unknown[] = [];
      const tick = async () => {
        turns += 1;
        if (turns === 2) throw new Error('the log is away');
        return [];
      };
      const running = runReconciler(
        { tick, catchUpAtBoot: async () => [] } satisfies Reconciler,
        (error) => failures.push(error),
      );
      mock.timers.tick(1000);
      await settle();
      assert.equal(turns, 1);
      running.nudge();
      mock.timers.tick(50);
      await settle();
      assert.equal(turns, 2);
      assert.match(String(failures[0]), /away/);
      mock.timers.tick(1000);
      await settle();
      assert.equal(turns, 3);
      await running.stop();
      mock.timers.tick(5000);
      assert.equal(turns, 3);
    } finally {
      mock.timers.reset();
    }
  });
});
