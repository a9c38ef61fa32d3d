import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import fc from 'fast-check';
import { AttemptLimiter } from './limit-attempts.ts';

const limits = {
  mostAttemptsPerUsername: 3,
  mostAttemptsPerAddress: 5,
  attemptWindowMs: 60_000,
  mostRememberedAttempts: 100,
};
const ada = { realm: 'acme/workforce', username: 'ada' };

describe('the attempt limiter', () => {
  test('refuses beyond the limit, once with a first refusal, and forgets with time', () => {
    const clock = new ManualClock();
    const limiter = new AttemptLimiter(limits, clock);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      assert.equal(limiter.begin('192.0.2.1', ada).allowed, true);
    }
    const refused = limiter.begin('192.0.2.2', ada);
    assert.ok(!refused.allowed);
    assert.equal(refused.firstRefusal, true);
    assert.equal(refused.retryAfterSeconds, 60);
    const again = limiter.begin('192.0.2.2', ada);
    assert.ok(!again.allowed && !again.firstRefusal);
    clock.advanceMs(120_000);
    assert.equal(limiter.begin('192.0.2.2', ada).allowed, true);
  });

  test('counts one address over all usernames', () => {
    const limiter = new AttemptLimiter(limits, new ManualClock());
    const names = Array.from({ length: 6 }, (_, at) => ({ ...ada, username: `user-${at}` }));
    const verdicts = names.map((person) => limiter.begin('192.0.2.1', person).allowed);
    assert.deepEqual(verdicts, [true, true, true, true, true, false]);
  });

  test('no name that somebody types counts against the step-up of a person', () => {
    const limiter = new AttemptLimiter(limits, new ManualClock());
    for (const username of ['step-up ada', 'ada', 'acme/workforce ada']) {
      for (let attempt = 0; attempt < 3; attempt += 1)
        limiter.begin(username, { ...ada, username });
    }
    assert.equal(limiter.begin('192.0.2.9', ada).allowed, false);
    assert.equal(limiter.begin('192.0.2.9', { ...ada, as: 'step-up' }).allowed, true);
  });

  test('a right password takes back its own attempt and no other', () => {
    const limiter = new AttemptLimiter(limits, new ManualClock());
    limiter.begin('192.0.2.1', ada);
    limiter.begin('192.0.2.1', ada);
    const right = limiter.begin('192.0.2.1', ada);
    assert.ok(right.allowed);
    right.forgive();
    assert.equal(limiter.begin('192.0.2.1', ada).allowed, true);
    assert.equal(limiter.begin('192.0.2.1', ada).allowed, false);
  });

  test('a clock that jumps back opens nothing for long and locks nobody for ever', () => {
    const clock = new ManualClock();
    const limiter = new AttemptLimiter(limits, clock);
    for (let attempt = 0; attempt < 4; attempt += 1) limiter.begin('192.0.2.1', ada);
    clock.advanceMs(-3_600_000);
    assert.equal(limiter.begin('192.0.2.1', ada).allowed, true);
  });

  test('remembers a bounded number, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 500 }), (attempts) => {
        const limiter = new AttemptLimiter(
          { ...limits, mostRememberedAttempts: 20 },
          new ManualClock(),
        );
        for (const [address, username] of attempts) limiter.begin(address, { ...ada, username });
        return limiter.size <= 21;
      }),
      { numRuns: 30 },
    );
  });

  test('never allows more than the limit within one window', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const limiter = new AttemptLimiter({ ...limits, mostAttemptsPerAddress: 1e6 }, clock);
        const allowedAt: number[] = [];
        for (const step of steps) {
          clock.advanceMs(step);
          if (limiter.begin('192.0.2.1', ada).allowed) allowedAt.push(clock.nowMs());
        }
        // A window of two halves may let through at most twice the limit, never more.
        return allowedAt.every(
          (start) =>
            allowedAt.filter((at) => at >= start && at < start + limits.attemptWindowMs).length <=
            2 * limits.mostAttemptsPerUsername,
        );
      }),
      { numRuns: 100 },
    );
  });
});
