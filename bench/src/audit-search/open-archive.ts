// An archive of ten million events in a folder of its own, made once: COUNTERSIGN_BENCH_ARCHIVE names a
// folder that is kept for the next run; otherwise it goes with the process.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ArchiveTables,
  type Archivist,
  archiveMigrations,
  fillArchive,
  openArchivist,
} from '@countersign/archive';
import { type AuditTables, auditMigrations } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { systemClock } from '@countersign/vocabulary';

export const TENANT = 'acme';
/** Fewer events are as far apart as makes them last as long, so that as many windows are looked into. */
const SPAN_MS = 26_000_000_000;

export interface LargeArchive {
  archivist: Archivist;
  events: number;
  bytesPerEvent: number;
  /** The time of the newest event: what "now" is for the searches. */
  nowMs: number;
  close(): Promise<void>;
}

export async function openLargeArchive(events: number): Promise<LargeArchive> {
  const kept = process.env['COUNTERSIGN_BENCH_ARCHIVE'];
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'countersign-bench-archive-'));
  mkdirSync(join(folder, 'archive'), { recursive: true });
  const database = join(folder, 'store.db');
  const done = join(folder, `filled-${events}`);
  const store = await openStore<AuditTables & ArchiveTables>({
    path: database,
    migrations: [...auditMigrations, ...archiveMigrations],
    clock: systemClock,
  });
  const firstMs = Date.UTC(2026, 0, 1);
  const stepMs = Math.max(1, Math.floor(SPAN_MS / events));
  if (!existsSync(done)) {
    const plan = { folder: join(folder, 'archive'), tenant: TENANT, events, firstMs };
    const sizes = { eventsPerFile: 500_000, stepMs };
    await fillArchive(store, { ...plan, ...sizes, onProgress: (at) => showProgress(at, events) });
    writeFileSync(done, '');
  }
  const { bytes } = await store.read
    .selectFrom('segment_file')
    .select(({ fn }) => fn.sum<number>('bytes').as('bytes'))
    .executeTakeFirstOrThrow();
  await store.close();
  const nowMs = firstMs + events * stepMs;
  const archivist = await openArchivist({
    ...{ folder: join(folder, 'archive'), database, instance: 'bench', nowMs: () => nowMs },
    onFatal: (error) => {
      throw error;
    },
  });
  const close = async (): Promise<void> => {
    await archivist.close();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return { archivist, events, bytesPerEvent: Number(bytes) / events, nowMs, close };
}

function showProgress(at: number, of: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\rmaking events: ${Math.round((100 * at) / of)} %${at === of ? '\n' : ''}`);
}
