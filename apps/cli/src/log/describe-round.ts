// What one round of a monitor says: one JSON object whose members keep their meaning, and lines.

import { encodeBase64url, encodeHex } from '@countersign/verifier';
import type { MonitorReport } from '@countersign/watchers';
import type { Answer, Page } from '../answer/answer.ts';
import { printable, wrap } from '../terminal/paint.ts';
import { type NamedLog, unpinnedRemark } from './name-log.ts';

export function describeRound(
  report: MonitorReport,
  { key, url, pinned }: NamedLog,
  folder: string,
): Answer {
  const { ok, origin, atMs, size, root, newEntries, readEntries, witnessedMs } = report;
  return {
    ok,
    json: {
      command: 'log monitor',
      ok,
      log: origin,
      pinned,
      url,
      state: folder,
      atMs,
      size: size ?? null,
      root: root ?? null,
      newEntries,
      readEntries,
      witnessedMs: witnessedMs ?? null,
      alarms: report.alarms,
      keys: report.keys.map(({ issuerHash, thumbprint, ...key }) => ({
        ...key,
        issuerHash: encodeHex(issuerHash),
        thumbprint: encodeBase64url(thumbprint),
      })),
      anchors: report.anchors,
      unreadViews: report.unreadViews,
    },
    lines: (page) => [
      ...drawState(report, page),
      ...(pinned ? [] : [`  ${printable(unpinnedRemark(key))}`]),
      ...drawAlarms(report, page),
    ],
  };
}

function drawState({ ok, origin, size, ...report }: MonitorReport, { paint }: Page): string[] {
  const word = ok ? paint.good('consistent') : paint.bad('alarm');
  const entries = size === undefined ? 'no checkpoint yet' : `${size} entries`;
  const anchors = report.anchors === 0 ? '' : `, ${report.anchors} of them anchors of records`;
  const read = `${report.newEntries} new${anchors}, ${report.readEntries} read`;
  return [
    `  ${word}  ${printable(origin)}  ${entries}  ${paint.faint(read)}`,
    ...report.keys.map(
      ({ index, event, kid }) => `    key ${printable(kid)} ${event} at entry ${index}`,
    ),
    ...report.unreadViews.map((name) => paint.warn(`    ${printable(name)} could not be asked`)),
  ];
}

function drawAlarms({ alarms }: MonitorReport, { paint, columns }: Page): string[] {
  return alarms.flatMap(({ code, message, facts }) => {
    const known = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
    return [
      `    ${paint.bad(code)}`,
      ...wrap(printable(message), columns - 6).map((line) => `      ${line}`),
      ...known.map((fact) => `      ${paint.faint(printable(fact))}`),
    ];
  });
}
