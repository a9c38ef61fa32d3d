// What a monitor raises. The codes are closed; each says what the log did, not what to think of it.

import type { ReadRefusal } from '../watcher-error.ts';

export const ALARM_CODES = [
  // Nothing was learnt in this round, or not all.
  'log_unreachable',
  'log_answer_malformed',
  'tile_missing',
  // The log said something that cannot be, or withheld something.
  'checkpoint_invalid',
  'checkpoint_stale',
  'log_rolled_back',
  'log_behind',
  'log_forked',
  'entry_differs',
  'tile_differs',
  'root_differs',
  // The log holds something that its customer did not expect.
  'leaf_unrecorded',
  'record_differs',
  'key_unknown',
] as const;

export type AlarmCode = (typeof ALARM_CODES)[number];

export interface MonitorAlarm {
  readonly code: AlarmCode;
  /** One sentence. */
  readonly message: string;
  /** Sizes, indexes, hashes in lower-case hex, the file of evidence. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Ends what a round was doing, with the alarm that says why. */
export class RoundEnd extends Error {
  readonly alarm: MonitorAlarm;

  constructor(code: AlarmCode, message: string, facts: MonitorAlarm['facts'] = {}) {
    super(message);
    this.name = 'RoundEnd';
    this.alarm = { code, message, facts };
  }
}

const READ_ALARMS = {
  log_unreachable: 'log_unreachable',
  url_not_allowed: 'log_unreachable',
  log_answer_malformed: 'log_answer_malformed',
  tile_missing: 'tile_missing',
} as const satisfies Record<ReadRefusal, AlarmCode>;

/** The alarm that an error of a round amounts to; undefined when it is a fault of our own. */
export function alarmOf(error: unknown): MonitorAlarm | undefined {
  if (error instanceof RoundEnd) return error.alarm;
  if (!(error instanceof Error) || error.name !== 'CodedError' || !('code' in error)) {
    return undefined;
  }
  const code = READ_ALARMS[error.code as keyof typeof READ_ALARMS];
  return code === undefined ? undefined : { code, message: error.message, facts: {} };
}
