// Secrets that logs hold: what could be used by who reads the log is taken out before anything is kept,
// from what is mapped and from the raw text alike.

const MASK = 'MASKED';
/** What lies deeper than any log goes is kept in the raw text only: it could not be written safely. */
const DEEPEST_LEVEL = 32;
const TOO_DEEP = '(nested too deep, see raw_data)';
/** Shorter texts are no secrets, and replacing them would tear other values apart. */
const SHORTEST_SECRET = 12;

/** Members that hold a secret wherever they stand; in lower case. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...['sessiontoken', 'secretaccesskey', 'secretkey', 'securitytoken', 'x-amz-security-token'],
  ...['accesstoken', 'refreshtoken', 'idtoken', 'access_token', 'refresh_token', 'id_token'],
  ...['clientsecret', 'client_secret', 'samlassertion', 'webidentitytoken', 'authorizationtoken'],
  ...['masteruserpassword', 'password', 'newpassword', 'oldpassword', 'privatekey', 'private_key'],
  ...['statetoken', 'signintoken', 'client_assertion', 'assertion', 'secretstring'],
]);

/** Written by the source itself in the place of a secret. */
const MASKED_ALREADY = /^(?:MASKED|HIDDEN_DUE_TO_SECURITY_REASONS|\*+|\.{3})$/;

/** The value without its secrets: itself when it holds none, otherwise a copy. */
export function maskSecrets<Value>(value: Value): Value {
  return maskAt(value, 0) as Value;
}

function maskAt(value: unknown, level: number): unknown {
  if (typeof value === 'string') return maskHeldText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (level >= DEEPEST_LEVEL) return TOO_DEEP;
  if (Array.isArray(value)) {
    const masked = value.map((one) => maskAt(one, level + 1));
    return masked.some((one, index) => one !== value[index]) ? masked : value;
  }
  const object = value as Record<string, unknown>;
  let changed: [string, unknown][] | undefined;
  for (const name of Object.keys(object)) {
    const held = object[name];
    const kept = isSecret(name, held) ? MASK : maskAt(held, level + 1);
    if (kept === held) continue;
    changed ??= [];
    changed.push([name, kept]);
  }
  return changed === undefined
    ? value
    : Object.fromEntries([...Object.entries(object), ...changed]);
}

/** JSON held in text, one level, as pipes hand records on; other text is no place for a named secret. */
function maskHeldText(text: string): string {
  const held = heldIn(text);
  if (held === undefined) return text;
  const masked = maskAt(held, DEEPEST_LEVEL - 8);
  return masked === held ? text : JSON.stringify(masked);
}

/**
 * The raw text without the secrets of its record. Where one of them is not found as it would be
 * written, the text is written anew from the masked record: nothing secret is kept for the sake of
 * the spelling.
 */
export function maskText(text: string, record: unknown): string {
  const secrets = collect(record);
  if (secrets.size === 0) return text;
  let masked = text;
  for (const secret of secrets) {
    const once = JSON.stringify(secret).slice(1, -1);
    const twice = JSON.stringify(once).slice(1, -1);
    const found = [twice, once].find((spelled) => masked.includes(spelled));
    if (found === undefined) return JSON.stringify(maskSecrets(record));
    masked = masked.replaceAll(found, MASK);
  }
  return masked;
}

/** Without recursion: raw text is kept however deep it nests. */
function collect(record: unknown): Set<string> {
  const secrets = new Set<string>();
  const left: unknown[] = [record];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, held] of Object.entries(value)) {
      if (isSecret(name, held)) secrets.add(held as string);
      else if (typeof held === 'object' && held !== null) left.push(held);
      else if (typeof held === 'string') left.push(heldIn(held) ?? null);
    }
  }
  return secrets;
}

function isSecret(name: string, held: unknown): boolean {
  return (
    typeof held === 'string' &&
    held.length >= SHORTEST_SECRET &&
    name.length >= 8 &&
    name.length <= 24 &&
    !harmless.has(name) &&
    isSecretName(name) &&
    !MASKED_ALREADY.test(held)
  );
}

/** Names that were looked up and are none: nearly all of them, again and again. */
const harmless = new Set<string>();
const MOST_HARMLESS = 20_000;

function isSecretName(name: string): boolean {
  if (SECRET_NAMES.has(name.toLowerCase())) return true;
  if (harmless.size < MOST_HARMLESS) harmless.add(name);
  return false;
}

function heldIn(text: string): object | undefined {
  if (text.charCodeAt(0) !== OPENING_BRACE || !MAY_HOLD.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

const OPENING_BRACE = 0x7b;
const MAY_HOLD = /token|secret|password|private|assertion/i;
