// Text to an address and back: IPv4, IPv6 (RFC 4291 §2.2, written as RFC 5952 has it), IPv4 inside
// IPv6. One address has one text here, however it was sent.

export type Address =
  | { version: 4; value: number }
  | { version: 6; words: readonly [number, number, number, number] };

const LONGEST = 128;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/** What a socket or a proxy writes: also with a zone (`%eth0`), in brackets, or with a port. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > LONGEST) return undefined;
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  if (bracketed !== undefined) return parsePlainAddress(dropZone(bracketed));
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text)?.[1];
  return parsePlainAddress(withPort ?? dropZone(text));
}

/** An address and nothing else. */
export function parsePlainAddress(text: string): Address | undefined {
  if (text.length > LONGEST) return undefined;
  if (!text.includes(':')) {
    const value = parseOctets(text);
    return value === undefined ? undefined : { version: 4, value };
  }
  const words = parseGroups(text);
  if (words === undefined) return undefined;
  const [first, second, third, value] = words;
  if (first === 0 && second === 0 && third === 0xffff) return { version: 4, value };
  return { version: 6, words };
}

function dropZone(text: string): string {
  const cut = text.indexOf('%');
  // A zone belongs to IPv6 only, and says nothing about where somebody is.
  return cut > 0 && text.includes(':') ? text.slice(0, cut) : text;
}

function parseOctets(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const octet = OCTET.test(part) ? Number(part) : 256;
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

function parseGroups(text: string): [number, number, number, number] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const left = readGroups(halves[0] ?? '', halves.length === 1);
  const right = halves[1] === undefined ? [] : readGroups(halves[1], true);
  if (left === undefined || right === undefined) return undefined;
  const given = left.length + right.length;
  // "::" stands for at least one group.
  if (halves.length === 1 ? given !== GROUPS : given >= GROUPS) return undefined;
  const groups = [...left, ...Array<number>(GROUPS - given).fill(0), ...right];
  const word = (place: number) => (groups[place] ?? 0) * 65_536 + (groups[place + 1] ?? 0);
  return [word(0), word(2), word(4), word(6)];
}

function readGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [place, part] of parts.entries()) {
    const dotted = part.includes('.');
    const value = dotted ? parseOctets(part) : GROUP.test(part) ? Number.parseInt(part, 16) : -1;
    if (value === undefined || value < 0) return undefined;
    if (!dotted) groups.push(value);
    else if (last && place === parts.length - 1)
      groups.push(Math.floor(value / 65_536), value % 65_536);
    else return undefined;
  }
  return groups;
}

export function formatAddress(address: Address): string {
  return address.version === 4 ? formatOctets(address.value) : formatGroups(address.words);
}

/** The /24 or /48 around an address. */
export function formatNet(address: Address): string {
  if (address.version === 4) return `${formatOctets(address.value - (address.value % 256))}/24`;
  const [first, second] = address.words;
  return `${formatGroups([first, second - (second % 65_536), 0, 0])}/48`;
}

function formatOctets(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatGroups(words: readonly number[]): string {
  const groups = words.flatMap((word) => [Math.floor(word / 65_536), word % 65_536]);
  let begin = 0;
  let length = 0;
  for (let at = 0; at < GROUPS; ) {
    let end = at;
    while (end < GROUPS && groups[end] === 0) end += 1;
    if (end - at > length) [begin, length] = [at, end - at];
    at = Math.max(end, at + 1);
  }
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, begin).join(':')}::${hex.slice(begin + length).join(':')}`;
}
