// Values of changed properties are JSON text, often quoted twice: `"\"x\""`, `["x"]`, `[]`, `null`.

/** The text inside, however often it was quoted; undefined when it says nothing. */
export function unquote(text: string | undefined): string | undefined {
  let found = text?.trim();
  for (let depth = 0; depth < 3 && found !== undefined; depth += 1) {
    if (!/^(".*"|\[.*\])$/s.test(found)) break;
    let parsed: unknown;
    try {
      parsed = JSON.parse(found);
    } catch {
      break;
    }
    if (Array.isArray(parsed)) {
      // A list of one plain value is that value; longer ones are read by whoever knows them.
      if (parsed.length > 1 || typeof parsed[0] === 'object') break;
      parsed = parsed[0] ?? '';
    }
    found = String(parsed).trim();
  }
  return found === undefined || found === '' || found === 'null' || found === '[]'
    ? undefined
    : found;
}

/** Whether a text is a JSON object, which is never a list of texts. */
export function isObjectWithMembers(text: string): boolean {
  return /^\s*\{/.test(text);
}
