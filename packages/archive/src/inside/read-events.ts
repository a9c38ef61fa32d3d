// Events by their number in the chain, and one event by its uid: hot or sealed, the answer is the same.

import { hashEvent } from '@countersign/trail';
import type { DuckDBConnection } from '@duckdb/node-api';
import { archiveError } from '../archive-error.ts';
import type { ChainedEvent, FoundByUid, RangeRequest } from '../client/archive-client.ts';
import type { Catalogue, CatalogueFile } from './catalogue.ts';
import { NO_SALT } from './chain-state.ts';
import { quote } from './event-relation.ts';
import type { EventTable } from './event-table.ts';
import type { HotTable } from './hot-copy.ts';
import { sealedRows } from './join-relation.ts';

/** What a query reads, chosen and held in one turn: nothing is dropped or removed in between. */
export type HoldFor = <T>(
  choose: () => readonly CatalogueFile[],
  job: (connection: DuckDBConnection, held: Held) => Promise<T>,
) => Promise<T>;

export interface Held {
  tables: readonly HotTable[];
  files: readonly CatalogueFile[];
}

export interface ReadingParts {
  catalogue: Catalogue;
  holdFor: HoldFor;
  table: EventTable;
}

/** An answer that is longer than this ends early: it has to fit into one frame. */
const LONGEST_ANSWER_BYTES = 3_500_000;
const MOST_EVENTS = 10_000;
export const CHAINED = 'number, sequence, uid, time_ms, name, salt, ocsf, leaf';

export async function readRange(
  { catalogue, holdFor }: ReadingParts,
  { tenant, from, limit }: RangeRequest,
): Promise<ChainedEvent[]> {
  const to = from + Math.min(limit, MOST_EVENTS) - 1;
  const choose = () => {
    const files = catalogue
      .files()
      .filter((file) => file.tenant === tenant && file.first <= to && file.last >= from);
    refuseUnreadable(catalogue, files);
    return files;
  };
  return holdFor(choose, async (connection, { tables, files }) => {
    const parts = [
      ...tables.map(({ name }) => `SELECT ${CHAINED} FROM ${name} WHERE tenant = ${quote(tenant)}`),
      ...(files.length === 0 ? [] : [`SELECT ${CHAINED} FROM (${sealedRows(files)})`]),
    ];
    const select = `SELECT ${CHAINED} FROM (${parts.join(' UNION ALL ')})
      WHERE number BETWEEN ${from} AND ${to} ORDER BY number`;
    const reader = await connection.runAndReadAll(select);
    return cutToFrame(reader.getRowsJS().map(chainedEvent));
  });
}

export async function findByUid(
  { catalogue, holdFor, table }: ReadingParts,
  tenant: string | undefined,
  uid: string,
): Promise<FoundByUid | undefined> {
  const choose = () =>
    catalogue
      .files()
      .filter((file) => file.first_uid <= uid && uid <= file.last_uid)
      .filter((file) => tenant === undefined || file.tenant === tenant);
  const found = await holdFor(choose, async (connection, { tables, files }) => {
    const hot = await findHot(connection, tables, table.findUid(uid)?.sequence);
    if (hot !== undefined) return hot;
    const readable = files.filter(({ file }) => catalogue.troubleOf(file) === undefined);
    const select = `SELECT tenant, ${CHAINED} FROM (${sealedRows(readable)}) WHERE uid = ${quote(uid)}`;
    const sealed = readable.length === 0 ? undefined : await readFound(connection, select);
    // Not found where everything could be read is an answer; otherwise nobody knows.
    if (sealed === undefined) refuseUnreadable(catalogue, files);
    return sealed;
  });
  return tenant === undefined || found?.tenant === tenant ? found : undefined;
}

/** The row of the event table says where: a look at one number, and not a search for a text. */
async function findHot(
  connection: DuckDBConnection,
  tables: readonly HotTable[],
  sequence: number | undefined,
): Promise<FoundByUid | undefined> {
  if (sequence === undefined) return undefined;
  const parts = tables.map(
    ({ name }) => `SELECT tenant, ${CHAINED} FROM ${name} WHERE sequence = ${sequence}`,
  );
  return readFound(connection, parts.join(' UNION ALL '));
}

/** @throws CodedError `archive_damaged` naming the first part that cannot be read */
export function refuseUnreadable(catalogue: Catalogue, files: readonly CatalogueFile[]): void {
  for (const { file, tenant, first, last } of files) {
    const trouble = catalogue.troubleOf(file);
    if (trouble === undefined) continue;
    throw archiveError(
      'archive_damaged',
      `Part of the history cannot be read: events ${first} to ${last} of ${tenant} are in a file that is ${trouble.trouble}.`,
    );
  }
}

async function readFound(
  connection: DuckDBConnection,
  select: string,
): Promise<FoundByUid | undefined> {
  const reader = await connection.runAndReadAll(select);
  const row = reader.getRowsJS()[0];
  return row === undefined
    ? undefined
    : { tenant: row[0] as string, ...chainedEvent(row.slice(1)) };
}

/** @param row columns CHAINED */
export function chainedEvent(row: readonly unknown[]): ChainedEvent {
  const [number, sequence, uid, timeMs, name, saltOrNull, ocsf, leaf] = row;
  const place = {
    ...{ number: Number(number), sequence: Number(sequence), uid: uid as string },
    ...{ timeMs: Number(timeMs), name: name as string },
  };
  if (leaf !== null) return { ...place, leaf: toHex(leaf as Uint8Array), erased: true };
  const salt = (saltOrNull as Uint8Array | null) ?? NO_SALT;
  const text = ocsf as string;
  return { ...place, leaf: hashEvent(salt, text).toString('hex'), salt: toHex(salt), ocsf: text };
}

function cutToFrame(events: ChainedEvent[]): ChainedEvent[] {
  let bytes = 0;
  const end = events.findIndex(({ ocsf }, at) => {
    // As it crosses the pipe: quotes escaped, and most scripts three bytes a character.
    bytes += 400 + (ocsf === undefined ? 0 : Buffer.byteLength(JSON.stringify(ocsf)));
    return at > 0 && bytes > LONGEST_ANSWER_BYTES;
  });
  return end < 0 ? events : events.slice(0, end);
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
