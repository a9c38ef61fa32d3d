import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { sql } from 'kysely';
import {
  addNote,
  type NotesTables,
  notesMigration,
  readTexts,
  refusal,
} from './conformance/notes.ts';
import { type Migration, openStore, type Store } from './index.ts';

const clock = new ManualClock();
const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function freshPath(): string {
  files += 1;
  return join(folder, `${files}.db`);
}

function open(path: string, migrations: Migration[]): Promise<Store<NotesTables>> {
  return openStore<NotesTables>({ path, migrations, clock });
}

const addColumn: Migration = {
  name: 'conformance-002-mood',
  up: (tx) => tx.schema.alterTable('note').addColumn('mood', 'text').execute(),
};

async function listApplied(store: Store<NotesTables>): Promise<unknown[]> {
  const { rows } = await sql`SELECT name, applied_ms FROM countersign_migrations
    ORDER BY applied_ms, name`.execute(store.read);
  return rows;
}

test('a step is applied once, and what was written before stays', async () => {
  const path = freshPath();
  const first = await open(path, [notesMigration]);
  await first.transaction((tx) => addNote(tx, 'kept'));
  await first.close();
  const second = await open(path, [notesMigration]);
  assert.deepEqual(await readTexts(second), ['kept']);
  await second.close();
});

test('a new step is applied wherever the list has it, with the time of the clock', async () => {
  const path = freshPath();
  const early = clock.nowMs();
  await (await open(path, [notesMigration])).close();
  clock.advanceMs(1000);
  const extra: Migration = {
    name: 'another-001-first',
    up: (tx) => tx.schema.createTable('another').addColumn('id', 'integer').execute(),
  };
  const store = await open(path, [extra, notesMigration, addColumn]);
  assert.deepEqual(await listApplied(store), [
    { name: 'conformance-001-notes', applied_ms: early },
    { name: 'another-001-first', applied_ms: early + 1000 },
    { name: 'conformance-002-mood', applied_ms: early + 1000 },
  ]);
  await store.close();
});

test('a database written by a newer version is refused by the older one', async () => {
  const path = freshPath();
  await (await open(path, [notesMigration, addColumn])).close();
  await assert.rejects(open(path, [notesMigration]), refusal('migration_unknown'));
});

test('a step that changed after it was applied is refused', async () => {
  const path = freshPath();
  await (await open(path, [notesMigration])).close();
  const changed: Migration = {
    name: notesMigration.name,
    async up(tx) {
      await notesMigration.up(tx);
      await tx.schema.createIndex('note_writer').on('note').column('writer').execute();
    },
  };
  await assert.rejects(open(path, [changed]), refusal('migration_changed'));
});

test('a step that emits something else each time is refused and leaves nothing behind', async () => {
  const path = freshPath();
  let runs = 0;
  const unsteady: Migration = {
    name: 'conformance-003-unsteady',
    async up(tx) {
      runs += 1;
      await tx.schema.createTable(`table_${runs}`).addColumn('id', 'integer').execute();
    },
  };
  await assert.rejects(open(path, [notesMigration, unsteady]), refusal('migration_unsteady'));
  const store = await open(path, []);
  assert.deepEqual(await listApplied(store), []);
  await store.close();
});

test('a step that fails takes the steps of the same start back with it', async () => {
  const path = freshPath();
  const failing: Migration = {
    name: 'conformance-004-failing',
    up: (tx) => tx.schema.dropTable('no_such_table').execute(),
  };
  await assert.rejects(open(path, [notesMigration, failing]), /no such table/);
  const store = await open(path, [notesMigration]);
  assert.deepEqual(await readTexts(store), []);
  await store.close();
});

test('a step that swallows the failure of one of its statements fails all the same', async () => {
  const swallowing: Migration = {
    name: 'conformance-005-swallowing',
    async up(tx) {
      await tx.schema
        .dropTable('no_such_table')
        .execute()
        .catch(() => undefined);
    },
  };
  await assert.rejects(open(freshPath(), [swallowing]), /no such table/);
});

test('two steps of one name are refused', async () => {
  const opened = open(freshPath(), [notesMigration, notesMigration]);
  await assert.rejects(opened, refusal('migration_duplicate'));
});
