// Secrets that logs hold: what could be used by who reads the log is taken out before anything is kept,
// from what is mapped and from the raw text alike.

import { isSecretName, isSecretPair, isSecretValue, secretsInside } from './secret-names.ts';

const MASK = 'MASKED';
/** What lies deeper than any log goes is kept in the raw text only: it could not be written safely. */
const DEEPEST_LEVEL = 32;
const TOO_DEEP = '(nested too deep, see raw_data)';
/** A shorter one may stand in other values too: they are not torn apart, the text is written anew. */
const SHORTEST_REPLACED = 12;

/** The value without its secrets: itself when it holds none, otherwise a copy. */
export function maskSecrets<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return maskAt(value, 0) as Value;
  if (value === last?.value) return last.masked as Value;
  const masked = maskAt(value, 0) as Value;
  last = { value, masked };
  return masked;
}

/** A record is masked for its map, and asked about again for its text. */
let last: { value: object; masked: unknown } | undefined;

/** Whether the value is the record that was masked last: nothing in it is left to be masked. */
export function isMasked(value: object): boolean {
  return value === last?.masked;
}

/** A part of a record, which is not what is asked about again. */
export function maskPart(value: unknown): unknown {
  return maskAt(value, 0);
}

function maskAt(value: unknown, level: number): unknown {
  if (typeof value === 'string') return maskHeldText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (level >= DEEPEST_LEVEL) return TOO_DEEP;
  if (Array.isArray(value)) {
    let masked: unknown[] | undefined;
    for (let at = 0; at < value.length; at += 1) {
      const kept = maskAt(value[at], level + 1);
      if (kept === value[at]) continue;
      masked ??= [...value];
      masked[at] = kept;
    }
    return masked ?? value;
  }
  const object = value as Record<string, unknown>;
  let changed: [string, unknown][] | undefined;
  for (const name of Object.keys(object)) {
    const held = object[name];
    const secret = isSecretName(name) || isSecretPair(object, name);
    const kept = secret ? maskHeld(held, level + 1) : maskAt(held, level + 1);
    if (kept === held) continue;
    changed ??= [];
    changed.push([name, kept]);
  }
  return changed === undefined
    ? value
    : Object.fromEntries([...Object.entries(object), ...changed]);
}

/** What a secret name holds: a text, or several; an object is looked into. */
function maskHeld(held: unknown, level: number): unknown {
  if (isSecretValue(held)) return MASK;
  if (Array.isArray(held) && held.some(isSecretValue))
    return held.map((one) => (isSecretValue(one) ? MASK : maskAt(one, level)));
  return maskAt(held, level);
}

/** JSON held in text, one level, as pipes hand records on; and what is written into a text. */
function maskHeldText(text: string): string {
  const held = heldIn(text);
  if (held !== undefined) {
    const masked = maskAt(held, DEEPEST_LEVEL - 8);
    return masked === held ? text : JSON.stringify(masked);
  }
  return secretsInside(text).reduce((left, secret) => left.replaceAll(secret, MASK), text);
}

/**
 * The raw text without the secrets of its record. Where one of them is not found as it would be
 * written, the text is written anew from the masked record: nothing secret is kept for the sake of
 * the spelling.
 */
export function maskText(text: string, record: unknown): string {
  if (typeof record === 'object' && maskSecrets(record) === record) return text;
  const secrets = collect(record);
  if (secrets.size === 0) return text;
  let masked = text;
  for (const secret of secrets) {
    const once = JSON.stringify(secret).slice(1, -1);
    const twice = JSON.stringify(once).slice(1, -1);
    const found = [...new Set([twice, once])].filter((spelled) => masked.includes(spelled));
    if (secret.length < SHORTEST_REPLACED || found.length === 0)
      return JSON.stringify(maskSecrets(record));
    for (const spelled of found) masked = masked.replaceAll(spelled, MASK);
  }
  return masked;
}

/** Without recursion: raw text is kept however deep it nests. */
function collect(record: unknown): Set<string> {
  const secrets = new Set<string>();
  const left: unknown[] = [record];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value === 'string') collectText(value, secrets, left);
    if (typeof value !== 'object' || value === null) continue;
    const object = value as Record<string, unknown>;
    for (const [name, held] of Object.entries(object)) {
      const several = Array.isArray(held) ? held : [held];
      const secret = !Array.isArray(value) && (isSecretName(name) || isSecretPair(object, name));
      for (const one of several)
        if (secret && isSecretValue(one)) secrets.add(one);
        else left.push(one ?? null);
    }
  }
  return secrets;
}

function collectText(text: string, secrets: Set<string>, left: unknown[]): void {
  const held = heldIn(text);
  if (held !== undefined) left.push(held);
  else for (const secret of secretsInside(text)) secrets.add(secret);
}

function heldIn(text: string): object | undefined {
  if (!OPENINGS.test(text) || !MAY_HOLD.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

const OPENINGS = /^\s*[{[]/;
/** What a text says that is worth parsing: most that hold JSON only name ids of tokens. */
const MAY_HOLD =
  /(?:access|refresh|id|session|security|authorization|auth|bearer|state|sign-?in|identity)[-_ ]?token|\Wtoken=|\Wsig=|secret|passw|private|assertion|pwd|passphrase|samlresponse|cookie|api-key|bearer |basic |signature=|bindcredential/i;
