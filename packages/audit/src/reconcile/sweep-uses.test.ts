import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { closeHouses, TestHouse } from '../testing/open-house.ts';
import { USES_KEPT_MS } from './sweep-uses.ts';

afterEach(closeHouses);

describe('use reports that are too old to be repeated', () => {
  test('make room as fast as a busy house brings them in', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    for (let batch = 0; batch < 25; batch += 1)
      await house.report(Array.from({ length: 200 }, () => house.use(token)));
    await house.pass(1000);
    house.clock.advanceMs(USES_KEPT_MS);
    await house.report([house.use(token)]);
    const left = async () => {
      const rows = await house.store.read.selectFrom('use_report').select('sequence').execute();
      return rows.length;
    };
    for (let second = 0; second < 4; second += 1) {
      house.clock.advanceMs(1000);
      await house.reconciler.tick();
    }
    assert.equal(await left(), 1);
  });
});
