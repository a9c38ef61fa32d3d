// Names of persons, folded so that the same person of two logs is the same text: the case of a
// directory's ids and names says nothing, and differs per workload.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NOBODY: ReadonlySet<string> = new Set([
  '',
  'not-found',
  'not available',
  'unknown',
  'n/a',
  '-',
  'null',
  '00000000-0000-0000-0000-000000000000',
]);

/** A zero id, with some blanks. */
const LONGEST_NOBODY = 40;

/** Whether the text names anybody: logs write `NOT-FOUND`, a zero id and the like for nobody. */
export function isSomebody(text: string | undefined): text is string {
  if (text === undefined) return false;
  return text.length > LONGEST_NOBODY || !NOBODY.has(text.trim().toLowerCase());
}

export function isUuid(text: string | undefined): text is string {
  return text !== undefined && UUID.test(text);
}

/**
 * The persons that some texts name, without doubles: an object id becomes `oid:`, an address `email:`
 * and, because a user principal name has that shape, `upn:` where the source says it is one.
 */
export function foldPersons(named: {
  oids?: readonly (string | undefined)[];
  upns?: readonly (string | undefined)[];
  emails?: readonly (string | undefined)[];
  ids?: readonly (string | undefined)[];
}): string[] {
  const found = new Set<string>();
  const add = (space: string, texts: readonly (string | undefined)[] = []): void => {
    for (const text of texts)
      if (isSomebody(text)) found.add(`${space}:${text.trim().toLowerCase()}`);
  };
  add('oid', named.oids);
  add('upn', named.upns);
  add('email', named.emails);
  add('id', named.ids);
  return [...found];
}
