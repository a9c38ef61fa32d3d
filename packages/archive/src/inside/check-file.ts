// Reads a file whole and holds it against the record: numbers without gaps, and for each segment in it
// the Merkle root and the heads of the chain on both sides. What is erased counts with its leaf.

import { existsSync } from 'node:fs';
import { nextHead } from '@countersign/trail';
import { RootAccumulator } from '@countersign/verifier';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CheckRequest, FileTrouble } from '../client/archive-client.ts';
import type { SegmentTable } from '../tables.ts';
import type { Catalogue } from './catalogue.ts';
import { sealedRows } from './join-relation.ts';
import { CHAINED, chainedEvent, type HoldFor } from './read-events.ts';

export interface CheckParts {
  catalogue: Catalogue;
  holdFor: HoldFor;
}

/** @returns what is wrong, if anything is */
export async function checkFile(
  { catalogue, holdFor }: CheckParts,
  { tenant, file }: CheckRequest,
): Promise<FileTrouble | undefined> {
  const known = catalogue.find(tenant, file);
  const missing: FileTrouble = { tenant, file, trouble: 'missing', detail: 'it is not on record' };
  if (known === undefined) return missing;
  const { path, first, last } = known;
  const segments = catalogue
    .segmentsOf(tenant)
    .filter((segment) => segment.first >= first && segment.last <= last);
  const choose = () => [known];
  const detail = await holdFor(choose, (connection) =>
    holdAgainst(connection, path, segments),
  ).catch(
    (error: unknown) => `it cannot be read: ${error instanceof Error ? error.message : 'unknown'}`,
  );
  if (detail === undefined) {
    catalogue.clearTrouble(file);
    return undefined;
  }
  if (!existsSync(path)) return { tenant, file, trouble: 'missing', detail: 'it is not there' };
  return { tenant, file, trouble: 'damaged', detail: detail.slice(0, 300) };
}

/**
 * @param segments all that the file holds, in order
 * @returns what is wrong, if anything is
 */
export async function holdAgainst(
  connection: DuckDBConnection,
  path: string,
  segments: readonly SegmentTable[],
): Promise<string | undefined> {
  const result = await connection.stream(
    `SELECT ${CHAINED} FROM (${sealedRows([{ path }])}) ORDER BY number`,
  );
  const check = new SegmentCheck(segments);
  for await (const rows of result.yieldRowsJs()) {
    for (const row of rows) {
      const { number, leaf } = chainedEvent(row);
      const wrong = check.take(number, Buffer.from(leaf, 'hex'));
      if (wrong !== undefined) return wrong;
    }
  }
  return check.finish();
}

class SegmentCheck {
  readonly #segments: readonly SegmentTable[];
  #at = 0;
  #next: number;
  #root = new RootAccumulator();
  #head: Buffer;

  constructor(segments: readonly SegmentTable[]) {
    this.#segments = segments;
    this.#next = segments[0]?.first ?? 0;
    this.#head = Buffer.from(segments[0]?.head_before ?? '', 'hex');
  }

  take(number: number, leaf: Uint8Array): string | undefined {
    const segment = this.#segments[this.#at];
    if (segment === undefined) return `it holds event ${number}, which is in no segment of it`;
    if (number !== this.#next) return `event ${this.#next} is not there`;
    this.#root.add(leaf);
    this.#head = nextHead(this.#head, leaf);
    this.#next += 1;
    return number === segment.last ? this.#close(segment) : undefined;
  }

  finish(): string | undefined {
    return this.#at === this.#segments.length ? undefined : `event ${this.#next} is not there`;
  }

  #close(segment: SegmentTable): string | undefined {
    const root = Buffer.from(this.#root.root()).toString('hex');
    const after = this.#head.toString('hex');
    if (root !== segment.root || after !== segment.head_after) {
      return `events ${segment.first} to ${segment.last} are not those that were sealed`;
    }
    this.#at += 1;
    this.#root = new RootAccumulator();
    return undefined;
  }
}
