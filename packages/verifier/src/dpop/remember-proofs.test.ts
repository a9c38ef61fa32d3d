import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplayMemory } from './remember-proofs.ts';

function bench(capacity = 1_000, retentionMs = 1_000) {
  let nowMs = 0;
  const memory = new ReplayMemory({ clock: { nowMs: () => nowMs }, capacity, retentionMs });
  return {
    record: (id: string, livesMs = retentionMs) => memory.record(id, nowMs + livesMs),
    advance: (stepMs: number) => {
      nowMs += stepMs;
    },
  };
}

describe('the memory of used proofs', () => {
  it('knows an id from its first use to its expiry', () => {
    const { record, advance } = bench();
    assert.equal(record('a'), 'first');
    assert.equal(record('a'), 'seen');
    advance(999);
    assert.equal(record('a'), 'seen');
    assert.equal(record('b'), 'first');
  });

  it('forgets after two generations, so that it cannot fill up for good', () => {
    const { record, advance } = bench(2);
    record('a');
    record('b');
    assert.equal(record('c'), 'full');
    advance(1_000);
    assert.equal(record('c'), 'first');
    advance(2_000);
    assert.equal(record('a'), 'first');
  });

  it('says that it is full rather than forgetting one that still matters', () => {
    const { record } = bench(100);
    for (let id = 0; id < 100; id += 1) assert.equal(record(`id ${id}`), 'first');
    assert.equal(record('one more'), 'full');
    for (let id = 0; id < 100; id += 1) assert.equal(record(`id ${id}`), 'seen');
  });

  it('refuses to remember for longer than it can', () => {
    const { record } = bench();
    assert.equal(record('a', 1_001), 'full');
  });

  it('forgets nothing when the clock steps back', () => {
    const { record, advance } = bench();
    record('a');
    advance(-500);
    assert.equal(record('a'), 'seen');
  });

  it('agrees with a plain set about every id that has not expired', () => {
    const step = fc.record({
      id: fc.nat({ max: 40 }),
      lives: fc.nat({ max: 100 }),
      wait: fc.nat({ max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { record, advance } = bench(1_000, 100);
        const expiries = new Map<number, number>();
        let nowMs = 0;
        for (const { id, lives, wait } of steps) {
          advance(wait);
          nowMs += wait;
          const verdict = record(`id ${id}`, lives);
          const expiry = expiries.get(id);
          if (expiry !== undefined && nowMs < expiry) {
            assert.equal(verdict, 'seen');
          }
          if (expiry === undefined) assert.equal(verdict, 'first');
          if (verdict === 'first') expiries.set(id, nowMs + lives);
        }
      }),
    );
  });
});
