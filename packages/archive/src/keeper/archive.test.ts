import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type CountersignEvent, systemRandom } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { type History, openHistory } from '../testing/open-history.ts';
import { createArchive } from './create-archive.ts';

const DAY_MS = 86_400_000;
const YEARS_AGO = Date.now() - 8 * 365 * DAY_MS;
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** A house whose clock can be turned; what is sealed is anchored at once unless a test says otherwise. */
async function openHouse(hot: object = {}) {
  const history = await openHistory();
  closing.push(history.close);
  const client = await history.archivist({ limits: hot });
  const clock = { now: Date.now(), nowMs: () => clock.now };
  const events: CountersignEvent[] = [];
  const archive = createArchive({
    ...{
      store: history.store,
      folder: history.archiveFolder,
      client,
      clock,
      random: systemRandom,
      longestKeyLifeSeconds: 86_400,
    },
    record: async (given) => events.push(...given),
  });
  const anchor = () =>
    history.store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).where('state', '=', 'sealed').execute(),
    );
  const sealAndAnchor = async () => {
    await archive.tick();
    await archive.sealNow();
    await anchor();
  };
  return { history, client, clock, events, archive, anchor, sealAndAnchor };
}

const sequences = async ({ store }: History) =>
  (await store.read.selectFrom('event').select('sequence').execute()).map(
    ({ sequence }) => sequence,
  );
const segmentsOf = ({ store }: History) => store.read.selectFrom('segment').selectAll().execute();
const filesOf = ({ store }: History) => store.read.selectFrom('segment_file').selectAll().execute();
const leavesOf = async ({ client }: { client: Awaited<ReturnType<History['archivist']>> }) =>
  (await client.readRange({ tenant: 'acme', from: 1, limit: 1000 })).map(({ leaf }) => leaf);

describe('what is in the event table', () => {
  it('cannot be deleted before the log holds the root of its segment, by any statement', async () => {
    const { history, archive, anchor } = await openHouse();
    await history.write([{ tenant: 'acme' }, {}, { tenant: 'blue' }]);
    const wipe = (what: string) =>
      history.store.transaction((tx) => sql.raw(`DELETE FROM event ${what}`).execute(tx));
    await assert.rejects(wipe(''), { code: 'storage_constraint' });
    await archive.tick();
    await archive.sealNow();
    for (const what of ['', "WHERE tenant = 'acme'", 'WHERE tenant IS NULL', 'WHERE sequence = 3'])
      await assert.rejects(wipe(what));
    await anchor();
    await history.write([{ tenant: 'acme' }]);
    await assert.rejects(wipe('WHERE sequence = 4'), 'an event behind the last segment');
    assert.deepEqual(await sequences(history), [1, 2, 3, 4]);
  });

  it('keeps all but bulk events, and those for as long as somebody follows or a day is not over', async () => {
    const { history, archive, clock, sealAndAnchor } = await openHouse();
    await history.write([
      { tenant: 'acme', name: 'token.issued' },
      { tenant: 'acme', name: 'session.started' },
      { name: 'token.verified' },
      { tenant: 'acme', name: 'signed.in', source: 'okta' },
      { tenant: 'acme', name: 'token.forged', classUid: 2004 },
    ]);
    await sealAndAnchor();
    await archive.tidy();
    assert.equal((await sequences(history)).length, 5);
    clock.now += 25 * 3_600_000;
    await archive.tidy();
    assert.deepEqual(await sequences(history), [2, 5]);
    const all = await archive.client.readRange({ tenant: 'acme', from: 1, limit: 10 });
    assert.deepEqual(
      all.map(({ number }) => number),
      [1, 2, 3, 4],
    );
  });
});

