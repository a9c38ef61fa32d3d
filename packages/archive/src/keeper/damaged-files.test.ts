import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type CountersignEvent, systemRandom } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { type History, openHistory } from '../testing/open-history.ts';
import { createArchive } from './create-archive.ts';

const HOUR_MS = 3_600_000;
const by = { kind: 'operator', id: 'ana' } as const;
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

async function openHouse(now = Date.now()) {
  const history = await openHistory();
  closing.push(history.close);
  const client = await history.archivist();
  const clock = { now, nowMs: () => clock.now };
  const events: CountersignEvent[] = [];
  const archive = createArchive({
    ...{ store: history.store, folder: history.archiveFolder, client, clock },
    ...{ random: systemRandom, longestKeyLifeSeconds: 86_400 },
    record: async (given) => events.push(...given),
  });
  const sealAndAnchor = async () => {
    await archive.tick();
    await archive.sealNow();
    await history.store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).where('state', '=', 'sealed').execute(),
    );
  };
  const alarms = () => events.filter(({ name }) => name === 'audit.differs');
  return { history, clock, events, archive, sealAndAnchor, alarms };
}

const sequences = async ({ store }: History) =>
  (await store.read.selectFrom('event').select('sequence').orderBy('sequence').execute()).map(
    ({ sequence }) => sequence,
  );

/** As long as before, and not what it was. */
async function damage({ store, archiveFolder }: History, tenant: string): Promise<string> {
  const { file } = await store.read
    .selectFrom('segment_file')
    .select('file')
    .where('tenant', '=', tenant)
    .orderBy('first')
    .limit(1)
    .executeTakeFirstOrThrow();
  const bytes = readFileSync(join(archiveFolder, file));
  writeFileSync(join(archiveFolder, file), bytes.fill(0xff, 4, bytes.length - 4));
  return file;
}

describe('a file that is damaged, and nobody knew', () => {
  it('is told of by what trips over it, and keeps nobody else from being erased or pruned', async () => {
    const { history, clock, archive, sealAndAnchor, alarms } = await openHouse();
    await history.write([
      { tenant: 'acme', person: 'alice' },
      { tenant: 'blue', person: 'bob' },
      { tenant: 'blue', person: 'carol' },
    ]);
    await sealAndAnchor();
    await damage(history, 'acme');
    await archive.askErasure({ tenant: 'acme', subject: 'alice', by, reason: 'art. 17' });
    await archive.askErasure({ tenant: 'blue', subject: 'bob', by, reason: 'art. 17' });
    clock.now += 25 * HOUR_MS;
    await archive.tidy();
    assert.deepEqual(
      alarms().map(({ tenant, reason }) => [tenant, reason]),
      [['acme', 'file_damaged']],
    );
    assert.equal((await archive.listErasures('acme'))[0]?.state, 'asked');
    assert.equal((await archive.listErasures('blue'))[0]?.state, 'done');
    assert.deepEqual(await sequences(history), [1], 'what the file held is left where it is whole');
  });

  it('keeps no other files from being put together or expired', async () => {
    const { history, clock, archive, sealAndAnchor, alarms } = await openHouse(
      Date.now() - 3 * 365 * 24 * HOUR_MS,
    );
    for (let turn = 0; turn < 2; turn += 1) {
      await history.write([
        { tenant: 'acme' },
        { tenant: 'blue' },
        { tenant: 'blue', name: 'key.created' },
      ]);
      await sealAndAnchor();
      clock.now += 1000;
    }
    await damage(history, 'acme');
    clock.now += 600 * 24 * HOUR_MS;
    await archive.tidy();
    assert.equal(alarms().length, 1);
    const files = await history.store.read.selectFrom('segment_file').selectAll().execute();
    const blue = files.filter(({ tenant }) => tenant === 'blue');
    assert.deepEqual(
      blue.map(({ first, last, erased }) => [first, last, erased]),
      [[1, 4, 2]],
    );
  });
});

describe('the event table', () => {
  it('keeps what lies in a file that is not there, until the file is back', async () => {
    const { history, clock, archive, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme' }]);
    await sealAndAnchor();
    const { file } = await history.store.read
      .selectFrom('segment_file')
      .select('file')
      .executeTakeFirstOrThrow();
    const path = join(history.archiveFolder, file);
    const bytes = readFileSync(path);
    rmSync(path);
    clock.now += 25 * HOUR_MS;
    await archive.tick();
    await archive.sealNow();
    await archive.tidy();
    assert.deepEqual(await sequences(history), [1]);
    writeFileSync(path, bytes);
    // Files are looked into one a turn; the turn after that takes the rows.
    for (let turn = 0; turn < 4; turn += 1) await archive.tidy();
    assert.deepEqual(await sequences(history), []);
  });
});

describe('an erasure of somebody who did more than one answer can name', () => {
  it('leaves nothing of it in the event table', async () => {
    const { history, archive, sealAndAnchor } = await openHouse();
    await history.write([{ tenant: 'acme', person: 'bob' }]);
    await history.store.transaction((tx) =>
      sql
        .raw(
          `INSERT INTO event (uid, tenant, time_ms, name, ocsf, source, salt)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20500)
            SELECT 'uid-' || i, 'acme', i, 'okta:read', '{"class_uid":6003,"user":{"uid":"alice"}}',
              'okta', NULL FROM n`,
        )
        .execute(tx),
    );
    await sealAndAnchor();
    await archive.askErasure({ tenant: 'acme', subject: 'alice', by, reason: 'art. 17' });
    await archive.tidy();
    assert.deepEqual(await sequences(history), [1]);
    const [erasure] = await archive.listErasures('acme');
    assert.deepEqual([erasure?.state, erasure?.events], ['done', 20_500]);
  });
});

describe('an erasure of somebody whose name no text of SQL can hold', () => {
  it('ends like any other', async () => {
    const { history, archive, sealAndAnchor } = await openHouse();
    const person = "al\0ice'; DROP TABLE hot_1; --";
    await history.write([
      { tenant: 'acme', person },
      { tenant: 'acme', person: 'al' },
    ]);
    await sealAndAnchor();
    await archive.askErasure({ tenant: 'acme', subject: person, by, reason: 'art. 17' });
    await archive.tidy();
    assert.equal((await archive.listErasures('acme'))[0]?.state, 'done');
    assert.deepEqual(await sequences(history), [2]);
  });
});
