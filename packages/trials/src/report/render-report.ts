// The page of an evaluation: one file without a script, readable on a phone, on paper and by ear.

import * as curves from './draw-curves.ts';
import * as tables from './draw-tables.ts';
import { escapeHtml } from './escape-html.ts';
import { PAGE_STYLE } from './page-style.ts';
import { startPage } from './svg-plot.ts';
import type { TrialReport } from './trial-report.ts';

/** @returns a whole HTML document */
export function renderReport(report: TrialReport): string {
  startPage();
  const page = drawPage(report);
  // A number and its unit stay in one line.
  return page.replace(/(\d) %/g, '$1\u00a0%');
}

function drawPage(report: TrialReport): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Risk engine on trial, seed ${report.seed}</title><style>${PAGE_STYLE}</style></head>
<body><main>
${drawHead(report)}
<h2 id="found">What is found, and at what price</h2>
<p>Each curve says how many attacks a method finds (up) while it asks so many legitimate people again (across, each step ten times as many). Further up and left is better.</p>
${drawKey(report)}
<div class="plots">${curves.drawRocs(report)}</div>
${tables.drawRates(report, 'recallAtFpr1', `% of the attacks found while at most 1 % of the legitimate logins are asked again; small, the interval of 95 % (people drawn with replacement, ${report.bootstrapDraws} draws). In brackets, how many attacks.`)}
${tables.drawRates(report, 'recallAtFpr01', 'The same at 0.1 %.')}
${tables.drawRates(report, 'auc', 'Area under the whole curve: the chance that an attack looks odder than a legitimate login. 0.5 is a coin.')}
<h2 id="asked">What it costs to find nearly all</h2>
<p>How many legitimate logins are asked again so that a given share of the attacks is found. Further down is better.</p>
${drawKey(report)}
<div class="plots">${curves.drawReauths(report)}</div>
${tables.drawRates(report, 'reauthAtTpr90', '% of the legitimate logins asked again so that 90 % of the attacks are found.')}
${tables.drawRates(report, 'reauthAtTpr99', '% asked again so that 99 % are found.')}
${tables.drawReauthCounts(report)}
<h2 id="kept">Whether the promise is kept, and for whom</h2>
<p>A score of 50 promises that one legitimate login in a hundred looks this odd. The promise has to hold for the new as for the old, in every country and on every device. The other methods promise nothing: their thresholds are those that had the rate in the last quarter of the training part.</p>
${drawKey(report, curves.PROMISING)}
<div class="plots">${curves.drawCalibration(report)}${curves.drawHistoryBars(report)}</div>
${tables.drawRealised(report)}
${tables.drawGroups(report)}
${drawLeftOut(report)}
${drawScenarios(report)}
<h2 id="limits">What these figures are not</h2>
<ul class="limits">${report.limits.map((each) => `<li>${escapeHtml(each)}</li>`).join('\n')}</ul>
${drawFoot(report)}
</main></body></html>
`;
}

function drawHead(report: TrialReport): string {
  const { data, split, seed, overFreeman } = report;
  const { logins, users } = data.statistics;
  const times = (value: number | undefined): string =>
    value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(2)}×`;
  const answer = (value: string, words: string): string =>
    `<div class="answer"><b>${value}</b><span>${words}</span></div>`;
  const both = (rate: 'recallAtFpr1' | 'reauthAtTpr99', kind: 'naive' | 'vpn'): string =>
    ['countersign', 'freeman']
      .map((name) => {
        const figures = report.models[name];
        const [low, high] = figures?.intervals[rate][kind] ?? [];
        const show = (value: number | undefined): string => tables.number(value, true);
        return `${show(figures?.[rate][kind])} % <small>(${show(low)}–${show(high)})</small>`;
      })
      .join(' against ');
  const source = data.source === 'generator' ? 'a made-up world' : 'the published RBA data set';
  const promised = report.models['countersign']?.realised[0]?.fpr;
  const { count } = tables;
  return `<h1>The risk engine on trial</h1>
<p class="soft">${count(logins)} logins of ${count(users)} people in ${source}, seed ${seed}. The first ${count(split.training)} train; in the rest ${count(split.legit)} legitimate logins with a history and ${count(split.attacks)} attacks are judged, each by what was before it only.</p>
<div class="answers">
${answer(times(overFreeman.recallAtFpr1.naive), `as many naive attacks found as by Freeman’s method where 1 % are asked again: ${both('recallAtFpr1', 'naive')}`)}
${answer(times(overFreeman.recallAtFpr1.vpn), `as many attacks through a VPN: ${both('recallAtFpr1', 'vpn')}`)}
${answer(times(overFreeman.reauthAtTpr99.vpn), `as many logins asked again where 99 % of the VPN attacks have to be found: ${both('reauthAtTpr99', 'vpn')}`)}
${answer(`${tables.number(promised, true, 2)} %`, 'of legitimate logins asked again where 1 % was promised')}
</div>
<p>${drawAudit(report)} <a href="#limits">What these figures are not.</a></p>`;
}

