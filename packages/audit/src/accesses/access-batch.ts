// A batch of accesses as it comes over the wire (`POST /api/v1/accesses`): what was touched with which
// token, every field bounded.

import { z } from 'zod';
import { auditError } from '../audit-error.ts';

export const MOST_ACCESSES = 500;

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hexadecimal digits');
const text = (longest: number) => z.string().min(1).max(longest);

const item = z.strictObject({
  kind: z.enum(['mail', 'folder', 'file', 'site', 'object', 'row', 'secret', 'other']),
  id: text(512),
  /** What holds it: a mailbox, a bucket, a site. */
  in: text(512).optional(),
  name: text(512).optional(),
});

const access = z.strictObject({
  /** Chosen by the reporter: the same again is the same access. */
  id: text(64),
  atMs: z.int().min(0).max(8_640_000_000_000_000),
  /** SHA-256 of the compact token, or of its `jti`; at least one. */
  tokenHash: hash.optional(),
  jtiHash: hash.optional(),
  operation: z.enum([
    ...(['read', 'sync', 'search', 'list', 'send', 'export', 'share'] as const),
    ...(['download', 'upload', 'create', 'update', 'write', 'delete'] as const),
  ]),
  item,
  /** Items that this stands for, when it is more than the one that is named. */
  count: z.int().min(0).max(1_000_000_000).optional(),
  /** False: more was touched than is told, as when a folder was synchronised. */
  complete: z.boolean().optional(),
  ip: text(64).optional(),
  userAgent: z.string().max(1024).optional(),
});

const batch = z.strictObject({ accesses: z.array(access).max(MOST_ACCESSES) });

export type Access = z.infer<typeof access>;

/** @throws CodedError `accesses_malformed`, naming the first member that is wrong */
export function parseAccessBatch(given: unknown): Access[] {
  const parsed = batch.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : `${issue.path.join('.')} ${issue.message}`;
    throw malformed(`The batch of accesses is malformed: ${where}`);
  }
  const { accesses } = parsed.data;
  const nameless = accesses.findIndex(
    ({ tokenHash, jtiHash }) => tokenHash === undefined && jtiHash === undefined,
  );
  if (nameless >= 0)
    throw malformed(`accesses.${nameless} names no token: give tokenHash or jtiHash.`);
  return accesses;
}

function malformed(message: string): Error {
  return auditError('accesses_malformed', message.slice(0, 300));
}
