// `GET /api/v1/tenants/TENANT/tag-key`: the key with which a tenant recognises its leaves in the log.
// For the operator, who hands it to the tenant, until tenants have credentials of their own (issue
// 5). Whoever has it can tell the tenant's tokens and people apart in a public log, so that every
// reading is on the tenant's record before the key leaves, and no answer is kept by a cache.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { formatTenantTagKey, type TenantTagKey } from '@countersign/verifier';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { describeRequest } from './describe-request.ts';

export interface TagKeyRouteParts {
  tenants: Pick<Directory['tenants'], 'find'>;
  audit: Pick<Audit, 'record'>;
  tagKeyOf(tenant: string): TenantTagKey;
  clock: Clock;
  operatorOnly: MiddlewareHandler;
}

export function tagKeyRoutes(parts: TagKeyRouteParts): Hono {
  const { tenants, audit, tagKeyOf, clock, operatorOnly } = parts;
  const routes = new Hono();
  routes.get('/tenants/:tenant/tag-key', operatorOnly, async (context) => {
    const tenant = context.req.param('tenant');
    if ((await tenants.find(tenant)) === undefined) {
      throw new CodedError('not_found', 'There is no such tenant.');
    }
    const timeMs = clock.nowMs();
    const request = describeRequest(context);
    const subject = context.get('operator');
    await audit.record([{ name: 'tag_key.read', timeMs, tenant, subject, request }]);
    return context.body(formatTenantTagKey(tagKeyOf(tenant)), 200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
  });
  return routes;
}
