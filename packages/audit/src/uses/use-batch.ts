// A batch of use reports as it comes over the wire (`POST /api/v1/uses`): every field bounded.

import { z } from 'zod';
import { auditError } from '../audit-error.ts';

export const MOST_USES = 500;
/** Longest token that is taken as evidence, in characters. */
export const LONGEST_EVIDENCE = 16_384;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hexadecimal digits');
const text = (longest: number) => z.string().min(1).max(longest);

const tally = z.int().min(0).max(1_000_000_000_000);

const use = z.object({
  id: text(64),
  atMs: z.int().min(0).max(8_640_000_000_000_000),
  decision: z.enum(['accepted', 'refused', 'audit_failed']),
  code: text(64).optional(),
  tokenHash: hash,
  issuer: text(512).optional(),
  kid: text(256).optional(),
  jtiHash: hash.optional(),
  audience: z.array(text(512)).max(16).optional(),
  clientId: text(256).optional(),
  subject: text(256).optional(),
  logIndex: z.int().min(0).optional(),
  logOrigin: text(255).optional(),
  leafHash: hash.optional(),
  jkt: text(64).optional(),
  ip: text(64).optional(),
  userAgent: z.string().max(1024).optional(),
  /** The compact token; only of one whose signature is good and whose receipt is not. */
  evidence: text(LONGEST_EVIDENCE).optional(),
});

const batch = z.object({
  verifier: z.object({ name: text(128), version: text(64) }),
  uses: z.array(use).max(MOST_USES),
  /** The verifier's clock when it sent this. */
  sentMs: z.int().min(0).max(8_640_000_000_000_000).optional(),
  /** Of this run of the verifier, since it started: reports it threw away, and batches put off. */
  counts: z.object({ run: text(64), dropped: tally, throttled: tally }).optional(),
});

export type UseReport = z.infer<typeof use>;
export type UseBatch = z.infer<typeof batch>;

/** @throws CodedError `uses_malformed`, naming the first member that is wrong. */
export function parseUseBatch(given: unknown): UseBatch {
  const parsed = batch.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `${issue.path.join('.')} ${issue.message}`;
  throw auditError('uses_malformed', `The batch of uses is malformed: ${where}`.slice(0, 300));
}
