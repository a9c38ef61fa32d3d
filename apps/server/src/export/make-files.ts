// Exports that are made elsewhere: a Parquet file by the archivist, which is read and removed, and an
// evidence bundle, which is written as it is read.

import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveClient, ChainedEvent } from '@countersign/archive';
import { findTimeRange } from '@countersign/search';
import { type BundleSource, writeBundle } from '@countersign/trail';
import { CodedError, newId, type Random } from '@countersign/vocabulary';
import type { HouseAnchors } from '../anchors/open-anchors.ts';
import type { ExportProgress, ExportRequest } from './export-request.ts';
import { shapeEvent } from './shape-event.ts';

const CHUNK_BYTES = 65_536;

export interface ParquetParts {
  archive: Pick<ArchiveClient, 'exportParquet'>;
  /** DATA/archive, where the archivist writes. */
  folder: string;
  random: Random;
  newestSequence(): Promise<number>;
}

export async function* streamParquet(
  parts: ParquetParts,
  request: ExportRequest,
  progress: ExportProgress,
): AsyncGenerator<Uint8Array> {
  const { tenant, from, to, filterText: filter } = request;
  const made = await parts.archive.exportParquet({
    ...{ scope: { tenant }, filter, from, to },
    name: `export-${newId(parts.random)}.parquet`,
    throughSequence: await parts.newestSequence(),
  });
  const path = join(parts.folder, made.file);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk;
    progress.events = made.events;
    progress.through = to;
  } finally {
    rmSync(path, { force: true });
  }
}

export interface OpenedBundle {
  /** Number of the last event that was asked for and is anchored. */
  to: number;
  texts: AsyncIterable<string>;
}

/**
 * The whole chain up to the newest anchor; the text of what was asked for, leaves of the rest.
 * @throws CodedError `not_found` before there is an anchor that speaks for any of it
 */
export async function openBundle(
  anchors: Pick<HouseAnchors, 'bundle'>,
  request: ExportRequest,
  progress: ExportProgress,
  signal: AbortSignal,
): Promise<OpenedBundle> {
  const { tenant, from, to, filter, filterText, reader } = request;
  const all = filterText === '' && request.person === undefined;
  const shows = (event: ChainedEvent): boolean => {
    const { number } = event;
    const inside = number >= from && number <= to;
    const shown = inside && (all || shapeEvent(event, request) !== undefined);
    progress.through = Math.max(progress.through, number);
    if (shown) progress.events += 1;
    return shown;
  };
  const { fromMs, toMs } = findTimeRange(filter);
  const bounded = Number.isFinite(fromMs) && Number.isFinite(toMs);
  const source: BundleSource | undefined = await anchors.bundle({
    ...{ tenant, to, signal, shows },
    ...(bounded ? { within: { fromMs, toMs } } : {}),
    remarks: [`Taken out by ${reader.kind} ${reader.id}. Filter: ${filterText || 'none'}.`],
  });
  const reaches = source?.anchor.entry.count ?? 0;
  if (source === undefined || reaches < Math.min(from, to)) {
    throw new CodedError('not_found', 'This record is not anchored yet; it is within seconds.');
  }
  return { to: Math.min(to, reaches), texts: writeBundle(source) };
}
