// The part of the catalogue about the record itself: who reads it, where it is kept, what happens to it.

import type { ActorFacts, EventName } from '@countersign/vocabulary';
import { type CatalogueEntry, request, timeMs } from './example-facts.ts';

const tenant = 'acme';
const reader: ActorFacts = { kind: 'reader', id: 'rd-soc' };
const operator: ActorFacts = { kind: 'operator', id: 'op-ana', reason: 'ticket 4711' };
const system: ActorFacts = { kind: 'system', id: 'archive' };
const segment = { kind: 'segment', id: 'acme/12' };

export const trailEvents = {
  'audit.started': {
    when: 'The server opened its record and keeps it. A start without a stop before it tells of a crash.',
    facts: 'extra.pid, extra.cleanStop (whether the stop before was in good order)',
    example: { name: 'audit.started', timeMs, extra: { cleanStop: true } },
  },
  'audit.stopped': {
    when: 'The server closes its record in good order: nothing is recorded until the next start.',
    facts: 'reason',
    example: { name: 'audit.stopped', timeMs, reason: 'shutdown' },
  },
  'audit.read': {
    when: 'Someone read or searched events. It stands in the log of the tenant whose events they are; staff give a reason. A live tail is one event at its start and one at its end.',
    facts: 'actor (with reason), request, operation, count (events handed out), extra.filter',
    example: {
      name: 'audit.read',
      timeMs,
      tenant,
      actor: operator,
      request,
      operation: 'search',
      count: 41,
      extra: { filter: 'class = 3002 and status_id = 2' },
    },
  },
  'audit.exported': {
    when: 'Someone took events out: one event before the first byte leaves, and one at the end, with how it ended.',
    facts:
      'actor (with reason), request, operation: started, ended, count (events that left), reason (complete, cut), causedBy = the start, extra.format, extra.filter, extra.from, extra.to (chain numbers)',
    example: {
      name: 'audit.exported',
      timeMs,
      tenant,
      actor: reader,
      request,
      operation: 'ended',
      count: 120_000,
      reason: 'complete',
      extra: { format: 'ndjson', from: 1, to: 120_000 },
    },
  },
  'audit.imported': {
    when: 'Records of another source were taken in.',
    facts:
      'actor, request, item (the run), count (recorded so far), extra.state: begun, ended, extra.known, extra.unmapped, extra.problems, extra.future, extra.truncated',
    example: {
      name: 'audit.imported',
      timeMs,
      tenant,
      actor: reader,
      item: { kind: 'import', id: 'zNsUPyCgBqpPMlkt' },
      count: 100,
      extra: { state: 'ended', known: 3, unmapped: 1, problems: 0, future: 0, truncated: 0 },
    },
  },
  'audit.sealed': {
    when: 'Events of a tenant were sealed into a segment: from now on they cannot be changed unseen.',
    facts: 'tenant, item (the segment), count, extra.first, extra.last, extra.root, extra.bytes',
    example: {
      name: 'audit.sealed',
      timeMs,
      tenant,
      actor: system,
      item: segment,
      count: 3600,
      extra: { first: 39_601, last: 43_200, root: 'e'.repeat(64), bytes: 812_000 },
    },
  },
  'audit.anchored': {
    when: 'The state of the record was put into the transparency log for the first time, or again after trouble.',
    facts: 'token.logIndex, token.logOrigin, extra.anchor, reason',
    example: {
      name: 'audit.anchored',
      timeMs,
      token: { kind: 'other', logIndex: 41_300 },
      actor: system,
      extra: { anchor: 1 },
    },
  },
  'audit.verified': {
    when: 'What is kept of a tenant was held against its chain, segments and anchors.',
    facts: 'tenant, actor, count, reason (the verdict)',
    example: {
      name: 'audit.verified',
      timeMs,
      tenant,
      actor: reader,
      operation: 'verify',
      count: 43_200,
      reason: 'valid',
    },
  },
  'audit.differs': {
    when: 'A hot row, a segment or a file is not what its chain or anchor says it was.',
    facts: 'tenant, reason, extra.number, extra.segment, extra.file',
    example: {
      name: 'audit.differs',
      timeMs,
      tenant,
      reason: 'leaf_differs',
      extra: { number: 40_007, segment: 12 },
    },
  },
  'audit.erased': {
    when: 'The personal data of a person was taken out of events: payload and salt are gone, the leaf stays.',
    facts: 'tenant, actor (with reason), count (events), item (the request, not the person)',
    example: {
      name: 'audit.erased',
      timeMs,
      tenant,
      actor: operator,
      item: { kind: 'erasure', id: 'er-3' },
      count: 214,
    },
  },
  'audit.expired': {
    when: 'A segment was removed after its retention. Its manifest stays for ever, so that proofs stay valid.',
    facts: 'tenant, item (the segment), count, extra.first, extra.last, extra.profile',
    example: {
      name: 'audit.expired',
      timeMs,
      tenant,
      actor: system,
      item: segment,
      count: 3600,
      extra: { first: 39_601, last: 43_200, profile: 'csrb' },
    },
  },
  'audit.retention_changed': {
    when: 'How long events of a tenant are kept was changed: longer at once, shorter only for what comes.',
    facts: 'tenant, actor, change.before.profile, change.after.profile',
    example: {
      name: 'audit.retention_changed',
      timeMs,
      tenant,
      actor: operator,
      change: { before: { profile: 'csrb' }, after: { profile: 'm-21-31' } },
    },
  },
  'reader.created': {
    when: 'Someone may now read events of a tenant: its security team, a responder for a limited time, or a person their own.',
    facts: 'tenant, actor, item (the reader), extra.kind, extra.expiresMs',
    example: {
      name: 'reader.created',
      timeMs,
      tenant,
      actor: operator,
      item: { kind: 'reader', id: 'rd-soc' },
      extra: { kind: 'responder', expiresMs: timeMs + 86_400_000 },
    },
  },
  'reader.ended': {
    when: 'The right to read of someone was ended before its time.',
    facts: 'tenant, actor, item (the reader), reason',
    example: {
      name: 'reader.ended',
      timeMs,
      tenant,
      actor: operator,
      item: { kind: 'reader', id: 'rd-soc' },
    },
  },
  'search.saved': {
    when: 'A search was saved under a name.',
    facts: 'tenant, actor, item (the search), extra.filter',
    example: {
      name: 'search.saved',
      timeMs,
      tenant,
      actor: reader,
      item: { kind: 'search', id: 's-1', name: 'Refused sign-ins' },
      extra: { filter: 'class = 3002 and status_id = 2' },
    },
  },
  'search.removed': {
    when: 'A saved search was removed.',
    facts: 'tenant, actor, item (the search)',
    example: {
      name: 'search.removed',
      timeMs,
      tenant,
      actor: reader,
      item: { kind: 'search', id: 's-1', name: 'Refused sign-ins' },
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
