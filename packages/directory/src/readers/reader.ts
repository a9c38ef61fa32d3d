// A reader of the audit log, and what somebody who makes one must say. A credential is of one tenant
// for ever; what it may see is decided when it is made and never widened.

import { z } from 'zod';
import { lineOfText } from '../parse-input.ts';

/** `tenant` reads its tenant's whole log, `responder` the same for a limited time, `person` only its own events. */
export type ReaderKind = 'tenant' | 'responder' | 'person';

export interface Reader {
  id: string;
  kind: ReaderKind;
  tenant: string;
  /** For people: who or what holds it. */
  name: string;
  /** May make and end readers of its own tenant; only of kind `tenant`. */
  manage: boolean;
  /** Whose events a `person` sees: `sub` and realm, exactly. */
  subject: string | null;
  realm: string | null;
  /** Why a responder was let in. */
  reason: string | null;
  /** `operator NAME` or `reader ID`. */
  madeBy: string;
  createdMs: number;
  /** Null: until it is ended. */
  expiresMs: number | null;
  endedMs: number | null;
  endedBy: string | null;
}

export interface NewReader {
  kind: ReaderKind;
  tenant: string;
  name: string;
  manage?: boolean | undefined;
  subject?: string | undefined;
  realm?: string | undefined;
  reason?: string | undefined;
  expiresMs?: number | undefined;
}

/** A responder is let in for an incident, not for good. */
export const LONGEST_RESPONDER_MS = 90 * 86_400_000;

const days = LONGEST_RESPONDER_MS / 86_400_000;

/** Members that do not fit the kind are refused, never ignored. */
export function newReaderSchema(nowMs: number) {
  const later = z.int().gt(nowMs, 'must lie in the future');
  const common = { tenant: z.string().max(63), name: lineOfText(120) };
  return z.discriminatedUnion('kind', [
    z.strictObject({
      ...common,
      kind: z.literal('tenant'),
      manage: z.boolean().default(false),
      expiresMs: later.optional(),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('responder'),
      reason: lineOfText(200),
      expiresMs: later.max(nowMs + LONGEST_RESPONDER_MS, `must lie within ${days} days`),
    }),
    z.strictObject({
      ...common,
      kind: z.literal('person'),
      subject: z.string().min(1).max(256),
      realm: z.string().max(80),
      expiresMs: later.optional(),
    }),
  ]);
}
