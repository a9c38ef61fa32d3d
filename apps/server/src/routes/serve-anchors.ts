// `GET /api/v1/audit/anchor`: the newest anchor of a tenant's record, with its proof from the log. Who
// keeps the answer has pinned the record: `countersign audit verify --pin` holds any later one against it.

import { type AnchorProof, formatAnchorProof } from '@countersign/trail';
import { CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { oneTenant } from './authenticate-reader.ts';
import { readQuery } from './read-json.ts';

export interface AnchorRouteParts {
  prove(tenant: string): Promise<AnchorProof | undefined>;
  readerOnly: MiddlewareHandler;
}

const anchorQuery = z.strictObject({ tenant: z.string().max(63).optional() });

/** It names no event and no person, so that reading it is no reading of the record. */
export function anchorRoutes({ prove, readerOnly }: AnchorRouteParts): Hono {
  const routes = new Hono();
  routes.get('/audit/anchor', readerOnly, async (context) => {
    const { tenant: asked } = readQuery(context, anchorQuery);
    const tenant = oneTenant(context.get('reader'), asked);
    const proof = await prove(tenant);
    if (proof === undefined) {
      throw new CodedError('not_found', 'This record is not anchored yet; it is within seconds.');
    }
    return context.body(`${formatAnchorProof(proof)}\n`, 200, {
      'content-type': 'application/json',
      'content-disposition': `attachment; filename="${tenant}-${proof.entry.anchor}.anchor"`,
      'cache-control': 'no-store',
    });
  });
  return routes;
}
