// One spelling for one value, so that two processes authenticate the same bytes (after RFC 8785,
// for the strings, safe integers, arrays and objects that key files hold).

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

/** UTF-8 of the value with sorted member names and no white space; numbers must be safe integers. */
export function canonicalBytes(value: JsonValue): Uint8Array {
  return Buffer.from(canonicalText(value), 'utf8');
}

function canonicalText(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('Canonical JSON here holds only safe integers.');
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] as JsonValue)}`);
  return `{${members.join(',')}}`;
}
