// `GET /api/v1/exports`: events taken out of a record, in the order of their numbers: as NDJSON or CSV, which
// go on after a cut with `from` = the last number that came, plus one; as Parquet; or as evidence bundle.

import type { ArchiveClient } from '@countersign/archive';
import type { Audit } from '@countersign/audit';
import { parseFilter } from '@countersign/search';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { HouseAnchors } from '../anchors/open-anchors.ts';
import type { ExportRequest } from '../export/export-request.ts';
import { EXPORT_FORMATS, type ExportProgress } from '../export/export-request.ts';
import { openBundle, type ParquetParts, streamParquet } from '../export/make-files.ts';
import { createExportRunner, type OpenedExport } from '../export/run-export.ts';
import { streamExport } from '../export/stream-export.ts';
import { openRows } from '../export/write-rows.ts';
import { type LogReader, oneTenant, scopeOf } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readQuery } from './read-json.ts';

export interface ExportRouteParts extends Omit<ParquetParts, 'archive'> {
  archive: Pick<ArchiveClient, 'readRange' | 'exportParquet'>;
  anchors: Pick<HouseAnchors, 'bundle'>;
  /** Number of the newest event of a tenant, once everything that is durable was followed. */
  newestNumber(tenant: string): Promise<number>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  onFailure(error: unknown): void;
  /** As of `ExportRunnerParts`. */
  stalledMs?: number;
  readerOnly: MiddlewareHandler;
}

const number = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const exportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS).default('ndjson'),
  filter: z.string().max(4096).default(''),
  tenant: z.string().max(63).optional(),
  from: number.default(1),
  to: number.optional(),
  /** Whether a table begins with the names of its columns: not when it goes on with another. */
  head: z.enum(['true', 'false']).default('true'),
});

export function exportRoutes(parts: ExportRouteParts): Hono {
  const { newestNumber, clock, readerOnly } = parts;
  const runner = createExportRunner(parts);
  const routes = new Hono();
  routes.get('/exports', readerOnly, async (context) => {
    const query = readQuery(context, exportQuery);
    const reader = context.get('reader');
    const tenant = oneTenant(reader, query.tenant);
    const newest = await newestNumber(tenant);
    const { from, format } = query;
    const to = Math.min(query.to ?? newest, newest);
    if (from > newest + 1) {
      throw new CodedError('bad_request', `from: the newest event has the number ${newest}.`);
    }
    const request: ExportRequest = {
      ...{ reader, tenant, format, from, to },
      filter: parseFilter(query.filter, { nowMs: clock.nowMs() }),
      filterText: query.filter,
      person: personOf(reader, tenant),
    };
    const asked = {
      facts: describeRequest(context),
      signal: context.req.raw.signal,
      stillReads: context.get('stillReads'),
    };
    const { signal } = asked;
    const open = () => openFormat(parts, request, query.head === 'true', signal);
    const { opened, body } = await runner.run(tenant, asked, open);
    return context.body(body, 200, {
      'content-type': opened.type,
      'content-disposition': `attachment; filename="${tenant}.${format}"`,
      'cache-control': 'no-store',
      'countersign-from': String(from),
      'countersign-to': String(opened.request.to),
    });
  });
  return routes;
}

interface OpenedFormat extends OpenedExport {
  type: string;
}

/** @throws CodedError `bad_request`, `not_found` */
async function openFormat(
  parts: ExportRouteParts,
  request: ExportRequest,
  head: boolean,
  signal: AbortSignal,
): Promise<OpenedFormat> {
  const { format } = request;
  if (format === 'ndjson' || format === 'csv') {
    const rows = openRows(format);
    const begun = head ? rows : { ...rows, head: '' };
    const make = (progress: ExportProgress) =>
      streamExport(parts.archive, request, begun, progress);
    return { request, type: rows.contentType, make };
  }
  // A file of columns, or of texts with proofs, shows events whole: also what is of staff in them.
  if (request.person !== undefined) {
    throw new CodedError('bad_request', 'format: of own events there is ndjson and csv.');
  }
  if (format === 'parquet') {
    const type = 'application/vnd.apache.parquet';
    return { request, type, make: (progress) => streamParquet(parts, request, progress) };
  }
  const counted: ExportProgress = { events: 0, through: 0, gone: 0 };
  const { to, texts } = await openBundle(parts.anchors, request, counted, signal);
  return {
    request: { ...request, to },
    type: 'text/plain; charset=utf-8',
    async *make(progress) {
      for await (const text of texts) {
        Object.assign(progress, counted);
        yield text;
      }
      Object.assign(progress, counted);
    },
  };
}

function personOf(reader: LogReader, tenant: string): ExportRequest['person'] {
  const { person } = scopeOf(reader, tenant);
  if (person === undefined) return undefined;
  // Of a person whose realm is unknown nothing is known: `scopeOf` refuses before this.
  return { subject: person.subject, realm: person.realm ?? '' };
}
