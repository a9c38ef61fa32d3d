// `POST /api/v1/log/leaves`: another issuer instance has its tokens logged here, under its own
// credential. See docs/decisions/0006-submission-over-http.md.

import type { Submitter } from '@countersign/directory';
import type { NotaryClient } from '@countersign/transparency';
import { CodedError } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { z } from 'zod';
import { bearerOf } from './authenticate.ts';
import { readJson } from './read-json.ts';

/** Leaves in one request. */
const MOST_ENTRIES = 256;

const submission = z.strictObject({
  /**
   * Leaf entries, base64url: 44 or 69 bytes each; the notary checks what is in them. Entries of keys
   * are longer: whoever stole this credential cannot announce a key with it.
   */
  entries: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{59,92}$/))
    .min(1)
    .max(MOST_ENTRIES),
});

export interface SubmissionParts {
  notary: NotaryClient;
  authenticate(credential: string): Promise<Submitter | undefined>;
}

export function submissionRoutes({ notary, authenticate }: SubmissionParts): Hono {
  const routes = new Hono();
  routes.post('/log/leaves', async (context) => {
    if ((await authenticate(bearerOf(context))) === undefined) {
      throw new CodedError('not_authenticated', 'This needs the credential of a submitter.');
    }
    const { entries } = await readJson(context, submission);
    const receipts = await notary.appendMany(
      entries.map((entry) => new Uint8Array(Buffer.from(entry, 'base64url'))),
    );
    return context.json({
      receipts: receipts.map((receipt) => Buffer.from(receipt).toString('base64url')),
    });
  });
  return routes;
}
