// JSON (RFC 8259) without ambiguity: an object that names a member twice is refused, however the
// second name is spelt, because two readers may believe different ones (RFC 7515 §4, RFC 7519 §4).

import { FormatError } from '../format-error.ts';

/** Deeper nesting than this is refused. */
export const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Parses JSON text of bounded length; the caller bounds it.
 * @throws FormatError `json_malformed`, `json_duplicate_member`
 */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError('json_malformed', 'The text is not JSON.', cause);
  }
  // Every member written has one colon outside strings; of two with one name, parsing kept one.
  if (countColons(text) !== countMembers(value, MAX_JSON_DEPTH)) {
    throw new FormatError('json_duplicate_member', 'An object in the JSON names a member twice.');
  }
  return value;
}

/** Colons outside strings in text that is known to be JSON. */
function countColons(text: string): number {
  let count = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === BACKSLASH) at += 1;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if (unit === COLON) count += 1;
  }
  return count;
}

function countMembers(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth === 0) throw new FormatError('json_malformed', 'The JSON is nested too deeply.');
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += countMembers(element, depth - 1);
    return count;
  }
  for (const member of Object.values(value)) count += 1 + countMembers(member, depth - 1);
  return count;
}
