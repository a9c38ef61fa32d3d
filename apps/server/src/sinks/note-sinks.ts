// What the log of a tenant says of its own sinks: that one does not take its events, that events wait,
// that one would not take an event while it took others.

import type { Audit } from '@countersign/audit';
import type { PushSinkView, SinkNotes } from '@countersign/connectors';
import type { Clock, CountersignEvent } from '@countersign/vocabulary';
import type { Logger } from 'pino';

const INSTALLATION = '_installation';

export function noteSinks(
  audit: Pick<Audit, 'record' | 'noteGaps'>,
  clock: Clock,
  log: Pick<Logger, 'warn' | 'info'>,
): SinkNotes {
  const gapOf = ({ tenant, id, name }: PushSinkView) => ({
    ...(tenant === INSTALLATION ? {} : { tenant }),
    source: { kind: 'sink', id, name },
  });
  return {
    async onSetAside(sink, events, tx) {
      log.warn({ sink: sink.id, events: events.length }, 'a sink would not take some events');
      await audit.noteGaps([{ ...gapOf(sink), reason: 'dropped', count: events.length }], tx);
    },
    async onFailing(sink, tx) {
      const { id, error, failures } = sink;
      log.warn({ sink: id, error, failures }, 'a sink does not take its events');
      await audit.record([eventOf(sink, clock, 'sink.failed')], tx);
    },
    async onRecovered({ id }) {
      log.info({ sink: id }, 'a sink takes its events again');
    },
    async onBehind(sink, { count, sinceMs }, tx) {
      const gap = { ...gapOf(sink), reason: 'delivery_behind' as const, count };
      await audit.noteGaps([{ ...gap, firstMs: sinceMs, mostMs: clock.nowMs() - sinceMs }], tx);
    },
  };
}

export function eventOf(
  { tenant, id, name, settings, error }: PushSinkView,
  clock: Clock,
  event: 'sink.created' | 'sink.changed' | 'sink.failed',
): CountersignEvent {
  return {
    ...{ name: event, timeMs: clock.nowMs(), item: { kind: 'sink', id, name } },
    ...(tenant === INSTALLATION ? {} : { tenant }),
    ...(event === 'sink.failed' && error !== null ? { reason: error.code } : {}),
    extra: { kind: settings.kind },
  };
}
