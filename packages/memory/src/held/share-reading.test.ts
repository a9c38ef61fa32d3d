// A house that has just started is asked by everybody at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actOf, open, REALM, withStore } from '../testing/open-memory.ts';

test('whoever asks for a realm or a person while it is read waits for that reading', async () => {
  await withStore(async (store, clock) => {
    const first = await open(store, clock);
    await first.write([actOf('a1', 'ana', clock.nowMs())]);
    await first.close();
    const reads: string[] = [];
    const read = new Proxy(store.read, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (name !== 'selectFrom') return value;
        return (table: string) => {
          reads.push(table);
          return target.selectFrom(table as 'risk_realm');
        };
      },
    });
    const memory = await open({ ...store, read }, clock);
    reads.length = 0;
    const opened = await Promise.all(Array.from({ length: 50 }, () => memory.open(REALM, 'ana')));
    assert.deepEqual(reads.sort(), ['risk_profile', 'risk_realm']);
    const [one, ...others] = opened;
    for (const other of others) assert.equal(other.profile, one?.profile);
    assert.deepEqual(one?.infrastructure.ids, ['a1']);
    await memory.close();
  });
});
