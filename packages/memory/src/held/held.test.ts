import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actOf, open, REALM, withStore } from '../testing/open-memory.ts';
import { Held } from './held.ts';

test('what is held is bounded: the least lately used goes, and nothing that is not on disk', () => {
  const held = new Held<string>(2);
  for (const key of ['a', 'b']) held.add(key, key);
  held.get('a');
  held.add('c', 'c');
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => held.get(key)),
    ['a', undefined, 'c'],
  );
  held.change('a', 'a', 1);
  held.change('d', 'd', 2);
  held.add('e', 'e');
  assert.deepEqual(
    [...held.unkept()],
    [
      ['a', 'a'],
      ['d', 'd'],
    ],
  );
  assert.equal(held.get('e'), 'e', 'what is about to be used stays');
  held.noteKept(1);
  assert.equal(held.size, 2);
  assert.deepEqual([...held.unkept()], [['d', 'd']]);
});

test('who was quicker is the one that counts', () => {
  const held = new Held<object>(2);
  const first = held.add('a', {});
  assert.equal(held.add('a', {}), first);
  assert.equal(held.change('a', {}, 1), first);
});

test('what was learned is written by itself, before anybody asks for it', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock, { longestUnkeptMs: 1 });
    await memory.write([actOf('a1', 'ana', clock.nowMs())]);
    const rows = () => store.read.selectFrom('risk_profile').select('subject').execute();
    while ((await rows()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await rows(), [{ subject: 'ana' }]);
    await memory.close();
  });
});

test('a realm that is set back is not what was held of it, from the day of the incident on', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    await memory.write([actOf('a1', 'ana', clock.nowMs())]);
    await memory.flush();
    clock.advanceMs(86_400_000);
    await memory.write([actOf('a2', 'ana', clock.nowMs())]);
    await memory.flush();
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 2);
    const { profiles } = await memory.people.rollBackRealm(REALM, clock.nowMs());
    assert.equal(profiles, 1);
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 1);
    await memory.close();
  });
});
