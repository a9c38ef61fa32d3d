// Each read of a log is an event in that log: who, from where, what was asked, how much was handed out,
// and, of staff, why. It is durable before the answer leaves.

import type { Audit } from '@countersign/audit';
import type { Clock, CountersignEvent, RequestFacts } from '@countersign/vocabulary';
import type { LogReader } from '../routes/authenticate-reader.ts';

export interface ReadParts {
  audit: Pick<Audit, 'record'>;
  clock: Clock;
}

export type ReadOperation =
  | 'list'
  | 'search'
  | 'get'
  | 'count'
  | 'tail_started'
  | 'tail_ended'
  | 'list_searches'
  /** Of the reconciliation, and the forged token of one. */
  | 'findings'
  | 'evidence';

export interface Read {
  reader: LogReader;
  request: RequestFacts;
  operation: ReadOperation;
  filter: string;
  /** Events that were handed out, of each tenant. `_installation` for those of none. */
  counts: ReadonlyMap<string, number>;
  /** The event that this one belongs to: the start of a tail. */
  causedBy?: string | undefined;
}

/** Of one tenant's log. */
export type OneRead = Omit<Read, 'counts'> & { tenant: string; count: number };

const LONGEST_FILTER = 1000;
export const INSTALLATION = '_installation';

/** @returns uids of the events, in the order of the tenants */
export async function recordRead(parts: ReadParts, read: Read): Promise<string[]> {
  const { counts, ...rest } = read;
  const events = [...counts].map(([tenant, count]) => describe({ ...rest, tenant, count }, parts));
  return events.length === 0 ? [] : await parts.audit.record(events);
}

function describe(read: OneRead, { clock }: ReadParts): CountersignEvent {
  const { reader, request, operation, filter, tenant, count, causedBy } = read;
  return {
    name: 'audit.read',
    timeMs: clock.nowMs(),
    ...ownerOf(reader, tenant),
    actor: actorOf(reader),
    ...{ request, operation, count },
    message: `${sayWho(reader)} read the log: ${count} ${count === 1 ? 'event' : 'events'}.`,
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(filter === '' ? {} : { extra: { filter: filter.slice(0, LONGEST_FILTER) } }),
  };
}

export function actorOf({ kind, id, reason }: LogReader): NonNullable<CountersignEvent['actor']> {
  const kinds = { operator: 'operator', tenant: 'reader', responder: 'reader', person: 'person' };
  const actor = { kind: kinds[kind] as 'operator' | 'reader' | 'person', id };
  return reason === undefined ? actor : { ...actor, reason };
}

/** A person's own reads are events of that person. */
function ownerOf(
  { realm, subject }: LogReader,
  tenant: string,
): Pick<CountersignEvent, 'tenant' | 'realm' | 'subject'> {
  if (realm !== undefined && subject !== undefined) {
    return { realm: realm as NonNullable<CountersignEvent['realm']>, subject };
  }
  return tenant === INSTALLATION ? {} : { tenant };
}

function sayWho({ kind, name, reason }: LogReader): string {
  if (kind === 'operator') {
    return `Operator ${name}, ${reason === undefined ? 'without a reason' : `because of “${reason}”,`}`;
  }
  const who = { tenant: 'Reader', responder: 'Responder', person: 'The person' }[kind];
  return kind === 'person' ? who : `${who} ${name}`;
}
