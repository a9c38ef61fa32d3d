// The part of the catalogue about what feeds the record and what is fed by it: sources, sinks,
// verifiers, detectors; and gaps, for what is missing must be said.

import type { EventName } from '@countersign/vocabulary';
import { type CatalogueEntry, timeMs, verifier } from './example-facts.ts';

const tenant = 'acme';
const actor = { kind: 'operator', id: 'op-ana' } as const;
const okta = { kind: 'source', id: 'src-2', name: 'okta' };
const splunk = { kind: 'sink', id: 'snk-1', name: 'splunk' };

export const feedEvents = {
  'log.gap': {
    when: 'Something that happened is not, or not yet, in the record: throttled, dropped, late, clock_skew, source_disabled, importer_behind, unmapped, unreadable, delivery_behind or left_out. One event for each source, reason and window.',
    facts:
      'tenant, item (the source), reason, count (records, where it is known), message (in words, with where to look), extra.firstMs, extra.lastMs, extra.times (how often it was noticed), extra.mostMs (most late or most wrong)',
    example: {
      name: 'log.gap',
      timeMs,
      tenant,
      item: { kind: 'reporter', id: 'mail-api' },
      reason: 'dropped',
      count: 412,
      message:
        '412 records of reporter mail-api: lost for good. Ask the source itself for what it did in this time.',
      extra: { firstMs: timeMs - 60_000, lastMs: timeMs, times: 1 },
    },
  },
  'log.source_changed': {
    when: 'Something the record hears of was switched on or off, or changed: a reporter, a detector of gaps, an importer.',
    facts: 'tenant, actor, item (the source), operation: enabled, disabled, changed, change',
    example: {
      name: 'log.source_changed',
      timeMs,
      tenant,
      actor,
      item: { kind: 'reporter', id: 'mail-api' },
      operation: 'enabled',
    },
  },
  'log.config_changed': {
    when: 'The server started with other settings than it last ran with. Secrets are never shown.',
    facts: 'change (settings that differ), extra.settings (how many)',
    example: {
      name: 'log.config_changed',
      timeMs,
      actor: { kind: 'system', id: 'start' },
      change: { before: { url: 'http://localhost:4600' }, after: { url: 'https://id.example' } },
      extra: { settings: 1 },
    },
  },
  'source.created': {
    when: 'A connector that pulls records was set up.',
    facts: 'tenant, actor, item (the source)',
    example: { name: 'source.created', timeMs, tenant, actor, item: okta },
  },
  'source.changed': {
    when: 'A connector that pulls records was changed, switched on or off, or removed.',
    facts:
      'tenant, actor, item (the source), operation: enabled, disabled, changed, removed, change',
    example: { name: 'source.changed', timeMs, tenant, actor, item: okta, operation: 'disabled' },
  },
  'sink.created': {
    when: 'Events of a tenant are sent to another place from now on.',
    facts: 'tenant, actor, item (the sink), extra.kind',
    example: { name: 'sink.created', timeMs, tenant, actor, item: splunk, extra: { kind: 'hec' } },
  },
  'sink.changed': {
    when: 'A place events are sent to was changed, switched on or off, or removed.',
    facts: 'tenant, actor, item (the sink), operation: enabled, disabled, changed, removed, change',
    example: { name: 'sink.changed', timeMs, tenant, actor, item: splunk, operation: 'disabled' },
  },
  'sink.failed': {
    when: 'A place events are sent to refuses them or does not answer. Nothing is lost: its cursor waits.',
    facts: 'tenant, item (the sink), reason, count (events that wait)',
    example: {
      name: 'sink.failed',
      timeMs,
      tenant,
      item: splunk,
      reason: 'refused',
      count: 1200,
    },
  },
  'verifier.version': {
    when: 'A reporter’s verifier is seen for the first time, or in another version than before.',
    facts: 'tenant, item (the reporter), verifier, change.before.version, change.after.version',
    example: {
      name: 'verifier.version',
      timeMs,
      tenant,
      item: { kind: 'reporter', id: 'r-1' },
      verifier,
      change: { before: { version: '0.0.9' }, after: { version: '0.1.0' } },
    },
  },
  'detector.changed': {
    when: 'A detection was switched on or off, or changed.',
    facts: 'actor, item (the detection), operation: created, enabled, disabled, changed, removed',
    example: {
      name: 'detector.changed',
      timeMs,
      actor,
      item: { kind: 'rule', id: 'byt-1' },
      operation: 'disabled',
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
