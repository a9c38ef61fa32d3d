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
<p>At most 1 % of the legitimate logins asked again: % of the attacks found, with 95 % intervals (people drawn with replacement, ${report.bootstrapDraws} draws).</p>
${tables.drawRates(report, 'recallAtFpr1', 'Attacks found at 1 %')}
<p>The same at 0.1 %.</p>
${tables.drawRates(report, 'recallAtFpr01', 'Attacks found at 0.1 %')}
<h2 id="asked">What it costs to find nearly all</h2>
<p>How many legitimate logins are asked again so that a given share of the attacks is found. Further down is better.</p>
<div class="plots">${curves.drawReauths(report)}</div>
<p>% asked again so that 99 % are found.</p>
${tables.drawRates(report, 'reauthAtTpr99', 'Asked again at 99 %')}
<p>Median number of times a person is asked in their first logins of the test.</p>
${tables.drawReauthCounts(report)}
<h2 id="kept">Whether the promise is kept, and for whom</h2>
<p>A score of 50 promises that one legitimate login in a hundred looks this odd. The promise has to hold for the new as for the old, in every country and on every device.</p>
<div class="plots">${curves.drawCalibration(report)}${curves.drawHistoryBars(report)}</div>
${tables.drawRealised(report)}
<p>The product at a budget of 1 %, by group. Groups of few logins vary by chance.</p>
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
  const source = data.source === 'generator' ? 'a made-up world' : 'the published RBA data set';
  const count = (value: number): string => value.toLocaleString('en-GB');
  return `<h1>The risk engine on trial</h1>
<p class="soft">${count(logins)} logins of ${count(users)} people in ${source}, seed ${seed}. The first ${count(split.training)} train; the other ${count(split.legit)} legitimate logins with a history and ${count(split.attacks)} attacks are judged, each by what was before it only.</p>
<div class="answers">
${answer(times(overFreeman.recallAtFpr1.naive), 'as many naive attacks found as by Freeman’s method, at 1 % asked again')}
${answer(times(overFreeman.recallAtFpr1.vpn), 'as many attacks through a VPN')}
${answer(times(overFreeman.reauthAtTpr99.vpn), 'as many people asked again, where 99 % of VPN attacks have to be found')}
${answer(`${((report.models['countersign']?.realised[0]?.fpr ?? Number.NaN) * 100).toFixed(2)} %`, 'of legitimate logins asked again where 1 % was promised')}
</div>
<p>${drawAudit(report)} <a href="#limits">What these figures are not.</a></p>`;
}

function drawAudit({ data: { audit } }: TrialReport): string {
  if (audit === null) return '';
  const figures = `worst AUC ${audit.worstAuc.toFixed(2)}, most found at 1 %: ${(audit.worstRecallAtFpr1 * 100).toFixed(1)} %`;
  return audit.passed
    ? `<strong class="good">Audit passed:</strong> no attacker can be told by how he was put among the logins (${figures}).`
    : `<strong class="bad">Audit failed:</strong> attackers can be told by how they were put there (${figures}). No figure on this page counts.`;
}

function drawKey(report: TrialReport): string {
  const items = curves
    .drawnModels(report)
    .toReversed()
    .map(([name]) => `<li class="k-${name}">${escapeHtml(name)}</li>`);
  return `<ul class="key" aria-label="Lines">${items.join('')}</ul>`;
}

function drawLeftOut(report: TrialReport): string {
  if (report.variants.length === 0) return '';
  return `<h2 id="without">With something left out</h2>
<p>The relation head trained again: without an attacker, who then comes as a stranger, and without a group of features. % of the attacks found at 1 %.</p>
${tables.drawVariants(report)}`;
}

function drawScenarios({ scenarios }: TrialReport): string {
  if (scenarios.length === 0) return '';
  const rows = scenarios.map(({ name, what, expected, detected, falseAlarms }) => [
    `${escapeHtml(name)}<br><small>${escapeHtml(what)}</small>`,
    `<code>${escapeHtml(expected)}</code>`,
    `${detected.runs} of ${detected.of}`,
    `${falseAlarms.runs} of ${falseAlarms.of}`,
  ]);
  return `<h2 id="scenarios">Attacks of their own kind</h2>
<p>Made up step by step, held against the deterministic detectors, and part of none of the figures above.</p>
${tables.drawTable('Scenarios', ['', 'detection', 'found', 'false alarms'], rows)}`;
}

function drawFoot({ made, model, seed, tookMs, data }: TrialReport): string {
  const counted = data.counted;
  const rows =
    counted === null
      ? ''
      : ` Of ${counted.rows.toLocaleString('en-GB')} rows ${counted.kept.toLocaleString('en-GB')} were kept; ${counted.failed.toLocaleString('en-GB')} failed logins, ${counted.incomplete.toLocaleString('en-GB')} with gaps, ${counted.bad.toLocaleString('en-GB')} unreadable.`;
  return `<footer><p>Made ${escapeHtml(made)} in ${(tookMs / 1000).toFixed(0)} s, seed ${seed}.${rows} Model ${escapeHtml(model.id)}, SHA-256 <code>${escapeHtml(model.sha256)}</code>, learned from ${model.legitimate.toLocaleString('en-GB')} legitimate logins. The same seed makes the same page but for the two times.</p></footer>`;
}
