// The requests that cross the pipe, by number, and what each takes. Bodies are JSON; what arrives is
// checked again where it arrives.

import { z } from 'zod';
import { aggregateRequestSchema, searchRequestSchema } from '../query/search-request.ts';

const sequence = z.int().min(0);
const tenant = z.string().min(1).max(63);
const file = z
  .string()
  .max(160)
  .regex(/^[a-z0-9_-]+\/[0-9.-]+\.parquet$/);
const cut = z.union([
  z.strictObject({ what: z.literal('person'), subject: z.string().min(1).max(512) }),
  z.strictObject({ what: z.literal('expired') }),
]);

export const ARCHIVE_OPS = {
  follow: { op: 1, request: z.strictObject({ throughSequence: sequence }) },
  /** In parts, which may be many; parts after the first name the sequence of the first. */
  followed: { op: 2, request: z.strictObject({ from: sequence, sequence: sequence.optional() }) },
  seal: { op: 3, request: z.strictObject({ sealedMs: sequence, from: sequence }) },
  recall: { op: 4, request: z.strictObject({ clear: z.boolean().optional() }) },
  rewrite: {
    op: 5,
    request: z.strictObject({
      tenant,
      files: z.array(file).min(1).max(10_000),
      cut: cut.optional(),
    }),
  },
  check: { op: 6, request: z.strictObject({ tenant, file }) },
  search: { op: 7, request: searchRequestSchema },
  aggregate: { op: 8, request: aggregateRequestSchema },
  readRange: {
    op: 9,
    request: z.strictObject({ tenant, from: z.int().min(1), limit: z.int().min(1).max(10_000) }),
  },
  findByUid: {
    op: 10,
    request: z.strictObject({ tenant: tenant.optional(), uid: z.string().min(1).max(128) }),
  },
  exportParquet: {
    op: 11,
    request: z.strictObject({
      scope: z.strictObject({ tenant }),
      filter: z.string().max(4096),
      from: z.int().min(1),
      to: sequence,
      name: z.string().regex(/^export-[A-Za-z0-9_-]{22}\.parquet$/),
      throughSequence: sequence,
    }),
  },
} as const;

/** A part of an answer that may be too long for one frame. */
export interface AnswerPart<Item> {
  total: number;
  /** The same in all parts of one answer. */
  sequence: number;
  items: Item[];
}

export type ArchiveOp = keyof typeof ARCHIVE_OPS;