describe('what is sealed', () => {
  it('cannot be marked deleted, thinned or changed before its time, by any statement', async () => {
    const { history, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    const attempts = [
      `UPDATE segment SET state = 'deleted', deleted_ms = ${Date.now()}`,
      `UPDATE segment SET state = 'deleted', deleted_ms = ${Date.now() + 9e12}`,
      'UPDATE segment SET thinned_ms = 1',
      'UPDATE segment SET keep_until_ms = 0',
      'UPDATE segment SET keep_keys_until_ms = 0',
      "UPDATE segment SET state = 'sealed'",
      "UPDATE segment SET root = 'x'",
      'UPDATE segment SET last_sequence = 100',
      'DELETE FROM segment',
      'INSERT OR REPLACE INTO segment SELECT * FROM segment',
    ];
    for (const attempt of attempts) {
      await assert.rejects(
        history.store.transaction((tx) => sql.raw(attempt).execute(tx)),
        attempt,
      );
    }
  });

  it('stays, however long the server thinks it has waited, and goes when its time is over', async () => {
    const { history, clock, archive, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    clock.now += 20 * 365 * DAY_MS;
    await assert.rejects(archive.tidy(), 'a clock that is wrong deletes nothing');
    assert.equal((await filesOf(history)).length, 1);
    const old = await openHouse();
    old.clock.now = YEARS_AGO;
    await old.history.write([{ tenant: 'acme' }, { tenant: 'acme', name: 'key.created' }]);
    await old.sealAndAnchor();
    old.clock.now += 60 * DAY_MS;
    await old.history.write([{ tenant: 'acme' }]);
    await old.sealAndAnchor();
    const leaves = await leavesOf(old);
    // A year and a half later: the tokens go, the key stays for the rest of its life and two years.
    old.clock.now = YEARS_AGO + 540 * DAY_MS;
    await old.archive.tidy();
    const left = await old.client.readRange({ tenant: 'acme', from: 1, limit: 10 });
    assert.deepEqual(
      left.map(({ name, erased }) => [name, erased]),
      [
        ['token.issued', true],
        ['key.created', undefined],
      ],
    );
    assert.deepEqual(
      left.map(({ leaf }) => leaf),
      leaves.slice(0, 2),
    );
    assert.deepEqual(await sequences(old.history), [2]);
    assert.deepEqual(
      (await segmentsOf(old.history)).map(({ state, profile }) => [state, profile]),
      [
        ['anchored', 'standard'],
        ['deleted', 'standard'],
      ],
    );
    old.clock.now = Date.now();
    await old.archive.tidy();
    assert.deepEqual(
      (await segmentsOf(old.history)).map(({ state }) => state),
      ['deleted', 'deleted'],
    );
    assert.deepEqual(readdirSync(join(old.history.archiveFolder, 'acme')), []);
    assert.deepEqual(await sequences(old.history), []);
    assert.equal(old.events.filter(({ name }) => name === 'audit.expired').length, 3);
    await old.history.write([{ tenant: 'acme' }]);
    await old.sealAndAnchor();
    const [, second, third] = await segmentsOf(old.history);
    assert.deepEqual([third?.first, third?.head_before], [4, second?.head_after]);
  });

  it('is kept longer at once when the profile asks for it, and never shorter than it was', async () => {
    const { history, archive, events, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    const months = async () =>
      (await segmentsOf(history)).map(({ keep_until_ms, sealed_ms }) =>
        Math.round((keep_until_ms - sealed_ms) / (31 * DAY_MS)),
      );
    const by = { kind: 'operator', id: 'ana' } as const;
    assert.deepEqual(await months(), [12]);
    assert.equal(
      (await archive.changeRetention({ tenant: 'acme', profile: 'm-21-31', by })).months,
      30,
    );
    assert.deepEqual(await months(), [30]);
    await history.write([{ tenant: 'acme' }]);
    await archive.tick();
    await archive.changeRetention({ tenant: 'acme', profile: 'csrb', by });
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    assert.deepEqual(await months(), [30, 30, 6]);
    await assert.rejects(archive.changeRetention({ tenant: 'acme', profile: 'none', by }), {
      code: 'retention_unknown',
    });
    assert.deepEqual(
      events.map(({ change }) => change?.after),
      [{ profile: 'm-21-31' }, { profile: 'csrb' }],
    );
  });

  it('is kept by the profile it was recorded under, also when the archive has not heard of it yet', async () => {
    const { history, archive, sealAndAnchor } = await openHouse();
    const by = { kind: 'operator', id: 'ana' } as const;
    const change = (profile: string) => archive.changeRetention({ tenant: 'acme', profile, by });
    await change('m-21-31');
    await history.write([{ tenant: 'acme' }, { tenant: 'blue' }]);
    await change('m-26-14');
    await change('csrb');
    await sealAndAnchor();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    const kept = (await segmentsOf(history)).map(({ tenant, keep_until_ms, sealed_ms }) => [
      tenant,
      Math.round((keep_until_ms - sealed_ms) / (31 * DAY_MS)),
    ]);
    assert.deepEqual(kept, [
      ['acme', 30],
      ['acme', 6],
      ['blue', 12],
    ]);
  });

  it('is put together until a month is one file', async () => {
    const { history, archive, clock, client, sealAndAnchor } = await openHouse();
    clock.now = Date.UTC(2026, 0, 10);
    for (let day = 0; day < 3; day += 1) {
      for (let turn = 0; turn < 3; turn += 1) {
        await history.write([{ tenant: 'acme' }]);
        await sealAndAnchor();
        clock.now += 1_200_000;
      }
      clock.now += DAY_MS;
    }
    const leaves = await leavesOf({ client });
    await archive.tidy();
    assert.deepEqual(
      (await filesOf(history)).map(({ span, first, last }) => [span, first, last]),
      [
        ['day', 1, 3],
        ['day', 4, 6],
        ['day', 7, 9],
      ],
    );
    clock.now = Date.UTC(2026, 1, 2);
    await archive.tidy();
    const files = await filesOf(history);
    assert.deepEqual(
      files.map(({ span, first, last }) => [span, first, last]),
      [['month', 1, 9]],
    );
    assert.equal(readdirSync(join(history.archiveFolder, 'acme')).length, 1);
    assert.deepEqual(await leavesOf({ client }), leaves);
  });

  it('is sealed sooner when no more can be held', async () => {
    const { history, archive, client } = await openHouse({ mostHotEvents: 600 });
    await history.write(Array.from({ length: 3000 }, () => ({ tenant: 'acme' })));
    await archive.tick();
    assert.equal((await client.followed()).heads[0]?.count, 3000);
    assert.ok((await segmentsOf(history)).length >= 2);
  });

  it('raises one alarm when a file is gone, and says where it is asked for', async () => {
    const { history, archive, events, client, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    const [file] = await filesOf(history);
    rmSync(join(history.archiveFolder, file?.file ?? ''));
    await archive.tidy();
    await archive.tidy();
    assert.deepEqual(
      events.map(({ name, reason, tenant }) => [name, reason, tenant]),
      [['audit.differs', 'file_missing', 'acme']],
    );
    assert.equal((await archive.listTroubles('acme')).length, 1);
    await assert.rejects(client.readRange({ tenant: 'acme', from: 1, limit: 1 }), {
      code: 'archive_damaged',
    });
  });
});

describe('the data of one person', () => {
  const by = { kind: 'operator', id: 'ana' } as const;

  it('is gone from files and from the event table, and every leaf stays', async () => {
    const { history, archive, events, client, sealAndAnchor } = await openHouse();
    await history.write([
      { tenant: 'acme', person: 'alice' },
      { tenant: 'acme', person: 'bob', name: 'session.started' },
      { tenant: 'acme', person: 'alice', name: 'session.started' },
      { tenant: 'acme', person: 'alice', name: 'key.created' },
      { tenant: 'blue', person: 'alice' },
    ]);
    await sealAndAnchor();
    const leaves = await leavesOf({ client });
    const asked = await archive.askErasure({
      tenant: 'acme',
      subject: 'alice',
      by,
      reason: 'art. 17',
    });
    assert.equal(asked.state, 'asked');
    await archive.tidy();
    const [done] = await archive.listErasures('acme');
    assert.deepEqual([done?.state, done?.events], ['done', 2]);
    assert.deepEqual(await sequences(history), [2, 4, 5]);
    assert.deepEqual(await leavesOf({ client }), leaves);
    const acme = await client.readRange({ tenant: 'acme', from: 1, limit: 10 });
    assert.deepEqual(
      acme.map(({ erased }) => erased),
      [true, undefined, true, undefined],
    );
    assert.equal(
      (await client.readRange({ tenant: 'blue', from: 1, limit: 1 }))[0]?.erased,
      undefined,
    );
    const rows = await history.store.read.selectFrom('erasure').selectAll().execute();
    assert.doesNotMatch(JSON.stringify([rows, events]), /alice/);
    assert.deepEqual(
      events.map(({ name, count }) => [name, count]),
      [['audit.erased', 2]],
    );
  });

  it('waits until the log holds what is sealed, and is not forgotten', async () => {
    const { history, archive, anchor } = await openHouse();
    await history.write([{ tenant: 'acme', person: 'alice' }]);
    await archive.tick();
    await archive.askErasure({ tenant: 'acme', subject: 'alice', by, reason: 'art. 17' });
    await archive.tidy();
    assert.equal((await archive.listErasures('acme'))[0]?.state, 'asked');
    await anchor();
    await archive.tidy();
    assert.equal((await archive.listErasures('acme'))[0]?.state, 'done');
    assert.deepEqual(await sequences(history), []);
    assert.ok(existsSync(join(history.archiveFolder, (await filesOf(history))[0]?.file ?? '')));
  });
});
