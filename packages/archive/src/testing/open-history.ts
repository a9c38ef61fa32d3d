// A small history for tests: the event table as the audit room makes it, events of several tenants, and
// an archivist over them in this process.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Migration, openStore, type Store } from '@countersign/storage';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import { type Kysely, sql } from 'kysely';
import type { SealedSegment } from '../client/archive-client.ts';
import { type Archivist, type ArchivistOptions, openArchivist } from '../inside/archivist.ts';
import { recordSegments } from '../keeper/record-segments.ts';
import { archiveMigrations } from '../migrations.ts';
import type { ArchiveTables } from '../tables.ts';

export interface HistoryEvent {
  tenant?: string | undefined;
  name?: string;
  person?: string;
  session?: string;
  token?: string;
  source?: string;
  classUid?: number;
  timeMs?: number;
  /** Null: an event from before there were salts. */
  salt?: Uint8Array | null;
  padding?: number;
}

interface EventTable {
  sequence?: number;
  uid: string;
  tenant: string | null;
  time_ms: number;
  name: string;
  ocsf: string;
  source: string | null;
  salt: Uint8Array | null;
}

export type HistoryTables = ArchiveTables & { event: EventTable };

const eventMigration: Migration = {
  name: 'audit-000-events-of-tests',
  async up(tx: Kysely<unknown>) {
    await sql
      .raw(
        `CREATE TABLE event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE,
          tenant TEXT, time_ms INTEGER NOT NULL, name TEXT NOT NULL, ocsf TEXT NOT NULL,
          source TEXT, salt BLOB)`,
      )
      .execute(tx);
    await sql
      .raw('CREATE INDEX event_tenant ON event (tenant, sequence) WHERE tenant IS NOT NULL')
      .execute(tx);
    await sql
      .raw(
        "CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append_only'); END",
      )
      .execute(tx);
  },
};

export interface History {
  readonly folder: string;
  readonly archiveFolder: string;
  readonly store: Store<HistoryTables>;
  /** Writes events; resolves with the newest sequence number. */
  write(events: readonly HistoryEvent[]): Promise<number>;
  archivist(options?: Partial<ArchivistOptions>): Promise<Archivist>;
  /** Follows, seals and records everything. */
  sealAll(archivist: Archivist, sealedMs?: number): Promise<SealedSegment[]>;
  newest(): Promise<number>;
  close(): Promise<void>;
}

export const INSTANCE = 'history-of-tests';
export const FIRST_MS = Date.UTC(2026, 10, 1);

export async function openHistory(): Promise<History> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-history-'));
  const database = join(folder, 'store.db');
  const store = await openStore<HistoryTables>({
    path: database,
    migrations: [eventMigration, ...archiveMigrations],
    clock: systemClock,
  });
  const archiveFolder = join(folder, 'archive');
  const open: Archivist[] = [];
  let written = 0;
  const newest = async () => {
    const row = await store.read
      .selectFrom('event')
      .select(({ fn }) => fn.max('sequence').as('newest'))
      .executeTakeFirst();
    return Number(row?.newest ?? 0);
  };
  return {
    ...{ folder, archiveFolder, store, newest },
    async write(events) {
      const rows = events.map((event) => {
        written += 1;
        return eventRow(event, written);
      });
      await store.transaction(async (tx) => {
        for (const row of rows) await tx.insertInto('event').values(row).execute();
      });
      return newest();
    },
    async archivist(options = {}) {
      const archivist = await openArchivist({
        ...{ folder: archiveFolder, database, instance: INSTANCE, nowMs: Date.now },
        onFatal: assert.ifError,
        duckDb: { memoryMebibytes: 256, threads: 1 },
        ...options,
      });
      open.push(archivist);
      return archivist;
    },
    async sealAll(archivist, sealedMs = Date.now()) {
      await archivist.catchUp(await newest(), 10_000);
      const sealed = await archivist.seal(sealedMs);
      const keep = () => ({ keepUntilMs: 0, keepKeysUntilMs: 0 });
      await store.transaction((tx) => recordSegments(tx, sealed, keep));
      await archivist.recall();
      return sealed;
    },
    async close() {
      for (const archivist of open) await archivist.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function eventRow(event: HistoryEvent, at: number) {
  const timeMs = event.timeMs ?? FIRST_MS + at;
  const time = timeMs.toString(16).padStart(12, '0');
  const random = Buffer.from(systemRandom.bytes(8)).toString('hex');
  const uid = `${time.slice(0, 8)}-${time.slice(8)}-7000-${random.slice(0, 4)}-${random.slice(4)}`;
  const name = event.name ?? 'token.issued';
  const session = event.session === undefined ? {} : { session: { uid: event.session } };
  const ocsf = JSON.stringify({
    activity_id: 3,
    ...{ category_uid: 3, class_uid: event.classUid ?? 3002 },
    metadata: { event_code: name, logged_time: timeMs, uid },
    ...session,
    ...{ severity_id: 1, time: timeMs, type_uid: 300203 },
    unmapped: {
      countersign: { event: name, jti_hash: event.token, note: 'x'.repeat(event.padding ?? 0) },
    },
    user: { uid: event.person ?? 'nobody' },
  });
  const salt = event.salt === undefined ? systemRandom.bytes(16) : event.salt;
  return {
    ...{ uid, tenant: event.tenant ?? null, time_ms: timeMs, name, ocsf, salt },
    source: event.source ?? null,
  };
}
