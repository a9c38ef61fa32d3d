import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { firstHead, hashEvent, nextHead } from '@countersign/trail';
import { replaceFiles } from '../keeper/record-segments.ts';
import { INSTANCE, openHistory } from '../testing/open-history.ts';
import type { Archivist } from './archivist.ts';

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});
async function newHistory() {
  const history = await openHistory();
  closing.push(history.close);
  return history;
}
const several = (tenant: string | undefined, count: number, person = 'alice') =>
  Array.from({ length: count }, (_, at) => ({ tenant, person, token: `t-${tenant}-${at}` }));
const readAll = (archivist: Archivist, tenant: string) =>
  archivist.readRange({ tenant, from: 1, limit: 10_000 });

async function countRows(archivist: Archivist, tenant?: string): Promise<number> {
  return archivist.withRelation({ tenant }, async ({ sql }, connection) => {
    const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${sql} AS e`);
    return Number(reader.getRowsJS()[0]?.[0]);
  });
}

describe('the archivist', () => {
  it('numbers the events of each tenant without gaps, in the order of recording', async () => {
    const history = await newHistory();
    await history.write([...several('acme', 3), ...several(undefined, 2), ...several('blue', 1)]);
    await history.write([{ tenant: 'acme', salt: null }]);
    const archivist = await history.archivist();
    await archivist.catchUp(await history.newest(), 5000);
    const { heads } = await archivist.followed();
    assert.deepEqual(
      heads.map(({ tenant, count }) => [tenant, count]),
      [
        ['acme', 4],
        ['_installation', 2],
        ['blue', 1],
      ],
    );
    let head = firstHead(INSTANCE, 'acme');
    for (const { leaf, salt, ocsf } of await readAll(archivist, 'acme')) {
      assert.equal(hashEvent(Buffer.from(salt ?? '', 'hex'), ocsf ?? '').toString('hex'), leaf);
      head = nextHead(head, Buffer.from(leaf, 'hex'));
    }
    assert.equal(heads[0]?.head, head.toString('hex'));
  });

  it('shows the same events before they are sealed, while they are, and after', async () => {
    const history = await newHistory();
    await history.write([...several('acme', 700), ...several('blue', 5)]);
    const archivist = await history.archivist();
    await archivist.catchUp(await history.newest(), 5000);
    const before = await readAll(archivist, 'acme');
    const sealed = await archivist.seal(1000);
    assert.deepEqual(await archivist.seal(2000), sealed, 'asked again, it is the same');
    assert.deepEqual(await readAll(archivist, 'acme'), before);
    assert.equal(await countRows(archivist), 705);
    await history.sealAll(archivist);
    assert.deepEqual(await readAll(archivist, 'acme'), before);
    assert.equal(await countRows(archivist, 'acme'), 700);
    assert.deepEqual(await archivist.seal(3000), []);
    const found = await archivist.findByUid('acme', before[99]?.uid ?? '');
    assert.deepEqual(found, { tenant: 'acme', ...before[99] });
    assert.equal(await archivist.findByUid('blue', before[99]?.uid ?? ''), undefined);
  });

  it('goes on where the record ends when it is started again', async () => {
    const history = await newHistory();
    await history.write(several('acme', 10));
    const first = await history.archivist();
    await history.sealAll(first);
    await history.write(several('acme', 10));
    const second = await history.archivist();
    const [segment] = await history.sealAll(second);
    assert.deepEqual([segment?.segment, segment?.first, segment?.last], [2, 11, 20]);
    assert.equal((await second.followed()).heads[0]?.segments, 2);
    const whole = await readAll(second, 'acme');
    assert.deepEqual(
      whole.map(({ number }) => number),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    const segments = await history.store.read.selectFrom('segment').selectAll().execute();
    assert.equal(segments[1]?.head_before, segments[0]?.head_after);
  });

  it('forgets files that were never put on record, half ones too', async () => {
    const history = await newHistory();
    await history.write(several('acme', 10));
    const first = await history.archivist();
    await first.catchUp(await history.newest(), 5000);
    await first.seal(1000);
    const folder = join(history.archiveFolder, 'acme');
    writeFileSync(join(folder, '000000000011-000000000020.parquet.tmp'), 'half');
    assert.equal(readdirSync(folder).length, 2);
    const second = await history.archivist();
    assert.equal(readdirSync(folder).length, 2, 'the server may be putting one on record now');
    await second.recall(true);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal((await history.sealAll(second)).length, 1);
    assert.equal(await countRows(second, 'acme'), 10);
  });

  it('stops following when it holds too much, until that is sealed', async () => {
    const history = await newHistory();
    await history.write(several('acme', 2000));
    const archivist = await history.archivist({ limits: { mostHotEvents: 600 } });
    const newest = await history.newest();
    await archivist.follow(newest);
    await archivist.follow(newest);
    const stopped = await archivist.follow(newest);
    assert.ok(stopped.sequence < newest && stopped.hotEvents >= 600);
    await assert.rejects(archivist.catchUp(newest, 50), { code: 'archive_behind' });
  });
});

describe('a file that cannot be read', () => {
  it('is named when it is gone or cut, and what it held is never left out silently', async () => {
    const history = await newHistory();
    await history.write(several('acme', 10));
    const archivist = await history.archivist();
    const [sealed] = await history.sealAll(archivist);
    await history.write(several('acme', 5));
    const path = join(history.archiveFolder, sealed?.file.file ?? '');
    truncateSync(path, 100);
    const { troubles } = await archivist.recall();
    assert.deepEqual(
      troubles.map(({ trouble }) => trouble),
      ['damaged'],
    );
    rmSync(path);
    const again = await history.archivist();
    await again.catchUp(await history.newest(), 5000);
    assert.equal((await again.recall()).troubles[0]?.trouble, 'missing');
    await assert.rejects(readAll(again, 'acme'), { code: 'archive_damaged' });
    await assert.rejects(again.findByUid('acme', sealed?.file.firstUid ?? ''), {
      code: 'archive_damaged',
    });
    const unreadable = await again.withRelation({}, async (relation) => relation.unreadable);
    assert.deepEqual(unreadable, [{ tenant: 'acme', first: 1, last: 10, trouble: 'missing' }]);
    assert.equal((await again.readRange({ tenant: 'acme', from: 11, limit: 10 })).length, 5);
  });

  it('is found when somebody put another in its place, of the same size even', async () => {
    const history = await newHistory();
    await history.write(several('acme', 10));
    const archivist = await history.archivist();
    const [sealed] = await history.sealAll(archivist);
    const { tenant, file } = sealed?.file ?? assert.fail();
    assert.deepEqual(await archivist.check({ tenant, file }), {});
    await history.store.transaction(async (tx) => {
      await tx.updateTable('segment_file').set({ first: 1 }).execute();
    });
    const other = await newHistory();
    await other.write(several('acme', 10));
    const others = await other.archivist();
    const [foreign] = await other.sealAll(others);
    rmSync(join(history.archiveFolder, file));
    const bytes = (await import('node:fs')).readFileSync(
      join(other.archiveFolder, foreign?.file.file ?? ''),
    );
    writeFileSync(join(history.archiveFolder, file), bytes);
    const { trouble } = await archivist.check({ tenant, file });
    assert.match(trouble?.detail ?? '', /not those that were sealed/);
    await assert.rejects(readAll(archivist, 'acme'), { code: 'archive_damaged' });
  });
});

describe('writing files anew', () => {
  it('makes one of many, and the record still holds', async () => {
    const history = await newHistory();
    const archivist = await history.archivist();
    for (let turn = 0; turn < 3; turn += 1) {
      await history.write(several('acme', 20));
      await history.sealAll(archivist);
    }
    const before = await readAll(archivist, 'acme');
    const files = (await history.store.read.selectFrom('segment_file').selectAll().execute()).map(
      ({ file }) => file,
    );
    const { file, cut } = await archivist.rewrite({ tenant: 'acme', files });
    assert.equal(cut, 0);
    await history.store.transaction((tx) =>
      replaceFiles(tx, files, file ?? assert.fail(), 'day', 1000),
    );
    await archivist.recall();
    assert.deepEqual(await readAll(archivist, 'acme'), before);
    assert.deepEqual(
      files.filter((one) => existsSync(join(history.archiveFolder, one))),
      [],
    );
    assert.deepEqual(await archivist.check({ tenant: 'acme', file: file?.file ?? '' }), {});
  });

  it('takes the payload of one person and leaves the leaves', async () => {
    const history = await newHistory();
    await history.write([
      ...several('acme', 5, 'Alice'),
      ...several('acme', 5, 'bob'),
      { tenant: 'acme', name: 'key.created', person: 'alice' },
      { tenant: 'acme', name: 'token.forged', person: 'alice', classUid: 2004 },
      { tenant: 'acme', name: 'operator.created', person: 'alice' },
    ]);
    const archivist = await history.archivist();
    await history.sealAll(archivist);
    const before = await readAll(archivist, 'acme');
    const files = [
      (await history.store.read.selectFrom('segment_file').selectAll().execute())[0]?.file ?? '',
    ];
    const request = { tenant: 'acme', files, cut: { what: 'person', subject: 'ALICE' } } as const;
    const rewritten = await archivist.rewrite(request);
    assert.deepEqual([rewritten.cut, rewritten.sequences], [5, [1, 2, 3, 4, 5]]);
    await history.store.transaction((tx) =>
      replaceFiles(tx, files, rewritten.file ?? assert.fail(), 'hour', 1000),
    );
    await archivist.recall();
    const after = await readAll(archivist, 'acme');
    assert.deepEqual(
      after.map(({ leaf }) => leaf),
      before.map(({ leaf }) => leaf),
    );
    for (const event of after.slice(0, 5)) {
      assert.deepEqual([event.erased, event.ocsf, event.salt], [true, undefined, undefined]);
    }
    assert.deepEqual(after.slice(5), before.slice(5));
    const again = { ...request, files: [rewritten.file?.file ?? ''] };
    assert.deepEqual(await archivist.rewrite(again), { cut: 0, sequences: [] });
    const persons = await archivist.withRelation({}, async ({ sql }, connection) => {
      const reader = await connection.runAndReadAll(
        `SELECT DISTINCT person FROM ${sql} AS e WHERE number <= 5`,
      );
      return reader.getRowsJS();
    });
    assert.deepEqual(persons, [[null]]);
  });
});
