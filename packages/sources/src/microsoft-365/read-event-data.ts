// `EventData` of SharePoint is XML without a root: `<Type>Edit</Type><MembersCanShare>..</..>`. Only its
// flat shape is read, by hand: no entity is expanded, nothing nested is followed.

const LONGEST_CHARACTERS = 65_536;
const MOST_ELEMENTS = 200;
const ELEMENT = /<([A-Za-z_][\w.-]{0,127})(?:\s[^<>]*)?>([^<]*)<\/\1\s*>/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/** Texts of the elements by name; of a name that comes twice, both, joined by a comma and a blank. */
export function readEventData(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (text === undefined || text.length > LONGEST_CHARACTERS) return found;
  for (const [, name = '', inside = ''] of text.matchAll(ELEMENT)) {
    const value = inside.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? '');
    if (value.trim() === '') continue;
    const before = found.get(name);
    found.set(name, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
    if (found.size === MOST_ELEMENTS) break;
  }
  return found;
}
