// `GET /api/v1/audit/exposure`: what was touched with a token, a session or a key, by an app, a person or
// from an address. Asking is on record, like every read.

import type { Audit, KeyExposure } from '@countersign/audit';
import { QUESTION_KINDS, type Question } from '@countersign/matching';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { type ExposeParts, exposeRecord } from '../exposure/expose-record.ts';
import { INSTALLATION, recordRead } from '../reading/record-read.ts';
import { scopeOf } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readQuery } from './read-json.ts';

export interface ExposureRouteParts extends ExposeParts {
  audit: Pick<Audit, 'record' | 'readKeyExposure'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const value = z.string().min(1).max(512).optional();
const exposureQuery = z.strictObject({
  ...{ token: value, session: value, key: value, app: value, person: value, ip: value },
  tenant: z.string().max(63).optional(),
  listed: z.coerce.number().int().min(0).max(100_000).default(1000),
});

export function exposureRoutes(parts: ExposureRouteParts): Hono {
  const routes = new Hono();
  routes.get('/audit/exposure', parts.readerOnly, async (context) => {
    const { tenant, listed, ...asked } = readQuery(context, exposureQuery);
    const question = questionOf(asked);
    const reader = context.get('reader');
    const scope = scopeOf(reader, tenant);
    const { report, counts } = await exposeRecord(parts, { question, scope, listed });
    const keyExposure = await keyExposureOf(parts, question, scope);
    // Who asks and finds nothing has asked, too; and the ledger says whom a key spoke for.
    const told = keyExposure?.tenants.list.map(({ name }) => name) ?? [];
    for (const owner of [scope.tenant ?? INSTALLATION, ...told]) {
      if (!counts.has(owner)) counts.set(owner, 0);
    }
    await recordRead(parts, {
      ...{ reader, request: describeRequest(context), operation: 'search', counts },
      filter: `exposure of ${question.kind} ${question.value}`,
    });
    const body = { exposure: report, ...(question.kind === 'key' ? { keyExposure } : {}) };
    return context.json(body, 200, { 'cache-control': 'no-store' });
  });
  return routes;
}

/** @throws CodedError `bad_request` */
function questionOf(asked: Partial<Record<Question['kind'], string | undefined>>): Question {
  const given = QUESTION_KINDS.flatMap((kind) => {
    const value = asked[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
  const [question] = given;
  if (question !== undefined && given.length === 1) return question;
  const message = `Ask about exactly one of ${QUESTION_KINDS.join(', ')}.`;
  throw new CodedError('bad_request', message);
}

/** What the ledger says the key spoke for: a tenant sees it of keys that spoke for it alone. */
async function keyExposureOf(
  { audit }: ExposureRouteParts,
  { kind, value }: Question,
  { tenant, person }: ReturnType<typeof scopeOf>,
): Promise<KeyExposure | null> {
  if (kind !== 'key' || person !== undefined) return null;
  const exposure = await audit.readKeyExposure(value);
  if (exposure.tokens === 0) return null;
  const { list, more } = exposure.tenants;
  const alone = more === 0 && list.every(({ name }) => name === tenant);
  return tenant === undefined || alone ? exposure : null;
}
