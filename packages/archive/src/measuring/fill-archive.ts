// Puts an archive of any size on disk, for measuring: files as they are after they were put together, and
// their rows on record. The chains in it are not real; nothing but a search can be asked of it.

import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { openDuckDb } from '../inside/open-duckdb.ts';
import { nameFile, writeFile } from '../inside/write-file.ts';
import { recordSegments } from '../keeper/record-segments.ts';
import type { ArchiveTables } from '../tables.ts';
import { madeEvents } from './made-events.ts';

export interface FillOptions {
  /** DATA/archive. */
  folder: string;
  /** A tenant's name. */
  tenant: string;
  events: number;
  eventsPerFile: number;
  firstMs: number;
  stepMs: number;
  onProgress(events: number): void;
}

type Store = { transaction<T>(job: (tx: Kysely<ArchiveTables>) => Promise<T>): Promise<T> };

/** @returns bytes of all files */
export async function fillArchive(store: Store, options: FillOptions): Promise<number> {
  const { folder, tenant, events, eventsPerFile, firstMs, stepMs, onProgress } = options;
  const duckDb = await openDuckDb(folder, { memoryMebibytes: 4096 });
  let all = 0;
  try {
    for (let first = 1; first <= events; first += eventsPerFile) {
      const last = Math.min(first + eventsPerFile - 1, events);
      const file = nameFile(folder, tenant, first, last);
      const rows = madeEvents({ tenant, first, last, firstMs, stepMs });
      const bytes = await writeFile(duckDb.writer, join(folder, file), rows);
      all += bytes;
      const times = { firstMs: firstMs + first * stepMs, lastMs: firstMs + last * stepMs + 1000 };
      const uids = { firstUid: uidAt(times.firstMs, '0'), lastUid: uidAt(times.lastMs, 'f') };
      const written = { file, tenant, first, last, ...times, ...uids, bytes, erased: 0 };
      const hash = '0'.repeat(64);
      const chain = { root: hash, headBefore: hash, headAfter: hash };
      const sequences = { firstSequence: first * 2, lastSequence: last * 2 };
      const segment = Math.ceil(first / eventsPerFile);
      const sealed = { tenant, segment, first, last, ...times, ...sequences, ...chain };
      const rest = { throughSequence: last * 2, sealedMs: times.lastMs, keyEvents: 0 };
      await store.transaction((tx) =>
        recordSegments(tx, [{ ...sealed, ...rest, file: written }], () => ({
          keepUntilMs: 0,
          keepKeysUntilMs: 0,
        })),
      );
      onProgress(last);
    }
  } finally {
    duckDb.close();
  }
  return all;
}

function uidAt(timeMs: number, fill: string): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fill.repeat(3)}-${fill.repeat(4)}-${fill.repeat(12)}`;
}
