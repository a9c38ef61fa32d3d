import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodedError, ManualClock } from '@countersign/vocabulary';
import { LogPromises } from './log-promises.ts';
import { LogPulse } from './log-pulse.ts';

function bench() {
  const clock = new ManualClock();
  const state = { durableSize: 0, publishedSize: 0, away: false, silent: false, asked: 0 };
  const notary = {
    size: async () => {
      state.asked += 1;
      if (state.away) throw new CodedError('peer_gone', 'gone');
      if (state.silent) return new Promise<never>(() => undefined);
      return { durableSize: state.durableSize, publishedSize: state.publishedSize };
    },
  };
  const promises = new LogPromises();
  const pulse = new LogPulse({ notary, clock, promises, answerMs: 20 });
  state.asked = 0;
  const at = (passMs: number, changes: Partial<typeof state> = {}): Promise<boolean> => {
    clock.advanceMs(passMs);
    Object.assign(state, changes);
    return pulse.current();
  };
  return { at, state, pulse, promises };
}

const checkpoint = (size: number): Buffer =>
  Buffer.from(`a/log\n${size}\n${Buffer.alloc(32).toString('base64')}\n\n\u2014 a/log AAAAAAA=\n`);

describe('the pulse of a log', () => {
  it('is there while the log shows what it took in a while ago', async () => {
    const { at } = bench();
    assert.equal(await at(0), true);
    assert.equal(await at(1000, { durableSize: 10 }), true);
    assert.equal(await at(1000, { durableSize: 20, publishedSize: 10 }), true);
    for (let n = 3; n < 20; n += 1) {
      const sizes = { durableSize: n * 10, publishedSize: n * 10 - 10 };
      assert.equal(await at(1000, sizes), true);
    }
  });

  it('is not while what it took in stays out of its checkpoint, and comes back with it', async () => {
    const { at } = bench();
    await at(0);
    assert.equal(await at(1000, { durableSize: 10 }), true);
    assert.equal(await at(3900, { durableSize: 30 }), true);
    assert.equal(await at(250), false);
    assert.equal(await at(250, { publishedSize: 9 }), false);
    assert.equal(await at(250, { publishedSize: 10 }), true);
  });

  it('is not while the log is gone or silent, nor before it has shown what it held when it came back', async () => {
    for (const fault of ['away', 'silent'] as const) {
      const { at } = bench();
      await at(0, { durableSize: 5, publishedSize: 5 });
      assert.equal(await at(250, { [fault]: true }), false);
      assert.equal(await at(60_000, { [fault]: false, durableSize: 8 }), false);
      assert.equal(await at(250, { durableSize: 12, publishedSize: 8 }), true);
    }
  });

  it('is not taken for each who asks', async () => {
    const { at, state } = bench();
    await Promise.all([at(0), at(100), at(100)]);
    assert.equal(state.asked, 0, 'the first answer is still fresh');
    await at(100);
    assert.equal(state.asked, 1);
  });

  it('does without a log that is away while its checkpoint lacks nothing that was promised', async () => {
    const { at, pulse, promises } = bench();
    promises.atLeast(5);
    assert.equal(await at(250, { away: true }), false);
    assert.deepEqual(
      [4, 5, 6].map((size) => pulse.lacksNothing(checkpoint(size))),
      [false, true, true],
    );
    promises.atLeast(6);
    assert.equal(pulse.lacksNothing(checkpoint(5)), false, 'one promised leaf is missing');
  });

  it('takes no checkpoint for whole while nobody knows what was promised', async () => {
    const { at, pulse } = bench();
    assert.equal(await at(250, { away: true }), false);
    assert.equal(pulse.lacksNothing(checkpoint(2 ** 48)), false);
  });

  it('takes nothing for whole that is no checkpoint', () => {
    const { pulse, promises } = bench();
    promises.atLeast(0);
    assert.equal(pulse.lacksNothing(checkpoint(0)), true);
    for (const text of ['', 'a/log\n7\n', String(checkpoint(7)).replace('7', '07'), '\u0000']) {
      assert.equal(pulse.lacksNothing(Buffer.from(text)), false, text);
    }
  });
});
