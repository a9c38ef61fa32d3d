// Members of other houses' records, read without trust: a value may be absent, null, empty, a number
// where text was, or JSON held in text. What is empty is absent. Nothing here throws.

export type LooseObject = Readonly<Record<string, unknown>>;

/** Longest text that is looked into for JSON: a member held in text is smaller in every known source. */
const LONGEST_NESTED_CHARACTERS = 4 * 1024 * 1024;

/** Text that says something; numbers and booleans become text. Undefined for the rest and for ''. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const text = value.trim();
    return text === '' ? undefined : text;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'boolean' ? String(value) : undefined;
}

/** A whole number, also one held in text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const text = textOf(value);
  if (text === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
  return Number(text);
}

/** An object, or one held in text as JSON (one level). */
export function objectOf(value: unknown): LooseObject | undefined {
  const found = unwrap(value, '{');
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as LooseObject)
    : undefined;
}

/** The members of an array, or of one held in text as JSON; a single object counts as a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  const found = unwrap(value, '[{');
  if (Array.isArray(found)) return found;
  return typeof found === 'object' && found !== null ? [found] : [];
}

/** Objects of a list; what is not one is left out. */
export function objectsOf(value: unknown): LooseObject[] {
  return listOf(value)
    .map((one) => objectOf(one))
    .filter((one) => one !== undefined);
}

/** The member of an object under its own name; nothing is inherited. */
export function memberOf(object: LooseObject | undefined, name: string): unknown {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Follows names into nested objects, also into those held in text. */
export function at(object: LooseObject | undefined, ...path: string[]): unknown {
  let found: unknown = object;
  for (const name of path) found = memberOf(objectOf(found), name);
  return found;
}

/** The first of some members that says something. */
export function firstText(object: LooseObject | undefined, ...names: string[]): string | undefined {
  for (const name of names) {
    const text = textOf(memberOf(object, name));
    if (text !== undefined) return text;
  }
  return undefined;
}

function unwrap(value: unknown, openings: string): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  const opening = text[0];
  if (opening === undefined || !openings.includes(opening)) return undefined;
  if (text.length > LONGEST_NESTED_CHARACTERS) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
