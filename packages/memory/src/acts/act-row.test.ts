import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actOf, inputOf, open, REALM, withStore } from '../testing/open-memory.ts';
import type { Act } from './act.ts';

test('an act comes back from its row as it was written, whatever it says of itself', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    const timeMs = clock.nowMs();
    const { values, labels } = inputOf(2 ** 52 + 1, timeMs - 1);
    const whole: Act = {
      ...actOf('whole', 'ana', timeMs),
      ...{ client: 'shop', session: 's-1', action: 'step_up', aliases: [0, 7, 2 ** 51] },
      ...{ limit: { accessTokenSeconds: 60 }, word: 'passed', about: 'another' },
      input: { ...inputOf(5, timeMs), session: { startedMs: timeMs - 1, values, labels } },
    };
    const { subject: _, ...bare } = actOf('bare', 'nobody', timeMs);
    await memory.write([whole, bare]);
    assert.deepEqual(await memory.acts.find('whole'), { ...whole, sequence: 1 });
    assert.deepEqual(await memory.acts.find('bare'), { ...bare, sequence: 2 });
    assert.deepEqual(await memory.acts.list({ realm: REALM, session: 's-1' }), [
      { ...whole, sequence: 1 },
    ]);
    assert.equal(await memory.acts.find('neither'), undefined);
    await memory.close();
  });
});
