// The routes of the audit trail: who may read, what is read, taken out, brought in, proven and kept.

import type { SearchRequest } from '@countersign/archive';
import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { type Clock, systemRandom as random } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Logger } from 'pino';
import type { HouseAnchors } from '../anchors/open-anchors.ts';
import type { HouseArchive } from '../archive/open-archive.ts';
import { findNewestNumber } from '../export/find-newest-number.ts';
import type { DataFolder } from '../settings/open-data-folder.ts';
import { anchorRoutes } from './serve-anchors.ts';
import { archiveRoutes } from './serve-archive.ts';
import { eventRoutes } from './serve-events.ts';
import { exportRoutes } from './serve-exports.ts';
import { exposureRoutes } from './serve-exposure.ts';
import { importRoutes } from './serve-imports.ts';
import { readerRoutes } from './serve-readers.ts';
import { tailRoutes } from './serve-tail.ts';

export interface TrailRouteParts {
  audit: Audit;
  archive: HouseArchive;
  anchors: HouseAnchors;
  directory: Directory;
  clock: Clock;
  data: Pick<DataFolder, 'archive'>;
  log: Logger;
}

/** All of them are for readers of the record; what each may see follows from its credential. */
export function trailRoutes(parts: TrailRouteParts, reader: MiddlewareHandler): Hono {
  const { audit, directory, clock, log } = parts;
  const { tenants } = directory;
  const routes = new Hono();
  const isTenant = async (name: string) => (await tenants.find(name)) !== undefined;
  routes.route('/', archiveRoutes({ archive: parts.archive, isTenant, readerOnly: reader }));
  const { client } = parts.archive;
  routes.route(
    '/',
    exportRoutes({
      ...{ archive: client, audit, clock, readerOnly: reader, random },
      ...{ anchors: parts.anchors, folder: parts.data.archive },
      newestSequence: parts.archive.newestSequence,
      newestNumber: (tenant) => findNewestNumber(parts.archive, tenant),
      onFailure: (err) => log.error({ err }, 'an export failed'),
    }),
  );
  const reading = { archive: parts.archive, audit, directory, clock, readerOnly: reader };
  routes.route('/', readerRoutes(reading));
  routes.route(
    '/',
    tailRoutes({ ...reading, onFailure: (err) => log.error({ err }, 'a live tail failed') }),
  );
  routes.route('/', eventRoutes(reading));
  const { archive } = parts;
  const search = async (request: SearchRequest) =>
    client.search({ ...request, throughSequence: await archive.newestSequence() });
  routes.route('/', exposureRoutes({ audit, clock, search, readerOnly: reader }));
  routes.route('/', anchorRoutes({ prove: parts.anchors.prove, readerOnly: reader }));
  routes.route('/', importRoutes({ tenants, audit, readerOnly: reader }));
  return routes;
}
