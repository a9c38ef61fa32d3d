// The two processes that keep a record, as the server starts them: the event table with its audit room
// here, the archivist confined beside it.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Archive,
  type ArchiveTables,
  archiveMigrations,
  createArchive,
  createArchiveClient,
} from '@countersign/archive';
import { type Audit, type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { spawnConfined } from '@countersign/pipe';
import { openStore, type Store } from '@countersign/storage';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';

type Tables = AuditTables & ArchiveTables;

export interface RecordingHouse {
  audit: Audit;
  archive: Archive;
  store: Store<Tables>;
  folder: string;
  /** Processor time of the archivist so far, all its threads. */
  archivistCpuMs(): number;
  archivistRssMb(): number;
  /** As the log's answer does it. */
  anchorAll(): Promise<void>;
  close(): Promise<void>;
}

const REPOSITORY = join(import.meta.dirname, '../../..');
const ROOMS = ['vocabulary', 'verifier', 'pipe', 'archive', 'trail', 'search', 'storage'];
const LIBRARIES = ['zod', 'kysely', '@duckdb', 'detect-libc', '@countersign'];
const MS_A_TICK = 10;

/** @param data an empty folder */
export async function openRecordingHouse(data: string): Promise<RecordingHouse> {
  const database = join(data, 'countersign.db');
  const folder = join(data, 'archive');
  const store = await openStore<Tables>({
    path: database,
    migrations: [...auditMigrations, ...archiveMigrations],
    clock,
  });
  const audit = createAudit({
    store,
    clock,
    random,
    product: { name: 'countersign', version: '0' },
  });
  mkdirSync(folder);
  const child = spawnConfined({
    ...{ name: 'archivist', script: join(REPOSITORY, 'apps/archivist/src/main.ts'), folder },
    args: ['--folder', folder, '--database', database, '--instance', 'bench'],
    readPaths: [
      ...[join(REPOSITORY, 'package.json'), join(REPOSITORY, 'apps/archivist')],
      ...ROOMS.map((room) => join(REPOSITORY, 'packages', room)),
      ...LIBRARIES.map((library) => join(REPOSITORY, 'node_modules', library)),
    ],
    ...{ timeoutMs: 600_000, opens: { addons: true } },
    onLogLine: (line) => {
      if (!/PERM0001|--trace-warnings/.test(line)) console.error(line);
    },
  });
  const { pid = 0 } = child.child;
  const archive = createArchive({
    ...{ store, folder, clock, random, client: createArchiveClient(child.client) },
    ...{ record: (events) => audit.record(events), longestKeyLifeSeconds: 90 * 86_400 },
  });
  return {
    ...{ audit, archive, store, folder },
    archivistCpuMs: () => cpuMs(pid),
    archivistRssMb: () => {
      const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(kib) / 1000;
    },
    async anchorAll() {
      await store.transaction((tx) =>
        tx
          .updateTable('segment')
          .set({ state: 'anchored' })
          .where('state', '=', 'sealed')
          .execute(),
      );
    },
    async close() {
      await child.stop();
      // The thread that copies the write-ahead log does not keep this process alive by itself.
      const alive = setInterval(() => {}, 1000);
      await store.close();
      clearInterval(alive);
    },
  };
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
}
