// What the monitor of our own log finds becomes an event on record and a line in the operator's log:
// once when it begins, not with every round that finds it again.

import type { Audit } from '@countersign/audit';
import type { CountersignEvent, EventName } from '@countersign/vocabulary';
import type { AlarmCode, MonitorAlarm, MonitorReport } from '@countersign/watchers';
import type { Logger } from 'pino';

export interface AlarmParts {
  audit: Pick<Audit, 'record'>;
  log: Pick<Logger, 'info' | 'error'>;
}

/** A log that shows too little is stale; one that shows what cannot be has another history. */
const EVENTS: Readonly<Record<AlarmCode, EventName>> = {
  log_unreachable: 'log.stale',
  log_answer_malformed: 'log.forked',
  tile_missing: 'log.stale',
  checkpoint_invalid: 'log.forked',
  checkpoint_stale: 'log.stale',
  log_rolled_back: 'log.forked',
  log_behind: 'log.stale',
  log_forked: 'log.forked',
  entry_differs: 'log.forked',
  tile_differs: 'log.forked',
  root_differs: 'log.forked',
  leaf_unrecorded: 'log.forked',
  record_differs: 'log.forked',
  key_unknown: 'key.rogue',
};

export function createAlarmTeller(
  origin: string,
  { audit, log }: AlarmParts,
): (report: Pick<MonitorReport, 'alarms' | 'atMs' | 'size'>) => Promise<void> {
  let before = new Set<AlarmCode>();
  return async ({ alarms, atMs, size }) => {
    const now = new Set(alarms.map(({ code }) => code));
    const begun = alarms.filter(
      ({ code }, at) => !before.has(code) && alarms.findIndex((one) => one.code === code) === at,
    );
    for (const { code, message, facts } of begun) {
      log.error({ origin, code, facts }, `the monitor of our log: ${message}`);
    }
    for (const code of before) {
      if (!now.has(code)) log.info({ origin, code }, 'the monitor finds this no more');
    }
    if (begun.length > 0) {
      await audit.record(begun.map((alarm) => describe(alarm, { origin, atMs, size })));
    }
    // After the record: what could not be recorded is told again.
    before = now;
  };
}

function describe(
  { code, message, facts }: MonitorAlarm,
  { origin, atMs, size }: { origin: string; atMs: number; size: number | undefined },
): CountersignEvent {
  return {
    name: EVENTS[code],
    timeMs: atMs,
    reason: `monitor_${code}`,
    message,
    extra: { ...facts, origin, ...(size === undefined ? {} : { size }) },
  };
}
