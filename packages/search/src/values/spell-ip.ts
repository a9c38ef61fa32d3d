// One spelling for each address, so that text can be compared: IPv4 in dots; IPv6 (RFC 4291 §2.2) written
// out in full, 39 characters, lower case; an IPv4 address mapped into IPv6 is that IPv4 address. Then a
// network is a range of text.

const PART = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const V4 = new RegExp(`^${PART}(?:\\.${PART}){3}$`);
const MAPPED = new RegExp(`^::ffff:(${PART}(?:\\.${PART}){3})$`);
const LONGEST = 39;

/** Undefined for what is no address. A zone (`%eth0`) is left out. */
export function spellIp(text: string): string | undefined {
  if (V4.test(text)) return text;
  const address = text.toLowerCase().replace(/%.*$/s, '');
  if (address.length > LONGEST || !address.includes(':')) return undefined;
  const [, mapped] = MAPPED.exec(address) ?? [];
  return mapped ?? spellGroups(address);
}

function spellGroups(address: string): string | undefined {
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => group.padStart(4, '0')).join(':');
}

/** As a person writes it: IPv6 with its longest row of zeros left out (RFC 5952 §4). */
export function shortenIp(address: string): string {
  if (address.length !== LONGEST) return address;
  const plain = address
    .split(':')
    .map((group) => group.replace(/^0{1,3}/, ''))
    .join(':');
  const runs = [...plain.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce((best, [run]) => (run.length > best.length ? run : best), '');
  if (longest === '') return plain;
  const at = runs.find(([run]) => run === longest)?.index ?? 0;
  const [before, after] = [plain.slice(0, at), plain.slice(at + longest.length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
}
