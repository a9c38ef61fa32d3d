// The text of an event that strangers' records became, as it is stored and hashed. Not canonical, unlike
// our own events: a leaf is over the stored bytes, so that nothing asks for the order of members.

/** No log nests deeper; others, that parse what is stored, refuse it sooner than we do. */
const DEEPEST_LEVEL = 64;

/**
 * @param foreign the part that a stranger may have nested as he likes
 * @param raw the record's own text, the last member; the event has no other. Its many escapes are not
 * searched, which costs as much as writing it
 * @throws RangeError when `foreign` is deeper than 64 levels
 */
export function eventText(event: object, foreign: unknown, raw: string): string {
  refuseDepth(foreign, 0);
  const text = JSON.stringify(event);
  // Half of a pair of surrogates is written as its escape, and nothing else that is escaped begins so:
  // no other language's parser takes it.
  const sound = text.includes('\\ud') ? JSON.stringify(wellFormed(event)) : text;
  return `${sound.slice(0, -1)},"raw_data":${JSON.stringify(raw.toWellFormed())}}`;
}

function refuseDepth(value: unknown, level: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (level > DEEPEST_LEVEL) throw new RangeError('nested too deep');
  if (Array.isArray(value)) {
    for (const item of value) refuseDepth(item, level + 1);
    return;
  }
  for (const name in value) refuseDepth((value as Record<string, unknown>)[name], level + 1);
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(wellFormed);
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name.toWellFormed(), wellFormed(held)]),
  );
}
