// A scenario for a visitor who has ten seconds: who took the forgery for genuine, who did not, and
// how long it was until somebody knew.

import type { Page } from '../answer/answer.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { Scenario } from './list-scenarios.ts';
import type { ScenarioResult, ScenarioStep, ScenarioTakeover } from './scenario-result.ts';

export function drawScenario(scenario: Scenario, result: ScenarioResult, page: Page): string[] {
  if (result.takeovers !== undefined) {
    return [
      ...['', page.paint.strong('  What became of the accounts?'), ''],
      ...drawTakeovers(result.takeovers, page),
      ...['', ...drawEnd(scenario, result, page)],
    ];
  }
  return [
    '',
    page.paint.strong('  Who accepts the forged token?'),
    '',
    ...drawVerdicts(result, page),
    '',
    ...drawAlarm(result, page),
    '',
    ...drawEnd(scenario, result, page),
  ];
}

export function drawStep(step: ScenarioStep, { paint, columns }: Page): string[] {
  const mark = step.ok ? paint.good('✓') : paint.bad('✗');
  const took = paint.faint(`  ${duration(step.ms)}`);
  const [first = '', ...rest] = wrap(printable(step.name), columns - 14);
  return [
    `  ${mark} ${first}${rest.length === 0 ? took : ''}`,
    ...rest.map((line, at) => `    ${line}${at === rest.length - 1 ? took : ''}`),
    ...wrap(printable(step.detail), columns - 6).map((line) => paint.faint(`      ${line}`)),
  ];
}

/** For a visitor; the codes are the verifier's, whose own sentences address a developer. */
const REASONS: Readonly<Record<string, string>> = {
  receipt_missing: 'no log saw it being issued',
  tenant_mismatch: 'a token of another tenant',
};

function duration(ms: number): string {
  return ms < 100 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function drawVerdicts({ peers, countersign }: ScenarioResult, { paint, columns }: Page): string[] {
  const rows = peers.map(({ name, version, accepted, detail = '' }) => [
    printable(name),
    printable(version),
    accepted ? paint.bad('ACCEPTED') : paint.good('refused'),
    printable(detail),
  ]);
  const { refused, code } = countersign;
  const ours = [
    paint.strong('Countersign'),
    '',
    refused ? paint.good('REFUSED') : paint.bad('ACCEPTED'),
    printable([code, REASONS[code]].filter(Boolean).join(': ')),
  ];
  return drawTable(
    [
      { title: 'verifier' },
      { title: 'version' },
      { title: 'verdict' },
      { title: 'why', flexible: true },
    ],
    [...rows, ours],
    paint,
    columns,
  );
}

const DONE: Readonly<Record<string, string>> = {
  allow: 'limited',
  step_up: 'asked for a passkey',
  deny: 'denied',
};

function drawTakeovers(takeovers: readonly ScenarioTakeover[], page: Page): string[] {
  const { paint, columns } = page;
  const rows = takeovers.map(({ who, score, level, action, ended, detections, reasons }) => {
    const done = printable(DONE[action] ?? action);
    return [
      printable(who),
      `${score} ${level === 'high' ? paint.bad('high') : paint.warn(printable(level))}`,
      action === 'allow' ? paint.warn(done) : paint.good(done),
      printable(ended),
      printable(detections[0]?.sentence ?? reasons[0] ?? ''),
    ];
  });
  const titles = ['who', 'score', 'policy', 'session or token'].map((title) => ({ title }));
  return drawTable([...titles, { title: 'why', flexible: true }], rows, paint, columns);
}

/** What the alarm of a scenario is, and since when it counts, where it is not the usual one. */
const ALARMS: Readonly<Record<string, { event: string; since: string }>> = {
  'crash-dump': { event: 'dump.blocked', since: 'after the dump was there' },
};
const USUAL_ALARM = { event: 'token.forged', since: 'after the first use' };

function drawAlarm({ scenario, alarm }: ScenarioResult, { paint }: Page): string[] {
  if (!alarm.raised) return [`  ${paint.bad('No alarm was raised.')}`];
  const { event, since } = ALARMS[scenario] ?? USUAL_ALARM;
  const seconds = paint.strong(`${alarm.secondsToAlarm.toFixed(1)} s ${since}`);
  const quarantine = alarm.quarantined
    ? 'quarantined for every verifier'
    : paint.bad('NOT quarantined');
  return [
    `  ${paint.strong('Alarm')}  ${paint.warn(event)} ${seconds}`,
    `  ${paint.strong('Key')}    ${printable(alarm.kid)} ${quarantine}`,
  ];
}

function drawEnd(scenario: Scenario, { ok, steps }: ScenarioResult, { paint }: Page): string[] {
  const failed = steps.filter((step) => !step.ok);
  const verdict = ok
    ? paint.good(`All ${steps.length} steps hold.`)
    : paint.bad(
        `${failed.length} of ${steps.length} steps do not hold${failed.length === 0 ? ', or the verdict above is wrong' : ''}.`,
      );
  return [`  ${verdict}  The history: scenarios/${scenario.name}/README.md`];
}
