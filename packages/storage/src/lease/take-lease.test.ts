import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';
import { type LeaseTables, storageMigrations } from './lease-table.ts';
import { type Lease, readLease, takeLease } from './take-lease.ts';

const FOR_MS = 10_000;
let clock: ManualClock;
let store: Store<LeaseTables>;
beforeEach(async () => {
  clock = new ManualClock();
  store = await openStore<LeaseTables>({ memory: true, migrations: storageMigrations, clock });
});
afterEach(() => store.close());

/** Time that passes for everybody, and does not jump. */
let passedMs = 0;
const pass = (ms: number): void => {
  passedMs += ms;
  clock.advanceMs(ms);
};
const take = (holder: string, name = 'work') =>
  takeLease(store, clock, { name, holder, forMs: FOR_MS }, () => passedMs);

describe('a lease', () => {
  it('is held by one at a time, and by the next when its end has passed', async () => {
    const one = (await take('one')) ?? assert.fail();
    assert.equal(await take('two'), undefined);
    assert.notEqual(await take('two', 'other work'), undefined);
    pass(FOR_MS - 1);
    assert.equal(await take('two'), undefined);
    assert.equal(await one.holds(), true);
    pass(1);
    const two = (await take('two')) ?? assert.fail();
    assert.equal(two.epoch, one.epoch + 1);
    assert.deepEqual([await one.holds(), await two.holds()], [false, true]);
    assert.equal(await one.renew(), false);
  });

  it('goes on for whoever renews it, and at once to the next when it is let go', async () => {
    const one = (await take('one')) ?? assert.fail();
    for (let turn = 0; turn < 5; turn += 1) {
      pass(FOR_MS - 1);
      assert.equal(await one.renew(), true);
    }
    assert.equal(await take('two'), undefined);
    await one.release();
    assert.deepEqual([await one.holds(), await one.renew()], [false, false]);
    const two = (await take('two')) ?? assert.fail();
    await one.release();
    assert.equal(await two.holds(), true);
  });

  it('that its own holder takes again ends what it did under the one before', async () => {
    const before = (await take('one')) ?? assert.fail();
    const after = (await take('one')) ?? assert.fail();
    assert.deepEqual([await before.holds(), await after.holds()], [false, true]);
  });

  it('keeps nothing that was written under it after it went to somebody else', async () => {
    const one = (await take('one')) ?? assert.fail();
    await store.transaction((tx) => one.fence(tx));
    pass(FOR_MS);
    await take('two');
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.updateTable('lease').set({ holder: 'nobody' }).execute();
        await one.fence(tx);
      }),
      { code: 'lease_lost' },
    );
    assert.equal((await readLease(store, 'work'))?.holder, 'two');
  });

  it('is not held for days by somebody long gone because the clock went back', async () => {
    await take('one');
    clock.advanceMs(-30 * 86_400_000);
    assert.notEqual(await take('two'), undefined);
  });

  it('is not believed by a holder that slept past its end, also when the clock went back', async () => {
    const one = (await take('one')) ?? assert.fail();
    pass(FOR_MS);
    clock.advanceMs(-FOR_MS);
    assert.equal(await one.holds(), false);
  });
});

describe('a lease between two servers on a clock that jumps', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    it(`is never held by both, and never lost for long: seed ${seed}`, async () => {
      const random = seededRandom(seed);
      const under = (limit: number): number =>
        random.bytes(4).reduce((n, b) => n * 256 + b, 0) % limit;
      const handles: { holder: string; lease: Lease }[] = [];
      let freeSinceMs = passedMs;
      for (let step = 0; step < 120; step += 1) {
        const holder = `server ${under(2)}`;
        const mine = handles.filter((handle) => handle.holder === holder).at(-1)?.lease;
        const act = under(8);
        if (act < 3) {
          const lease = await take(holder);
          if (lease !== undefined) {
            handles.push({ holder, lease });
            freeSinceMs = passedMs;
          } else {
            // Nobody who wants it waits for longer than two terms of one who is gone.
            assert.ok(passedMs - freeSinceMs <= 2 * FOR_MS, 'nobody could take it');
          }
        } else if (act === 3 && (await mine?.renew())) freeSinceMs = passedMs;
        else if (act === 4) await mine?.release();
        else if (act === 5) clock.advanceMs((under(3) - 1) * under(4 * FOR_MS));
        else pass(under(FOR_MS / 2));
        const held = await Promise.all(handles.map(({ lease }) => lease.holds()));
        assert.ok(held.filter(Boolean).length <= 1, 'two hold it');
      }
    });
  }
});
