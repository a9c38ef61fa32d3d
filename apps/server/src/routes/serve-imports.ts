// `/api/v1/imports`: records of other houses into a tenant's own log, by an operator or by a reader of
// the tenant that may manage; and what was brought in so far. Sending again what was sent is harmless.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { SOURCE_NAMES } from '@countersign/sources';
import { CodedError } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { importTexts } from '../imports/import-texts.ts';
import { describeRequest } from './describe-request.ts';
import { readJson, readQuery } from './read-json.ts';

export interface ImportRouteParts {
  tenants: Pick<Directory['tenants'], 'find'>;
  audit: Pick<Audit, 'recordImported' | 'listImports'>;
  /** Lets readers of logs pass, and operators. */
  readerOnly: MiddlewareHandler;
}

/** One record of 16 MiB, with its quotes escaped, is the largest thing that is sent. */
const LARGEST_IMPORT_BYTES = 36 * 1024 * 1024;

const tenant = z.string().min(1).max(63);
const newImport = z.strictObject({
  /** Whose log; a tenant's own reader need not say. */
  tenant: tenant.optional(),
  /** Batches of one run are summed up together. */
  run: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is 1 to 64 letters, digits, - and _'),
  source: z.enum(SOURCE_NAMES).optional(),
  records: z.array(z.strictObject({ text: z.string() })).max(1000),
  unreadable: z.int().min(0).max(1_000_000_000).default(0),
  done: z.boolean().default(false),
});
const page = z.strictObject({
  tenant: tenant.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function importRoutes({ tenants, audit, readerOnly }: ImportRouteParts): Hono {
  const routes = new Hono();
  const onError = (): never => {
    throw new CodedError('too_large', 'The body is larger than this route takes.');
  };
  // In this order: a body without a length is held in memory, which is for those who may import.
  routes.use('/imports', readerOnly);
  routes.post('/imports', mayImport, bodyLimit({ maxSize: LARGEST_IMPORT_BYTES, onError }));
  const tenantFor = async (context: Context, asked: string | undefined): Promise<string> => {
    const name = ownTenant(context, asked);
    if ((await tenants.find(name)) === undefined) {
      throw new CodedError('not_found', 'There is no such tenant.');
    }
    return name;
  };
  routes.post('/imports', async (context) => {
    const { records, ...given } = await readJson(context, newImport);
    const { kind, id } = context.get('reader');
    const taken = await importTexts(audit, {
      ...given,
      tenant: await tenantFor(context, given.tenant),
      by: kind === 'operator' ? id : `reader ${id}`,
      request: describeRequest(context),
      texts: records.map(({ text }) => text),
    });
    return context.json(taken, 200);
  });
  routes.get('/imports', async (context) => {
    const asked = readQuery(context, page);
    const name = await tenantFor(context, asked.tenant);
    return context.json(await audit.listImports({ tenant: name, limit: asked.limit }));
  });
  return routes;
}

/** @throws CodedError `not_allowed` */
const mayImport: MiddlewareHandler = async (context, next) => {
  const { kind, tenant: own, manage } = context.get('reader');
  if (kind !== 'operator' && (own === undefined || !manage)) throw notAllowed();
  await next();
};

function notAllowed(): CodedError {
  return new CodedError('not_allowed', 'This needs a reader of the tenant that may manage.');
}

/** @throws CodedError `bad_request`, `not_allowed` */
function ownTenant(context: Context, asked: string | undefined): string {
  const reader = context.get('reader');
  if (reader.kind === 'operator') {
    if (asked === undefined) throw new CodedError('bad_request', 'Say whose log: tenant.');
    return asked;
  }
  const { tenant: own, manage } = reader;
  if (own === undefined || !manage || (asked !== undefined && asked !== own)) {
    throw notAllowed();
  }
  return own;
}
