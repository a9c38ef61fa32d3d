// A policy of risk in words: for whom each rule is, when it fits, and what follows.

import type { Page } from '../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../http/read-member.ts';
import { printable, wrap } from '../terminal/paint.ts';

const INDENT = '    ';
const LABEL = 6;

/** @param told where it is from, and who put it in force when */
export function drawPolicy(policy: JsonObject, told: JsonObject, page: Page): string[] {
  const { paint } = page;
  const rules = Array.isArray(policy['rules']) ? policy['rules'].filter(isObject) : [];
  const administrators = textsIn(policy, 'administrators');
  return [
    `  ${paint.strong(printable(textIn(policy, 'name')))}, ${printable(sourceOf(told))}`,
    '  Of all rules that fit the strictest counts, and limits add up.',
    ...rules.flatMap((rule) => ['', ...drawRule(rule, page)]),
    '',
    administrators.length === 0
      ? `  ${paint.faint('No administrators are named: nobody is kept from being locked out.')}`
      : `  The last of ${administrators.length} administrators who can sign in is never denied.`,
  ];
}

function sourceOf(told: JsonObject): string {
  const tenant = textIn(told, 'tenant');
  switch (told['from']) {
    case 'tenant':
      return `put in force for ${tenant} by ${textIn(told, 'changedBy')}, ${momentIn(told, 'changedMs')}`;
    case 'house':
      return `from the settings of the server: ${tenant} has none of its own`;
    default:
      return `which comes with the server: ${tenant} has none of its own`;
  }
}

function drawRule(rule: JsonObject, { paint, columns }: Page): string[] {
  const part = (label: string, text: string): string[] =>
    wrap(printable(text), columns - INDENT.length - LABEL).map(
      (line, at) => INDENT + paint.faint((at === 0 ? label : '').padEnd(LABEL)) + line,
    );
  return [
    ...wrap(printable(textIn(rule, 'name')), columns - 2).map((line) => `  ${line}`),
    ...part('for', whomFor(rule)),
    ...part('when', whenOf(rule)),
    ...part('then', thenOf(rule)),
  ];
}

function whomFor(rule: JsonObject): string {
  const parts = ['subjects', 'populations', 'kinds', 'apps'].flatMap((name) => {
    const chosen = textsIn(rule, name);
    if (chosen.length === 0) return [];
    return [name === 'apps' ? `app ${chosen.join(', ')}` : chosen.join(', ')];
  });
  return parts.length === 0 ? 'everybody' : parts.join('; ');
}

function whenOf({ when }: JsonObject): string {
  if (!isObject(when)) return '-';
  const { level, score } = when;
  const detections = textsIn(when, 'detections');
  return [
    ...(level === undefined ? [] : [`${level === 'high' ? 'high' : `${String(level)} or high`}`]),
    ...(score === undefined ? [] : [`a score of ${String(score)} or more`]),
    ...(detections.length === 0 ? [] : [`detected: ${detections.join(' or ')}`]),
  ].join(', and ');
}

const ACTIONS: Readonly<Record<string, string>> = {
  allow: 'let in',
  deny: 'denied',
};

function thenOf(rule: JsonObject): string {
  const { action, withoutFactor, limit, notify } = rule;
  const without = withoutFactor === 'allow' ? 'let in' : 'denied';
  const what =
    action === 'step_up'
      ? `asked for a passkey (${without} without one)`
      : (ACTIONS[String(action)] ?? String(action));
  return [what, ...limitsIn(limit), ...(notify === true ? ['told to who listens'] : [])].join('; ');
}

function limitsIn(limit: unknown): string[] {
  if (!isObject(limit)) return [];
  const { accessTokenSeconds } = limit;
  const scopes = textsIn(limit, 'withoutScopes');
  return [
    ...(accessTokenSeconds === undefined
      ? []
      : [`tokens of ${String(accessTokenSeconds)} s at most`]),
    ...(scopes.length === 0 ? [] : [`without ${scopes.join(', ')}`]),
  ];
}

function textsIn(object: JsonObject, name: string): string[] {
  const list = object[name];
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}