function drawAudit({ data: { audit } }: TrialReport): string {
  const figures = `worst AUC ${audit.worstAuc.toFixed(2)}, most found at 1 %: ${(audit.worstRecallAtFpr1 * 100).toFixed(1)} %`;
  return audit.passed
    ? `<strong class="good">Audit passed:</strong> no attacker can be told by how he was put among the logins (${figures}).`
    : `<strong class="bad">Audit failed:</strong> attackers can be told by how they were put there (${figures}). No figure on this page counts.`;
}

function drawKey(report: TrialReport, only: readonly string[] = curves.DRAWN): string {
  const items = curves
    .drawnModels(report)
    .filter(([name]) => only.includes(name))
    .toReversed()
    .map(
      ([name]) =>
        `<li><svg viewBox="0 0 28 6" aria-hidden="true"><line class="curve c-${name}" x1="0" x2="28" y1="3" y2="3"/></svg>${escapeHtml(name)}</li>`,
    );
  return `<ul class="key" aria-label="Lines">${items.join('')}</ul>`;
}

function drawLeftOut(report: TrialReport): string {
  if (report.variants.length === 0) return '';
  return `<h2 id="without">With something left out</h2>
<p>The relation head trained again: without an attacker, who then comes as a stranger, and without a group of features.</p>
${tables.drawVariants(report)}`;
}

function drawScenarios({ scenarios }: TrialReport): string {
  if (scenarios.length === 0) return '';
  const rows = scenarios.map(({ name, what, expected, detected, falseAlarms }) => [
    `${escapeHtml(name)} <small>${escapeHtml(what)}</small>`,
    `<code>${escapeHtml(expected)}</code>`,
    `${detected.runs} of ${detected.of}`,
    `${falseAlarms.runs} of ${falseAlarms.of}`,
  ]);
  return `<h2 id="scenarios">Attacks of their own kind</h2>
<p>Made up step by step, held against the deterministic detectors, and part of none of the figures above.</p>
${tables.drawTable({
  caption:
    'Runs in which the detection fired: on the attack, and on an honest act that looks most like it.',
  heads: ['attack', 'detection', 'found', 'false alarms'],
  rows,
})}`;
}

function drawFoot({ made, model, seed, tookMs, data }: TrialReport): string {
  const { count } = tables;
  const { counted } = data;
  const rows =
    counted === null
      ? ''
      : ` Of ${count(counted.rows)} rows ${count(counted.kept)} were kept; left out were ${count(counted.failed)} failed logins, ${count(counted.incomplete)} with gaps, ${count(counted.notDrawn)} of people not drawn, and ${count(counted.bad)} that cannot be read.`;
  return `<footer><p>Made ${escapeHtml(made)} in ${(tookMs / 1000).toFixed(0)} s, seed ${seed}.${rows} Model ${escapeHtml(model.id)}, SHA-256 <code>${escapeHtml(model.sha256)}</code>, learned from ${count(model.legitimate)} legitimate logins. The same seed, data and options make the same page but for the two times.</p></footer>`;
}
