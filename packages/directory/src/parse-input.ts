// Every value that enters this room passes a schema; what does not fit is refused with the field
// and the reason, never with the value.

import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';
import type { DirectoryCode } from './directory-error.ts';

const MOST_REASONS = 3;

/** @throws CodedError `code`, saying which fields are wrong. */
export function parseInput<T>(schema: z.ZodType<T>, code: DirectoryCode, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const reasons = result.error.issues.slice(0, MOST_REASONS).map(({ path, message }) => {
    const field = path.join('.');
    return field === '' ? message : `${field}: ${message}`;
  });
  throw new CodedError<DirectoryCode>(code, `${reasons.join('; ').slice(0, 500)}.`);
}

/** Reads JSON this room wrote. @throws CodedError `record_damaged` */
export function parseStored<T>(schema: z.ZodType<T>, stored: () => unknown): T {
  try {
    return schema.parse(stored());
  } catch (error) {
    // A wrong form or text that is no JSON: both mean that somebody else wrote the row.
    throw new CodedError<DirectoryCode>('record_damaged', 'A stored record is damaged.', {
      cause: error,
    });
  }
}

/** A line of text for people: trimmed, without control characters. */
export function lineOfText(longest: number): z.ZodType<string> {
  return z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, 'must not hold control characters');
}

export interface Page {
  /** Where the page before ended: the key of its last item. */
  after?: string;
  /** Default 100, at most 500. */
  limit?: number;
}

const pageSchema = z.strictObject({
  after: z.string().max(512).default(''),
  limit: z.int().min(1).max(500).default(100),
});

/** @throws CodedError `bad_page` */
export function parsePage(page: Page = {}): { after: string; limit: number } {
  return parseInput(pageSchema, 'bad_page', page);
}
