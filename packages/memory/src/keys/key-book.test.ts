import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@countersign/vocabulary';
import { SECRET, withStore } from '../testing/open-memory.ts';
import { openKeyBook } from './key-book.ts';

const DAY_MS = 86_400_000;
const parts = { random: seededRandom(3), secret: SECRET, rotateAfterMs: 90 * DAY_MS };

test('an address has another number in each tenant, and another as a device', async () => {
  await withStore(async (store, clock) => {
    const keys = openKeyBook({ ...parts, store, clock });
    const acme = (await keys.of('acme')).hash('ip', '192.0.2.7');
    assert.deepEqual(acme, (await keys.of('acme')).hash('ip', '192.0.2.7'));
    assert.ok(acme.value >= 1 && acme.value <= 2 ** 52 && acme.alias === 0);
    assert.notEqual((await keys.of('other')).hash('ip', '192.0.2.7').value, acme.value);
    assert.notEqual((await keys.of('acme')).hash('ua', '192.0.2.7').value, acme.value);
  });
});

test('a key is changed when it is too old; the one before names for one period more', async () => {
  await withStore(async (store, clock) => {
    const keys = openKeyBook({ ...parts, store, clock });
    const first = (await keys.of('acme')).hash('ip', '192.0.2.7').value;
    clock.advanceMs(90 * DAY_MS);
    const second = (await keys.of('acme')).hash('ip', '192.0.2.7');
    assert.notEqual(second.value, first);
    assert.equal(second.alias, first);
    // Another process finds the same keys.
    const other = (await openKeyBook({ ...parts, store, clock }).of('acme')).hash(
      'ip',
      '192.0.2.7',
    );
    assert.deepEqual(other, second);
    clock.advanceMs(90 * DAY_MS);
    assert.equal((await keys.of('acme')).hash('ip', '192.0.2.7').alias, second.value);
    const rows = await store.read.selectFrom('risk_key').select('generation').execute();
    assert.deepEqual(rows.map(({ generation }) => generation).sort(), [2, 3]);
  });
});

test('the database alone does not give the keys, and another secret opens none', async () => {
  await withStore(async (store, clock) => {
    const keys = openKeyBook({ ...parts, store, clock });
    const { value } = (await keys.of('acme')).hash('ip', '192.0.2.7');
    const wrong = openKeyBook({ ...parts, store, clock, secret: new Uint8Array(32).fill(8) });
    await assert.rejects(wrong.of('acme'), { code: 'key_unreadable' });
    // Bound to its tenant: a row that is copied to another opens nothing.
    await store.transaction((tx) => tx.updateTable('risk_key').set({ tenant: 'other' }).execute());
    await assert.rejects(keys.of('other'), { code: 'key_unreadable' });
    assert.ok(value > 0);
  });
});
