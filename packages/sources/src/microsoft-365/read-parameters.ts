// Parameters of a cmdlet: an array of Name and Value, or, in records of the compliance center
// (RecordType 18), one PowerShell string such as `-Name "Hold all" -Enabled $true`.

import { asText, type NameValues, nameValuesOf } from '../reading/name-values.ts';
import { textOf } from '../reading/read-text.ts';

const LONGEST_CHARACTERS = 262_144;
const MOST_PARAMETERS = 1000;

export function readParameters(value: unknown): NameValues {
  const text = textOf(value);
  if (text?.startsWith('-')) return readPowerShell(text);
  if (text !== undefined && !/^[[{]/.test(text)) return new Map();
  return nameValuesOf(value);
}

// A name, then a value: quoted (a doubled quote stands for one), or up to the next blank.
const PARAMETER =
  /-([A-Za-z][\w-]{0,127})(?::|\s+|$)(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^\s-]\S*))?/g;

function readPowerShell(text: string): NameValues {
  const found = new Map<string, string>();
  if (text.length > LONGEST_CHARACTERS) return found;
  for (const [, name = '', double, single, bare] of text.matchAll(PARAMETER)) {
    const value = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? bare;
    // A switch without a value is on.
    const shown = value?.replace(/^\$(true|false|null)$/i, '$1') ?? 'true';
    if (!found.has(name)) found.set(name, shown);
    if (found.size === MOST_PARAMETERS) break;
  }
  return found;
}

/** Changed properties: `[{Name, OldValue, NewValue}]`, among which bare strings may stand. */
export interface Change {
  name: string;
  before?: string;
  after?: string;
}

export function readChanges(values: readonly unknown[]): Change[] {
  return values.slice(0, MOST_PARAMETERS).flatMap((one) => {
    const bare = textOf(one);
    if (bare !== undefined) return [{ name: bare }];
    if (typeof one !== 'object' || one === null) return [];
    const held = new Map(Object.entries(one).map(([name, value]) => [name.toLowerCase(), value]));
    const name = textOf(held.get('name') ?? held.get('displayname'));
    if (name === undefined) return [];
    const before = asText(held.get('oldvalue'));
    const after = asText(held.get('newvalue'));
    return [
      {
        name,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      },
    ];
  });
}
