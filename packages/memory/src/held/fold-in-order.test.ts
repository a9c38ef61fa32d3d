import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeptAct } from '../acts/act.ts';
import { FoldInOrder } from './fold-in-order.ts';

const act = {} as KeptAct;

async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await undefined;
}

/** Whether it resolves before anything but promises has its turn. */
async function resolvesByItself(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  return done;
}

test('an act that is durable at the moment the one before it was folded does not wait for a third', async () => {
  for (let apart = 0; apart < 24; apart++) {
    const order = new FoldInOrder(0, () => ticks(2));
    const first = order.settle(order.next(), act);
    await ticks(apart);
    const second = order.settle(order.next(), act);
    assert.ok(await resolvesByItself(first), `the first, ${apart} ticks apart`);
    assert.ok(await resolvesByItself(second), `the second, ${apart} ticks after the first`);
  }
});

test('an act that is durable while folding rests is folded when it goes on', async () => {
  for (let apart = 0; apart < 12; apart++) {
    const order = new FoldInOrder(0, () => ticks(2));
    const first = order.settle(order.next(), act);
    const resume = order.pause();
    await ticks(apart);
    const second = order.settle(order.next(), act);
    (await resume)();
    assert.ok((await resolvesByItself(first)) && (await resolvesByItself(second)), `${apart}`);
  }
});

test('who waits until it is caught up waits for every act that had a number, given up ones too', async () => {
  const order = new FoldInOrder(0, () => ticks(3));
  assert.ok(await resolvesByItself(order.caughtUp()), 'nothing was numbered yet');
  const [first, second] = [order.next(), order.next()];
  const both = order.caughtUp();
  const third = order.next();
  const all = order.caughtUp();
  void order.settle(second, undefined);
  assert.ok(!(await resolvesByItself(both)), 'the first is not durable');
  const resume = await order.pause();
  void order.settle(first, act);
  assert.ok(!(await resolvesByItself(both)), 'durable, and not folded');
  resume();
  assert.ok(await resolvesByItself(both));
  assert.ok(!(await resolvesByItself(all)), 'the third is under way');
  void order.settle(third, act);
  assert.ok(await resolvesByItself(all));
});
