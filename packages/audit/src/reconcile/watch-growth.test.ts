import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwakeTime, GrowthWatch } from './watch-growth.ts';

test('a size is ripe when it was in sight for the grace period, not earlier', () => {
  const watch = new GrowthWatch(5000);
  assert.equal(watch.observe(10, 0), 0);
  assert.equal(watch.observe(20, 2000), 0);
  assert.equal(watch.observe(20, 4999), 0);
  assert.equal(watch.observe(30, 5000), 10);
  assert.equal(watch.observe(30, 6999), 10);
  assert.equal(watch.observe(30, 7000), 20);
  assert.equal(watch.observe(30, 10_000), 30);
});

test('looks in quick succession are folded and ripen with the next one that is kept', () => {
  const watch = new GrowthWatch(5000);
  watch.observe(1, 0);
  for (let n = 1; n < 100; n += 1) watch.observe(1 + n, n);
  assert.equal(watch.observe(100, 5000), 1);
  assert.equal(watch.observe(100, 10_000), 100);
});

test('a pause counts as one step, and a clock that jumps back as none', () => {
  const awake = new AwakeTime(1250);
  assert.equal(awake.look(1_000_000), 0);
  assert.equal(awake.look(1_001_000), 1000);
  assert.equal(awake.look(9_000_000), 2250);
  assert.equal(awake.look(2_000_000), 2250);
  assert.equal(awake.look(2_000_500), 2750);
});
