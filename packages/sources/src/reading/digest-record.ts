// The key of a record without an id of its own: a hash over what it says, the same whatever the order
// of its members. Two records that say the same in every member are one.

import { hash } from 'node:crypto';

const DEEPEST_LEVEL = 64;

export function digestRecord(record: unknown): string {
  return `sha256:${hash('sha256', canonicalText(record, 0), 'hex')}`;
}

function canonicalText(value: unknown, level: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  // Deeper than any log goes; what lies there still counts as there.
  if (level >= DEEPEST_LEVEL) return '"…"';
  if (Array.isArray(value)) return `[${value.map((one) => canonicalText(one, level + 1)).join()}]`;
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, held]) => `${JSON.stringify(name)}:${canonicalText(held, level + 1)}`);
  return `{${members.join()}}`;
}
