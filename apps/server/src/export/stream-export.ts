// The bytes of an export, made only as fast as they are taken: what is held at any time is two pages of
// the archive and one chunk, whatever is exported and however slow the reader is.

import type { ArchiveClient } from '@countersign/archive';
import { openTurns } from '../reading/work-turns.ts';
import type { ExportProgress, ExportRequest } from './export-request.ts';
import { readChain } from './read-chain.ts';
import { shapeEvent } from './shape-event.ts';
import type { RowWriter } from './write-rows.ts';

const CHUNK_CHARACTERS = 65_536;

export async function* streamExport(
  archive: Pick<ArchiveClient, 'readRange'>,
  request: ExportRequest,
  rows: RowWriter,
  progress: ExportProgress,
): AsyncGenerator<string> {
  let chunk = rows.head;
  const rest = openTurns();
  for await (const step of readChain(archive, request)) {
    if ('gone' in step) {
      progress.gone += step.gone;
      continue;
    }
    const shaped = shapeEvent(step.event, request);
    progress.through = step.event.number;
    if (shaped !== undefined) {
      chunk += rows.row(shaped);
      progress.events += 1;
    }
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = '';
    }
    await rest();
  }
  if (chunk !== '') yield chunk;
}
