// One assessment as a person reads it: how odd, why, and what would have made it less so. Takes what a
// server sent or what was scored here; nothing in it is believed to be of its type.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { type Paint, printable, wrap } from '../terminal/paint.ts';

export function paintLevel(level: string, paint: Paint): string {
  if (level === 'high') return paint.bad(level);
  return level === 'medium' ? paint.warn(level) : paint.good(printable(level));
}

/** `high, 82.3`, of what has a level and a score. */
export function describeLevel(one: JsonObject, paint: Paint): string {
  return `${paintLevel(textIn(one, 'level'), paint)}, ${textIn(one, 'score')}`;
}

const WHERE = ['country', 'asn', 'browser', 'os', 'device', 'language', 'app'];
const INDENT = '    ';

export function drawAssessment(assessment: JsonObject, { paint, columns }: Page): string[] {
  const level = textIn(assessment, 'level');
  const where = isObject(assessment['where']) ? assessment['where'] : {};
  const from = WHERE.flatMap((name) => (typeof where[name] === 'string' ? [where[name]] : []));
  const score = `${textIn(assessment, 'score')} of 100`;
  const head = [
    `  ${paint.strong(printable(textIn(assessment, 'id')))}`,
    `  ${paintLevel(level, paint)}, ${score}: ${doneAs(assessment)}`,
    `${INDENT}${momentIn(assessment, 'timeMs')}  ${printable(textIn(assessment, 'kind'))} of ${printable(textIn(assessment, 'subject'))} in ${printable(textIn(assessment, 'realm'))}`,
    ...(from.length === 0 ? [] : indented(`from ${from.join(', ')}`, columns)),
  ];
  return [
    ...head,
    ...section('Why', sentencesIn(assessment, 'reasons'), columns, paint),
    ...section('Detected', sentencesIn(assessment, 'detections'), columns, paint),
    ...section('What if', textOf(assessment['counterfactual']), columns, paint),
    ...section('Heads', headsOf(assessment['heads']), columns, paint),
    ...section('Since', historyOf(assessment['history']), columns, paint),
    ...section('Judged by', judgedBy(assessment), columns, paint),
  ];
}

export function doneAs(assessment: JsonObject): string {
  const actions: Record<string, string> = {
    allow: 'allowed',
    step_up: 'asked for a passkey',
    deny: 'denied',
  };
  const action = textIn(assessment, 'action');
  return actions[action] ?? printable(action);
}

export function indented(text: string, columns: number): string[] {
  return wrap(printable(text), columns - INDENT.length).map((line) => INDENT + line);
}

export function section(
  title: string,
  texts: readonly string[],
  columns: number,
  paint: Paint,
): string[] {
  if (texts.length === 0) return [];
  return ['', `  ${paint.faint(title)}`, ...texts.flatMap((text) => indented(text, columns))];
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}

/** Of objects their sentence, of texts (codes) themselves. */
export function sentencesIn(assessment: JsonObject, name: string): string[] {
  const list = assessment[name];
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    if (typeof one === 'string') return [one];
    if (!isObject(one)) return [];
    const share = typeof one['share'] === 'number' ? ` (${Math.round(one['share'] * 100)} %)` : '';
    return [`${textIn(one, 'sentence')}${share}`];
  });
}

const MOST_IN = 1000;

function headsOf(heads: unknown): string[] {
  if (!isObject(heads)) return [];
  return Object.entries(heads).flatMap(([head, result]) => {
    const tail = isObject(result) ? result['tail'] : undefined;
    if (typeof tail !== 'number' || !(tail > 0)) return [];
    const often =
      tail >= 1 / MOST_IN ? `1 in ${Math.round(1 / tail)}` : `fewer than 1 in ${MOST_IN}`;
    return [`${head}: ${often} legitimate acts are at least as odd`];
  });
}

function historyOf(history: unknown): string[] {
  if (!Array.isArray(history)) return [];
  return history
    .filter(isObject)
    .map((one) => `${momentIn(one, 'timeMs')}  ${textIn(one, 'kind')}: ${textIn(one, 'word')}`);
}

function judgedBy(assessment: JsonObject): string[] {
  const { degraded } = assessment;
  const missing =
    Array.isArray(degraded) && degraded.length > 0 ? `, without ${degraded.join(', ')}` : '';
  const state = textIn(assessment, 'state');
  if (state === '-') return [];
  return [`model ${textIn(assessment, 'model')}, ${state}${missing}`];
}
