// Request bodies at the edge: bounded, JSON, and of the shape the route documents.

import { CodedError } from '@countersign/vocabulary';
import type { Context } from 'hono';
import type { z } from 'zod';

/** @throws CodedError `bad_request` naming the member that is wrong. */
export async function readJson<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  let body: unknown;
  try {
    body = await context.req.json();
  } catch (error) {
    throw new CodedError('bad_request', 'The body is not JSON.', { cause: error });
  }
  return checked(schema, body);
}

/** Query parameters of the request, checked the same way. @throws CodedError `bad_request` */
export function readQuery<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): z.output<Schema> {
  return checked(schema, context.req.query());
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new CodedError('bad_request', `${place}${issue?.message ?? 'not understood'}`);
}
