// Lives that are cut at random points, and one that is not: both must leave the same memory.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Act } from '../acts/act.ts';
import {
  actOf,
  cuttable,
  open,
  REALM,
  type TestMemory,
  withStore,
} from '../testing/open-memory.ts';

const SUBJECTS = ['ana', 'ben', 'cy'];
const BUSY = { mostProfiles: 2, mostUnkeptActs: 7, longestUnkeptMs: 3_600_000 };

async function stateOf(memory: TestMemory): Promise<unknown> {
  const opened = await Promise.all(SUBJECTS.map((subject) => memory.open(REALM, subject)));
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return {
    profiles: opened.map(({ profile, standing }) => [hash(profile.encode()), standing]),
    counts: hash(opened[0]!.counts.encode()),
    infrastructure: opened[0]!.infrastructure,
  };
}

/** Ids that were acknowledged. */
async function live(memory: TestMemory, acts: readonly Act[], said: string[]): Promise<void> {
  await Promise.all(
    acts.map(async (act) => {
      await memory.write([act]);
      said.push(act.id);
    }),
  );
}

test('whenever it is killed, what was acknowledged is in the memory, once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
      async (seed, lives) => {
        const random = seededRandom(seed);
        const pick = (below: number) => (random.bytes(1)[0] ?? 0) % below;
        await withStore(async (store, clock) => {
          const said: string[] = [];
          let made = 0;
          for (const many of lives) {
            const cutter = cuttable(store);
            const memory = await open(cutter.store, clock, BUSY);
            const acts = Array.from({ length: many }, () => {
              made += 1;
              const subject = SUBJECTS[pick(SUBJECTS.length)]!;
              const kind = pick(4) === 0 ? 'failed' : 'judged';
              return actOf(`a${made}`, subject, clock.nowMs() + made * 1000, { kind });
            });
            void live(memory, acts, said);
            for (let turns = pick(12); turns > 0; turns--) {
              await new Promise((resolve) => setImmediate(resolve));
              if (pick(5) === 0) void memory.flush();
            }
            await cutter.cut();
          }
          const memory = await open(store, clock, BUSY);
          const kept = await stateOf(memory);
          const { ids } = (await memory.open(REALM)).infrastructure;
          assert.equal(new Set(ids).size, ids.length, 'an act was folded twice');
          for (const id of said) assert.ok(ids.includes(id), `${id} was acknowledged and lost`);
          await memory.close();
          await withStore(async (other) => {
            const whole = await open(other, clock, { ...BUSY, mostUnkeptActs: 1_000 });
            const order = new Map(ids.map((id, index) => [id, index]));
            const all = everyAct(seed, lives, clock.nowMs());
            const done = all.filter(({ id }) => order.has(id));
            done.sort((one, other) => order.get(one.id)! - order.get(other.id)!);
            for (const act of done) await whole.write([act]);
            assert.deepEqual(kept, await stateOf(whole));
          });
        });
      },
    ),
    { numRuns: 25 },
  );
});

/** The same acts again, as the random numbers of the seed made them. */
function everyAct(seed: number, lives: readonly number[], startMs: number): Act[] {
  const random = seededRandom(seed);
  const pick = (below: number) => (random.bytes(1)[0] ?? 0) % below;
  const acts: Act[] = [];
  for (const many of lives) {
    for (let count = 0; count < many; count++) {
      const subject = SUBJECTS[pick(SUBJECTS.length)]!;
      const kind = pick(4) === 0 ? 'failed' : 'judged';
      acts.push(
        actOf(`a${acts.length + 1}`, subject, startMs + (acts.length + 1) * 1000, { kind }),
      );
    }
    for (let turns = pick(12); turns > 0; turns--) pick(5);
  }
  return acts;
}

test('a long tail that a crash left is written as it is folded, and never held as a whole', async () => {
  await withStore(async (store, clock) => {
    const first = await open(store, clock, { ...BUSY, mostUnkeptActs: 1_000 });
    for (let number = 0; number < 40; number++) {
      await first.write([actOf(`a${number}`, `p-${number}`, clock.nowMs())]);
    }
    const cursors: number[] = [];
    const watched: typeof store = {
      ...store,
      transaction: async (job) => {
        const result = await store.transaction(job);
        const { rows } = await sql<{ at: number }>`SELECT sequence AS at FROM risk_cursor`.execute(
          store.read,
        );
        cursors.push(rows[0]?.at ?? 0);
        return result;
      },
    };
    const again = await open(watched, clock, BUSY);
    assert.deepEqual(cursors, [7, 14, 21, 28, 35, 40]);
    const { ids } = (await again.open(REALM)).infrastructure;
    assert.equal(ids.length, 40);
    assert.equal((await again.open(REALM, 'p-39')).profile.depth, 1);
  });
});

test('a write that was refused is folded by nobody, and those after it are', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    const refused = memory.write([actOf('a1', 'ana', clock.nowMs())], async () => {
      throw new Error('the event could not be recorded');
    });
    const good = memory.write([actOf('a2', 'ana', clock.nowMs())]);
    await assert.rejects(refused, /could not be recorded/);
    await good;
    assert.deepEqual((await memory.open(REALM)).infrastructure.ids, ['a2']);
    await assert.rejects(memory.write([actOf('a2', 'ana', clock.nowMs())]), {
      code: 'storage_conflict',
    });
    assert.deepEqual((await memory.open(REALM)).infrastructure.ids, ['a2']);
  });
});

test('bytes on disk that cannot be read are told, and begin anew', async () => {
  await withStore(async (store, clock) => {
    const first = await open(store, clock);
    await first.write([actOf('a1', 'ana', clock.nowMs())]);
    await first.close();
    await store.transaction((tx) =>
      tx
        .updateTable('risk_profile')
        .set({ profile: new Uint8Array([1, 2, 3]) })
        .execute(),
    );
    const told: string[] = [];
    const again = await open(store, clock, {}, (what) => told.push(what));
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 0);
    assert.deepEqual(told, ['a profile could not be read and begins anew']);
  });
});
