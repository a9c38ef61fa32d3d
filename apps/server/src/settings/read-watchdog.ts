// The settings of the watchdog. It is always on: what can be set is how soon it looks again, and who is
// told besides the record and the alarm file.

import { CodedError } from '@countersign/vocabulary';

export interface WatchdogSettings {
  /** Time between looks; silence is an alarm after three of them. */
  readonly everyMs: number;
  /** Told of each alarm by POST; undefined when nobody is. */
  readonly webhook: string | undefined;
}

const DEFAULT_SECONDS = 10;
const SHORTEST_SECONDS = 0.2;
const LONGEST_SECONDS = 60;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** @throws CodedError `bad_setting` */
export function readWatchdog(given: {
  watchdogEverySeconds?: number | string;
  watchdogWebhook?: string;
}): WatchdogSettings {
  const seconds = Number(given.watchdogEverySeconds ?? DEFAULT_SECONDS);
  if (!(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS)) {
    throw bad(
      `watchdogEverySeconds: give seconds from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}: a watchdog that seldom looks is none.`,
    );
  }
  const webhook = given.watchdogWebhook;
  if (webhook !== undefined) {
    const url = URL.parse(webhook);
    const isAllowed =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
    if (!isAllowed || url === null || url.username !== '' || url.hash !== '')
      throw bad('watchdogWebhook: give an https URL without credentials, or http on this machine.');
  }
  return { everyMs: Math.round(seconds * 1000), webhook };
}

function bad(message: string): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', message);
}
