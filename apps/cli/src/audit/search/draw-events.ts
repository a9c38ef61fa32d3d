// Events for a person: when and what on one line, who, from where and the sentence below it.

import type { Page } from '../../answer/answer.ts';
import { isObject, type JsonObject, momentIn, textIn } from '../../http/read-member.ts';
import { printable, wrap } from '../../terminal/paint.ts';

const INDENT = ' '.repeat(24);

export function drawEvent(event: JsonObject, { paint, columns }: Page): string[] {
  const severity = Number(event['severityId'] ?? 0);
  const name = printable(textIn(event, 'name'));
  const painted =
    severity >= 4 ? paint.bad(name) : severity >= 2 ? paint.warn(name) : paint.strong(name);
  const facts = [...factsOf(event), textOr(event, ['ocsf', 'message'])].filter(
    (fact) => fact !== '',
  );
  const text = event['erased'] === true ? 'erased: number and time are kept' : facts.join(' · ');
  return [
    `  ${momentIn(event, 'timeMs')}  ${painted}`,
    ...(text === '' ? [] : wrap(printable(text), columns - INDENT.length)).map(
      (line) => INDENT + paint.faint(line),
    ),
  ];
}

/** Who did it, to whom, with what, from where and why: what the event has of it. */
function factsOf(event: JsonObject): string[] {
  const ours = ['ocsf', 'unmapped', 'countersign'];
  const actor = textOr(event, [...ours, 'actor', 'id']);
  const kind = textOr(event, [...ours, 'actor', 'kind']);
  const reason = textOr(event, [...ours, 'actor', 'reason']);
  const user =
    textOr(event, ['ocsf', 'user', 'name']) ||
    textOr(event, ['ocsf', 'user', 'uid']) ||
    textOr(event, ['ocsf', 'actor', 'user', 'uid']);
  const app = textOr(event, [...ours, 'client_id']);
  return [
    actor === '' ? '' : `${kind} ${actor}${reason === '' ? '' : ` (${reason})`}`,
    user === actor ? '' : user,
    app === user ? '' : app,
    textOr(event, ['ocsf', 'src_endpoint', 'ip']),
  ].filter((fact) => fact !== '');
}

function textOr(event: JsonObject, path: readonly string[]): string {
  let at: unknown = event;
  for (const name of path) at = isObject(at) ? at[name] : undefined;
  return typeof at === 'string' ? at : '';
}
