// Private keys as text: PEM (RFC 7468, legacy headers of RFC 1421), also with its line breaks
// escaped in JSON or in a URL, PGP private key blocks (RFC 9580 §6.2) and PuTTY's files.

import type { Report } from '../find.ts';
import { holdsRandomPart } from '../random-parts.ts';

// Seven letters at most: so short, a search runs at the speed of memory.
const BEGIN = Buffer.from('-----BE');
const END = Buffer.from('-----END');
const PUTTY = Buffer.from('PuTTY-U');
const HEADER =
  /^-----BEGIN((?:(?: |\+|%20)[A-Z0-9]{1,16}){0,3})(?: |\+|%20)PRIVATE(?: |\+|%20)KEY(?:(?: |\+|%20)BLOCK)?-----/;
const FOOTER = /^-----END[A-Z0-9 +%]{1,64}-----/;
const LONGEST = 1 << 15;
// A body with no end, as a crash leaves it: text as far as it goes.
const BODY = /^(?:[A-Za-z0-9+/=\s:,%"'-]|\\[nrt"'/])*/;
/** Somewhere among the names of a program stand letters that look random. */
const JUDGED_LETTERS = 64;
const LINE = /[A-Za-z0-9+/]{16,}/g;

export function findPem(bytes: Buffer, from: number, report: Report): void {
  for (let at = bytes.indexOf(BEGIN, from); at !== -1; at = bytes.indexOf(BEGIN, at + 1)) {
    const header = HEADER.exec(bytes.toString('latin1', at, Math.min(bytes.length, at + 128)));
    if (header === null) continue;
    const bodyAt = at + header[0].length;
    const text = bodyText(bytes, bodyAt);
    if (!holdsKey(text.body)) continue;
    const label = (header[1] as string).replaceAll(/[+ ]|%20/g, ' ').trim();
    const kind = label === 'OPENSSH' ? 'openssh' : 'pem';
    report(at, bodyAt + text.length - at, kind, describe(label, text.body));
  }
  findPutty(bytes, from, report);
}

function bodyText(bytes: Buffer, at: number): { body: string; length: number } {
  const text = bytes.toString('latin1', at, endOfText(bytes, at, BEGIN));
  const end = text.indexOf('-----END');
  const zero = text.indexOf('\0');
  const whole = end !== -1 && (zero === -1 || end < zero);
  if (!whole) {
    const body = BODY.exec(text)?.[0] ?? '';
    return { body, length: body.length };
  }
  const footer = FOOTER.exec(text.slice(end, end + 96));
  return { body: text.slice(0, end), length: end + (footer?.[0].length ?? END.length) };
}

/** As far as a key reaches, or to where the next begins: a file of beginnings costs no more. */
function endOfText(bytes: Buffer, at: number, next: Buffer): number {
  const limit = Math.min(bytes.length, at + LONGEST);
  const found = bytes.subarray(at, limit).indexOf(next);
  return found === -1 ? limit : at + found;
}

/** Tells a key from the words around one: source code that writes PEM has no body, programs hold names behind it. */
function holdsKey(body: string): boolean {
  let total = 0;
  let longest = '';
  // PHP escapes the slashes of JSON; URLs escape more.
  const plain = body.replaceAll(/\\+\/|%2[Ff]/g, '/').replaceAll(/%2[Bb]/g, '+');
  for (const [line] of plain.matchAll(LINE)) {
    total += line.length;
    if (line.length > longest.length) longest = line;
  }
  if (total < 40 || longest.length < 32 || new Set(longest).size < 12) return false;
  return holdsRandomPart(Buffer.from(longest.slice(0, JUDGED_LETTERS), 'latin1'));
}

function describe(label: string, body: string): string {
  if (label === 'ENCRYPTED' || body.includes('Proc-Type'))
    return `${label === 'ENCRYPTED' ? '' : `${label} `}private key in PEM, encrypted by a passphrase`;
  return `${label === '' ? 'PKCS#8' : label} private key in PEM`;
}

function findPutty(bytes: Buffer, from: number, report: Report): void {
  for (let at = bytes.indexOf(PUTTY, from); at !== -1; at = bytes.indexOf(PUTTY, at + 1)) {
    const text = bytes.toString('latin1', at, endOfText(bytes, at + PUTTY.length, PUTTY));
    const end = /^PuTTY-User-Key-File-[^\0]*?Private-Lines: \d+\s+([A-Za-z0-9+/=]+\s+)+/.exec(text);
    if (end === null || !holdsKey(end[0])) continue;
    report(at, end.index + end[0].length, 'pem', 'PuTTY private key');
  }
}
