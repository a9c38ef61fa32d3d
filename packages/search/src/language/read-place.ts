// A field or a path into the event: `person`, `device.os.name`, `resources[].uid`, `files[0].name`,
// `unmapped.`odd name`.x`.

import { findField } from '../fields/known-fields.ts';
import { fault } from './filter-problem.ts';
import { FILTER_LIMITS, type Place, type Step } from './filter-tree.ts';
import type { Token } from './lex-filter.ts';

const WHOLE = /^(?:[A-Za-z_][\w-]*|`[^`]+`)(?:\.(?:[A-Za-z_][\w-]*|`[^`]+`)|\[\d{0,4}\])*$/;
const STEP = /([A-Za-z_][\w-]*)|`([^`]+)`|\[(\d*)\]/g;
// Quoted in a path of DuckDB, where it could not be written.
const UNSPEAKABLE = /["\\\p{Cc}]/u;

/** @throws FilterFault */
export function readPlace(token: Token): Place {
  const name = token.text;
  const field = findField(name) ?? findField(name.toLowerCase());
  if (field !== undefined) return { field };
  if (token.kind !== 'bare' || !WHOLE.test(name) || UNSPEAKABLE.test(name)) {
    const message = `${quote(name)} is no field.`;
    throw fault(token, message, 'Write a path such as device.name or resources[].uid.');
  }
  const path = [...name.matchAll(STEP)].map(([, plain, quoted, index]): Step => {
    if (index === undefined) return plain ?? quoted ?? '';
    return index === '' ? '[]' : Number(index);
  });
  if (path.length > FILTER_LIMITS.steps) {
    throw fault(token, 'the path is too deep.', `At most ${FILTER_LIMITS.steps} steps.`);
  }
  if (path.length === 1) checkShort(token, name);
  return { path, spelled: name };
}

/** A lone word that is no field of ours is one of OCSF, which are few, or a slip of the hand. */
const TOP = new Set([
  ...['activity_name', 'action', 'action_id', 'category_uid', 'category_name', 'class_name'],
  ...['comment', 'confidence', 'count', 'disposition', 'duration', 'end_time', 'entity', 'message'],
  ...['raw_data', 'risk_level', 'risk_score', 'severity_id', 'start_time', 'status_code', 'user'],
  ...['status_detail', 'timezone_offset', 'type_name', 'is_mfa', 'is_remote', 'impact', 'device'],
  ...['is_alert', 'is_cleartext', 'is_new_logon', 'logon_type', 'logon_type_id', 'actor', 'file'],
  ...['auth_protocol', 'auth_protocol_id', 'service', 'unmapped', 'metadata', 'observables'],
  ...['raw_data_hash', 'privileges', 'resources', 'enrichments', 'evidences', 'finding_info'],
]);

function checkShort(token: Token, name: string): void {
  if (TOP.has(name)) return;
  const message = `there is no field ${quote(name)}.`;
  throw fault(token, message, 'docs/audit.md lists the fields; a path has dots: user.name.');
}

function quote(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}
