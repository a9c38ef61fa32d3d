// A drill for people: who let go when, and whether that was soon enough.

import type { Page } from '../../answer/answer.ts';
import { drawTable } from '../../terminal/draw-table.ts';
import { printable } from '../../terminal/paint.ts';
import type { DrillTimes, VerifierTimes } from './drill-times.ts';

const COLUMNS = [
  { title: 'verifier' },
  { title: 'reports' },
  { title: 'last acceptance', align: 'right' },
  { title: 'goal', align: 'right' },
  { title: 'sessions ended', align: 'right' },
  { title: 'new tokens', align: 'right' },
  { title: 'refuses as' },
] as const;

export function drawDrill(
  times: DrillTimes,
  { issuer, missed, recorded }: { issuer: string; missed: readonly string[]; recorded: boolean },
  { paint, columns }: Page,
): string[] {
  const seconds = (value: number | null): string =>
    value === null ? '-' : `${value.toFixed(2)} s`;
  const { issuing } = times;
  const rows = times.verifiers.map((one) => drawVerifier(one, seconds));
  const verdict = missed.length === 0 ? paint.good('Held') : paint.bad('Missed');
  return [
    `  ${verdict}  key ${printable(times.kid)} of ${printable(issuer)} was revoked under use`,
    '',
    ...drawTable(COLUMNS, rows, paint, columns),
    '',
    `  ${seconds(times.answeredSeconds).padStart(8)}  the server had stopped the key and said so`,
    `  ${seconds(issuing.firstNewSeconds).padStart(8)}  the first token of the next key`,
    `  ${seconds(issuing.longestGapSeconds).padStart(8)}  longest time without a token${issuing.failed.length === 0 ? '' : `; ${issuing.failed.length} requests failed`}`,
    ...missed.map((sentence) => `  ${paint.bad('!')} ${printable(sentence)}`),
    ...(recorded ? [] : [`  ${paint.warn('!')} The server did not record the drill.`]),
  ];
}

function drawVerifier(one: VerifierTimes, seconds: (value: number | null) => string): string[] {
  const { name, ours, reports, boundSeconds, sessions, newAccepted, newRefused } = one;
  const still = one.accepting ? `still at ${seconds(one.lastAcceptanceSeconds)}` : undefined;
  return [
    name,
    reports ? 'yes' : 'no',
    still ?? seconds(one.lastAcceptanceSeconds),
    `${ours ? '<' : '≤'} ${boundSeconds} s`,
    sessions.begun === 0
      ? '-'
      : `${sessions.ended}/${sessions.begun} in ${seconds(sessions.lastEndSeconds)}`,
    `${newAccepted}/${newAccepted + newRefused.length}`,
    one.accepting ? '-' : printable(one.refusal),
  ];
}
