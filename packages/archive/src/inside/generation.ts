// What is followed and not on record in segments yet: the generation that fills, and before it the one
// that is sealed and waits for the server to record it.

import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { SealedSegment } from '../client/archive-client.ts';
import type { OpenSegment } from './chain-state.ts';
import { quote } from './event-relation.ts';
import { COLUMN_LIST, type HotTable } from './hot-copy.ts';
import { nameFile, writeFile } from './write-file.ts';

export interface Generation {
  table: HotTable;
  open: Map<string, OpenSegment>;
  /** Everything up to here was followed when it was closed. */
  throughSequence: number;
  events: number;
  characters: number;
  /** When its first event was followed. */
  sinceMs: number | undefined;
}

export const emptyGeneration = (table: HotTable): Generation => ({
  ...{ table, open: new Map(), throughSequence: 0, events: 0, characters: 0, sinceMs: undefined },
});

export interface SealTask {
  connection: DuckDBConnection;
  folder: string;
  generation: Generation;
  sealedMs: number;
  /** Segments of the tenant that are on record. */
  segmentsOf(tenant: string): number;
}

/** One file for each tenant that has events in it. Leaves are made again from salt and text while these are there. */
export async function sealGeneration(task: SealTask): Promise<SealedSegment[]> {
  const sealed: SealedSegment[] = [];
  for (const open of task.generation.open.values()) sealed.push(await sealTenant(task, open));
  return sealed;
}

async function sealTenant(
  { connection, folder, generation, sealedMs, segmentsOf }: SealTask,
  open: OpenSegment,
): Promise<SealedSegment> {
  const { tenant, first, firstSequence, firstMs, lastMs, firstUid, lastUid, keyEvents } = open;
  const last = first + open.root.size - 1;
  const file = nameFile(folder, tenant, first, last);
  const select = `SELECT ${COLUMN_LIST} FROM ${generation.table.name} WHERE tenant = ${quote(tenant)}`;
  const bytes = await writeFile(connection, join(folder, file), select);
  return {
    ...{ tenant, segment: segmentsOf(tenant) + 1, first, last, firstSequence },
    lastSequence: open.lastSequence,
    throughSequence: generation.throughSequence,
    root: Buffer.from(open.root.root()).toString('hex'),
    headBefore: open.headBefore.toString('hex'),
    headAfter: open.headAfter.toString('hex'),
    ...{ firstMs, lastMs, sealedMs, keyEvents },
    file: { file, tenant, first, last, firstMs, lastMs, firstUid, lastUid, bytes, erased: 0 },
  };
}
