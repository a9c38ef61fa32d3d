// Who reads a log: an operator (provider staff, with a reason the tenant is shown), a tenant's reader,
// its responder for a limited time, or a person for own events. What each may see follows from the
// credential; nothing in a request widens it.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { SearchScope } from '@countersign/archive';
import { FIRST_OPERATOR, type Operators, type Readers } from '@countersign/directory';
import { CodedError } from '@countersign/vocabulary';
import type { Context, MiddlewareHandler } from 'hono';
import { bearerOf } from './authenticate.ts';

export interface LogReader {
  kind: 'operator' | 'tenant' | 'responder' | 'person';
  /** Name of the operator, or id of the reader. */
  id: string;
  /** For people. */
  name: string;
  /** Absent only for operators. */
  tenant?: string;
  /** Only of a person, with the realm. */
  subject?: string;
  realm?: string;
  /** An operator's, from the header `countersign-reason`; a responder's, from when it was let in. */
  reason?: string;
  /** May make readers, save searches and bring in foreign records for its tenant. */
  manage: boolean;
  /** When the credential was made; absent for operators. */
  madeMs?: number;
  /** When the credential ends by itself; absent when it does not. */
  expiresMs?: number;
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Who reads; set by `readerOnly`. */
    reader: LogReader;
    /** Whether the credential of this request is still in force: for what goes on for long. */
    stillReads: () => Promise<boolean>;
  }
}

export interface ReaderParts {
  operatorToken: string;
  operators?: Pick<Operators, 'authenticate'> | undefined;
  readers: Pick<Readers, 'authenticate'>;
}

export const REASON_HEADER = 'countersign-reason';
const LONGEST_REASON = 200;

/** Lets only readers of a log pass; `context.get('reader')` says which. */
export function readerOnly(parts: ReaderParts): MiddlewareHandler {
  const expected = sha256(parts.operatorToken);
  return async (context, next) => {
    const credential = bearerOf(context);
    const reader = timingSafeEqual(sha256(credential), expected)
      ? asOperator(FIRST_OPERATOR, context)
      : await recognise(parts, credential, context);
    const isFirst = reader?.kind === 'operator' && reader.id === FIRST_OPERATOR;
    if (reader === undefined) {
      const message = 'This needs the credential of a reader or an operator that is in force.';
      throw new CodedError('not_authenticated', message);
    }
    context.set('reader', reader);
    context.set(
      'stillReads',
      async () => isFirst || (await recognise(parts, credential, context)) !== undefined,
    );
    await next();
  };
}

/**
 * What the reader may see, narrowed to the tenant that was asked for. Operators may leave it out.
 * @throws CodedError `not_allowed` for another tenant; `reason_needed` for an operator without one
 */
export function scopeOf(reader: LogReader, tenant: string | undefined): SearchScope {
  if (reader.kind === 'operator') {
    if (reader.reason === undefined) throw reasonNeeded();
    return tenant === undefined ? {} : { tenant };
  }
  const own = tenantOf(reader);
  if (tenant !== undefined && tenant !== own) throw notOwn();
  if (reader.kind !== 'person') return { tenant: own };
  const { subject, realm } = reader;
  // Fails closed: a person of whom nothing is known sees nothing.
  if (subject === undefined || realm === undefined) throw notOwn();
  return { tenant: own, person: { subject, realm } };
}

/** The one tenant a reader asks about, or is of. @throws CodedError `bad_request`, and as `scopeOf` */
export function oneTenant(reader: LogReader, tenant: string | undefined): string {
  const { tenant: one } = scopeOf(reader, tenant);
  if (one === undefined)
    throw new CodedError('bad_request', 'Say which tenant, with --tenant or ?tenant=NAME.');
  return one;
}

/** Who asks on a route that is for operators only, as a reader of what it shows of tenants. */
export function operatorAsReader(context: Context): LogReader {
  return asOperator(context.get('operator'), context);
}

async function recognise(
  { operators, readers }: ReaderParts,
  credential: string,
  context: Context,
): Promise<LogReader | undefined> {
  const operator = await operators?.authenticate(credential);
  if (operator !== undefined) return asOperator(operator.name, context);
  const reader = await readers.authenticate(credential);
  if (reader === undefined) return undefined;
  const { kind, id, name, tenant, subject, realm, reason, manage, createdMs, expiresMs } = reader;
  return {
    ...{ kind, id, name, tenant, manage, madeMs: createdMs },
    ...(subject === null ? {} : { subject }),
    ...(realm === null ? {} : { realm }),
    ...(reason === null ? {} : { reason }),
    ...(expiresMs === null ? {} : { expiresMs }),
  };
}

function asOperator(name: string, context: Context): LogReader {
  const reason = readReason(context.req.header(REASON_HEADER));
  const operator = { kind: 'operator' as const, id: name, name, manage: true };
  return reason === undefined ? operator : { ...operator, reason };
}

/** Headers carry no more than Latin letters; others are sent as in a URL. */
function readReason(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const reason = decode(header)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
  if (reason.length > LONGEST_REASON) {
    const message = `${REASON_HEADER}: at most ${LONGEST_REASON} characters.`;
    throw new CodedError('bad_request', message);
  }
  return reason === '' ? undefined : reason;
}

function decode(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

function tenantOf({ tenant }: LogReader): string {
  if (tenant === undefined) throw notOwn();
  return tenant;
}

function notOwn(): CodedError {
  return new CodedError('not_allowed', 'This credential reads the log of its own tenant only.');
}

function reasonNeeded(): CodedError {
  const message = `An operator says why, with --reason or the header ${REASON_HEADER}; the tenant is shown it.`;
  return new CodedError('reason_needed', message);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
