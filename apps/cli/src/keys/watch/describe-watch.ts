// What a watchdog found, for people and for programs.

import type { Suspicion, WatchdogAlarm, WatchdogReport } from '@countersign/watchers';
import type { Answer } from '../../answer/answer.ts';
import type { Paint } from '../../terminal/paint.ts';
import { printable } from '../../terminal/paint.ts';

export interface Watched {
  house: string;
  /** That were raised or repeated. */
  alarms: number;
  /** Undefined when it was stopped before its first look. */
  last: WatchdogReport | undefined;
  once: boolean;
}

export function describeWatch({ house, alarms, last, once }: Watched): Answer {
  // What did not settle while we looked on is as bad, when there is no later look.
  const wrong = [...(last?.conditions ?? []), ...(once ? (last?.unsettled ?? []) : [])];
  // A log that was not read to its end in the time says nothing good either.
  const ok = once ? last?.logsRead === true && wrong.length === 0 : alarms === 0;
  return {
    ok,
    json: {
      ...{ command: 'keys watch', ok, house, alarms },
      keys: last?.keys ?? null,
      logsRead: last?.logsRead ?? false,
      conditions: wrong.map(({ code, severity, issuer = null, kid = null, message, facts }) => ({
        ...{ code, severity, issuer, kid, message, facts },
      })),
      ...(once ? {} : { stopped: true }),
    },
    lines: ({ paint }) => [
      ...wrong.map((one) => drawCondition(one, paint)),
      ok
        ? `  ${paint.good('well')}  ${last?.keys ?? 0} keys: age, key sets, log and rotator`
        : `  ${paint.bad('not well')}  ${wrong.length} conditions now, ${alarms} alarms`,
    ],
  };
}

export function drawAlarm(
  { phase, code, message, issuer, kid, atMs }: WatchdogAlarm,
  paint: Paint,
): string {
  const at = new Date(atMs).toISOString().slice(0, 19);
  const mark = phase === 'ended' ? paint.good('over ') : paint.bad('ALARM');
  const about = [issuer, kid].filter((text) => text !== undefined).map(printable);
  return `  ${at}Z  ${mark}  ${code}  ${[message, ...about].map(printable).join('  ')}`;
}

function drawCondition({ code, message, issuer, kid }: Suspicion, paint: Paint): string {
  const about = [issuer, kid].flatMap((text) => (text === undefined ? [] : [printable(text)]));
  return `  ${paint.bad(code)}  ${[printable(message), ...about].join('  ')}`;
}
