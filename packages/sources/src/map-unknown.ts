// A record that no source knows is kept all the same: as an event of no class, with its own text, so
// that it can be found, counted, and mapped when somebody knows what it is.

import type { JsonObject, MappedRecord } from './map-record.ts';
import { OCSF_VERSION } from './ocsf/draft-event.ts';
import { digestRecord } from './reading/digest-record.ts';
import { textOf } from './reading/read-text.ts';
import { timeMsOf } from './reading/read-time.ts';

/** Members that hold the moment in most logs, the surest first. */
const TIMES = [
  ...['eventTime', 'timestamp', '@timestamp', 'time', 'published', 'createdDateTime'],
  ...['activityDateTime', 'CreationTime', 'CreationDate', 'TimeGenerated', 'created', 'date'],
];
const NAMES = ['eventName', 'operationName', 'Operation', 'eventType', 'action', 'type', 'name'];
const LONGEST_NAME = 128;

/** `timeMs` is 0 where no moment is found: whoever records it says when it came. */
export function mapUnknown(record: JsonObject): MappedRecord {
  const timeMs = firstOf(TIMES, (name) => timeMsOf(record[name])) ?? 0;
  const named = firstOf(NAMES, (name) => textOf(record[name]));
  const operation = named?.slice(0, LONGEST_NAME) ?? 'unknown';
  return {
    key: digestRecord(record),
    timeMs,
    recognised: false,
    facts: { kind: 'other', outcome: 'unknown', operation },
    ocsf: {
      activity_id: 0,
      category_uid: 0,
      class_uid: 0,
      message: 'A record of a kind that is not known here, kept as it came.',
      metadata: {
        event_code: operation,
        log_name: 'unknown',
        product: { name: 'unknown' },
        version: OCSF_VERSION,
      },
      severity_id: 0,
      status_id: 0,
      time: timeMs,
      type_uid: 0,
    },
  };
}

function firstOf<T>(names: readonly string[], read: (name: string) => T | undefined) {
  for (const name of names) {
    const found = read(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
