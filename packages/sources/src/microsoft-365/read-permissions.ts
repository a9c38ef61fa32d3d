// Texts of consent and of keys that look like data and are no JSON. `ConsentAction.Permissions` is
// `[[Id: .., ClientId: .., .., Scope: ..]] => [[..], [..]]`; `KeyDescription` holds
// `[KeyIdentifier=..,KeyType=..,KeyUsage=..,DisplayName=..]`.

import { listOf, textOf } from '../reading/read-text.ts';

export interface Permission {
  id?: string;
  clientId?: string;
  principalId?: string;
  resourceId?: string;
  /** `AllPrincipals`: for the whole tenant; `Principal`: for one person. */
  consentType?: string;
  /** One word each; the text may begin with a space. */
  scopes: string[];
}

export interface ConsentText {
  before: Permission[];
  after: Permission[];
}

/** Longest text that is read; a tenant's grants for one application are a few lines. */
const LONGEST_CHARACTERS = 262_144;
const MOST_ENTRIES = 1000;

/** What stood before and after a consent; a text without `=>` is taken for what stands after. */
export function readConsent(text: string | undefined): ConsentText {
  if (text === undefined || text.length > LONGEST_CHARACTERS) return { before: [], after: [] };
  const arrow = text.indexOf('=>');
  return arrow === -1
    ? { before: [], after: readEntries(text) }
    : { before: readEntries(text.slice(0, arrow)), after: readEntries(text.slice(arrow + 2)) };
}

/** Scopes that are granted now and were not before. */
export function newScopes({ before, after }: ConsentText): string[] {
  const old = new Set(before.flatMap(({ scopes }) => scopes));
  return [...new Set(after.flatMap(({ scopes }) => scopes))].filter((scope) => !old.has(scope));
}

function readEntries(text: string): Permission[] {
  const found: Permission[] = [];
  for (const [, inside = ''] of text.matchAll(/\[([^[\]]+)\]/g)) {
    const pairs = readPairs(inside, ':', CONSENT_NAMES);
    const scopes = (pairs.get('scope') ?? '').split(/\s+/).filter((scope) => scope !== '');
    found.push({ ...pick(pairs), scopes });
    if (found.length === MOST_ENTRIES) break;
  }
  return found;
}

function pick(pairs: Map<string, string>): Omit<Permission, 'scopes'> {
  const found: Record<string, string> = {};
  for (const name of ['id', 'clientId', 'principalId', 'resourceId', 'consentType']) {
    const value = pairs.get(name.toLowerCase());
    if (value !== undefined) found[name] = value;
  }
  return found;
}

export interface KeyText {
  keyIdentifier?: string;
  keyType?: string;
  keyUsage?: string;
  displayName?: string;
}

/** The keys and secrets of an application: a JSON array of such texts, or one text. */
export function readKeys(value: unknown): KeyText[] {
  const list = listOf(value);
  const texts = list.length > 0 ? list : [value];
  return texts.slice(0, MOST_ENTRIES).flatMap((one) => {
    const text = textOf(one);
    const inside = text === undefined ? undefined : /^\[?([^[\]]{3,4096})\]?$/.exec(text)?.[1];
    if (inside === undefined || !inside.includes('=')) return [];
    const pairs = readPairs(inside, '=', KEY_NAMES);
    const key: Record<string, string> = {};
    for (const name of ['keyIdentifier', 'keyType', 'keyUsage', 'displayName']) {
      const held = pairs.get(name.toLowerCase());
      if (held !== undefined) key[name] = held;
    }
    return Object.keys(key).length === 0 ? [] : [key as KeyText];
  });
}

const CONSENT_NAMES: ReadonlySet<string> = new Set([
  ...['id', 'clientid', 'principalid', 'resourceid', 'consenttype', 'scope', 'scopes'],
  ...['createddatetime', 'lastmodifieddatetime'],
]);
const KEY_NAMES: ReadonlySet<string> = new Set([
  ...['keyidentifier', 'keytype', 'keyusage', 'displayname'],
]);

/** `name SIGN value, name SIGN value`: what no known name begins belongs to the value before it. */
function readPairs(text: string, sign: ':' | '=', names: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const part of text.split(',')) {
    const [before = '', ...rest] = part.split(sign);
    const name = before.trim().toLowerCase();
    if (names.has(name)) {
      last = name;
      found.set(name, rest.join(sign).trim());
    } else if (last !== undefined) found.set(last, `${found.get(last)},${part}`);
  }
  for (const [name, value] of found) if (value === '') found.delete(name);
  return found;
}
