import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { endLife, KEY_STATES, type KeyLife, neverSigns, startLife, stepLife } from './key-life.ts';

const rank = ({ state }: KeyLife): number => KEY_STATES.indexOf(state);
const steps = fc.array(
  fc.record({
    to: fc.constantFrom(...KEY_STATES, 'end' as const),
    atMs: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { maxLength: 20 },
);

describe('the life of a key', () => {
  it('never goes back, whatever is asked in whatever order at whatever time', () => {
    fc.assert(
      fc.property(steps, (asked) => {
        let life = startLife(500_000);
        for (const { to, atMs } of asked) {
          const before = structuredClone(life);
          try {
            life = to === 'end' ? endLife(life, atMs) : stepLife(life, to, atMs);
          } catch (error) {
            assert.equal((error as CodedError).code, 'life_conflict');
          }
          assert.ok(rank(life) >= rank(before));
          assert.ok(!neverSigns(before) || neverSigns(life));
          // What was is not rewritten, and no state is older than the one before it.
          assert.deepEqual({ ...life.sinceMs, ...before.sinceMs }, life.sinceMs);
          const times = KEY_STATES.flatMap((state) => life.sinceMs[state] ?? []);
          assert.deepEqual(
            times,
            times.toSorted((a, b) => a - b),
          );
          assert.equal(life.sinceMs[life.state], Math.max(...times));
        }
      }),
    );
  });

  it('ends from every state, and what was revoked stays revoked', () => {
    for (const state of KEY_STATES) {
      const life: KeyLife = { state, sinceMs: { planned: 1, [state]: 2 } };
      const ended = endLife(life, 3);
      assert.equal(ended.state, state === 'revoked' ? 'revoked' : 'retired');
      if (state === 'retired' || state === 'revoked') assert.equal(ended, life);
    }
  });
});
