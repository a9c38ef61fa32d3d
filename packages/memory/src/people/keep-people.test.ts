import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actOf, open, REALM, withStore } from '../testing/open-memory.ts';

const DAY_MS = 86_400_000;

test('who is erased is in no row, no snapshot and no memory, and begins anew', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    for (const day of [0, 1, 2]) {
      await memory.write([actOf(`a${day}`, 'ana', clock.nowMs())]);
      await memory.write([actOf(`b${day}`, 'ben', clock.nowMs(), { kind: 'judged' })]);
      await memory.flush();
      clock.advanceMs(DAY_MS);
    }
    await memory.write([actOf('a9', 'ana', clock.nowMs())]);
    const kept = await memory.people.export(REALM, 'ana');
    assert.equal(kept.acts.length, 4);
    assert.equal(kept.profile.depth, 4);
    assert.equal(kept.snapshots.length, 3);
    const { acts } = await memory.people.erase(REALM, 'ana');
    assert.equal(acts, 4);
    for (const table of ['risk_act', 'risk_profile', 'risk_snapshot'] as const) {
      const rows = await store.read
        .selectFrom(table)
        .select('subject')
        .where('subject', '=', 'ana')
        .execute();
      assert.deepEqual(rows, [], table);
    }
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 0);
    assert.equal((await memory.open(REALM, 'ben')).profile.depth, 3);
    const again = await open(store, clock);
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 0);
    assert.equal((await again.open(REALM, 'ben')).profile.depth, 3);
  });
});

test('a profile goes back to before an incident, and stays there after a restart', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    for (let day = 0; day < 5; day++) {
      await memory.write([actOf(`a${day}`, 'ana', clock.nowMs())]);
      await memory.write([actOf(`b${day}`, 'ben', clock.nowMs())]);
      await memory.flush();
      clock.advanceMs(DAY_MS);
    }
    // It began on the day of the fourth act.
    await memory.people.rollBack(REALM, 'ana', clock.nowMs() - 2 * DAY_MS);
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 3);
    assert.equal((await memory.open(REALM, 'ben')).profile.depth, 5);
    await memory.write([actOf('a9', 'ana', clock.nowMs())]);
    const again = await open(store, clock);
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 4);
    await assert.rejects(memory.people.rollBack(REALM, 'ana', clock.nowMs() - 99 * DAY_MS), {
      code: 'no_snapshot',
    });
    const { profiles } = await again.people.rollBackRealm(REALM, clock.nowMs() - 4 * DAY_MS);
    assert.equal(profiles, 2);
    assert.equal((await again.open(REALM, 'ben')).profile.depth, 1);
    assert.equal(Math.round((await again.open(REALM)).counts.acts(clock.nowMs())), 2);
  });
});

test('a profile that learned nothing since stays what it is when it goes back', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    await memory.write([actOf('a1', 'ana', clock.nowMs())]);
    await memory.flush();
    clock.advanceMs(DAY_MS);
    const before = await memory.open(REALM, 'ana');
    const profile = before.profile.encode();
    await memory.people.rollBack(REALM, 'ana', clock.nowMs());
    const after = await memory.open(REALM, 'ana');
    assert.deepEqual([after.profile.encode(), after.standing], [profile, before.standing]);
    await memory.write([actOf('a2', 'ana', clock.nowMs())]);
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 2);
  });
});

test('who is at risk is listed from what is written and from what is not yet', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    await memory.write(['a1', 'a2', 'a3'].map((id) => actOf(id, 'ana', clock.nowMs())));
    await memory.flush();
    await memory.write([actOf('b1', 'ben', clock.nowMs())]);
    await memory.write([actOf('o1', 'old', clock.nowMs(), { realm: 'acme2/workforce' })]);
    const found = await memory.standings.list('acme');
    assert.deepEqual(
      found.map(({ subject, level }) => [subject, level]),
      [
        ['ana', 'high'],
        ['ben', 'low'],
      ],
    );
  });
});

test('old acts and snapshots go, and what was folded from them stays', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock, { keepActsDays: 30, keepSnapshotsDays: 7 });
    await memory.write([actOf('a1', 'ana', clock.nowMs())]);
    await memory.tidy();
    clock.advanceMs(2 * DAY_MS);
    await memory.write([actOf('b1', 'ben', clock.nowMs())]);
    clock.advanceMs(29 * DAY_MS);
    await memory.tidy();
    const left = await memory.acts.list({ tenant: 'acme' });
    assert.deepEqual(
      left.map(({ id }) => id),
      ['b1'],
    );
    assert.deepEqual((await memory.people.export(REALM, 'ana')).snapshots, []);
    const again = await open(store, clock);
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 1);
    await again.write([actOf('a2', 'ana', clock.nowMs())]);
    assert.equal((await again.open(REALM, 'ana')).profile.depth, 2);
  });
});

test('what detectors keep of who is erased goes from the row and from every snapshot of the realm', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock);
    const remember = async (id: string) => {
      (await memory.open(REALM)).detectors.ids.push(id);
      await memory.write([actOf(`act-${id}`, 'ben', clock.nowMs())]);
      await memory.flush();
      clock.advanceMs(DAY_MS);
    };
    for (const id of ['ana', 'ben', 'cy']) await remember(id);
    await memory.people.erase(REALM, 'ana', {
      forget: (detectors) => {
        detectors.ids = detectors.ids.filter((id) => id !== 'ana');
      },
    });
    const again = await open(store, clock);
    assert.deepEqual((await again.open(REALM)).detectors.ids, ['ben', 'cy']);
    for (const table of ['risk_realm', 'risk_snapshot'] as const) {
      const rows = await store.read.selectFrom(table).selectAll().execute();
      const bytes = rows
        .flatMap((row) => Object.values(row))
        .filter((one) => one instanceof Uint8Array);
      for (const one of bytes)
        assert.doesNotMatch(Buffer.from(one).toString('latin1'), /"ana"/, table);
    }
    // The snapshot is still one that can be gone back to.
    await again.people.rollBackRealm(REALM, clock.nowMs() - DAY_MS);
    assert.deepEqual((await again.open(REALM)).detectors.ids, ['ben']);
  });
});

test('a realm goes back to no time of which nothing is kept', async () => {
  await withStore(async (store, clock) => {
    const memory = await open(store, clock, { keepSnapshotsDays: 3 });
    for (let day = 0; day < 6; day++) {
      await memory.write([actOf(`a${day}`, 'ana', clock.nowMs())]);
      await memory.tidy();
      clock.advanceMs(DAY_MS);
    }
    const early = memory.people.rollBackRealm(REALM, clock.nowMs() - 5 * DAY_MS);
    await assert.rejects(early, { code: 'no_snapshot' });
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 6);
  });
});

test('who is erased while they are being read is not brought back by what was read', async () => {
  await withStore(async (store, clock) => {
    const first = await open(store, clock);
    await first.write([actOf('a1', 'ana', clock.nowMs())]);
    await first.close();
    const { promise: read, resolve: noteRead } = Promise.withResolvers<void>();
    const { promise: goesOn, resolve: goOn } = Promise.withResolvers<void>();
    const slow = store.read.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        const isProfile = result.rows.some((row) => 'standing' in row);
        if (isProfile) noteRead();
        if (isProfile) await goesOn;
        return result;
      },
    });
    const memory = await open({ ...store, read: slow }, clock);
    const opening = memory.open(REALM, 'ana');
    await read;
    await memory.people.erase(REALM, 'ana');
    goOn();
    assert.equal((await opening).profile.depth, 0);
    assert.equal((await memory.open(REALM, 'ana')).profile.depth, 0);
  });
});
