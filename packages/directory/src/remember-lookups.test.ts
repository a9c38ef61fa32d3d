import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { rememberLookups } from './remember-lookups.ts';

test('an answer is looked up once, until it is forgotten or old', async () => {
  const clock = new ManualClock();
  const memory = rememberLookups<number>(clock);
  let looks = 0;
  const look = async (): Promise<number> => {
    looks += 1;
    return looks;
  };
  assert.equal(await memory.find('a', look), 1);
  assert.equal(await memory.find('a', look), 1);
  memory.forget('a');
  assert.equal(await memory.find('a', look), 2);
  clock.advanceMs(4999);
  assert.equal(await memory.find('a', look), 2);
  clock.advanceMs(1);
  assert.equal(await memory.find('a', look), 3);
  clock.advanceMs(-60_000);
  assert.equal(await memory.find('a', look), 4);
});

test('a lookup under way when its key is forgotten is not remembered', async () => {
  const memory = rememberLookups<string>(new ManualClock());
  const slow = Promise.withResolvers<string>();
  const under = memory.find('a', () => slow.promise);
  memory.forget('a');
  slow.resolve('old');
  assert.equal(await under, 'old');
  assert.equal(await memory.find('a', async () => 'new'), 'new');
  assert.equal(await memory.find('a', async () => 'newer'), 'new');
});

test('absence and failure are not remembered', async () => {
  const memory = rememberLookups<string>(new ManualClock());
  assert.equal(await memory.find('a', async () => undefined), undefined);
  const failing = memory.find('a', () => Promise.reject(new Error('down')));
  await assert.rejects(failing, /down/);
  assert.equal(await memory.find('a', async () => 'there'), 'there');
});

test('a flood of keys pushes out the oldest instead of growing', async () => {
  const memory = rememberLookups<string>(new ManualClock());
  await memory.find('first', async () => 'kept');
  for (let n = 0; n < 2000; n += 1) await memory.find(`key ${n}`, async () => 'x');
  assert.equal(await memory.find('first', async () => 'again'), 'again');
  assert.equal(await memory.find('key 1999', async () => 'other'), 'x');
});
