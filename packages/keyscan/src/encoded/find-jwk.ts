// Private members of JSON Web Keys (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) in any order, also
// escaped inside another string, and as JavaScript prints an object into a log.

import type { Report } from '../find.ts';

const KTY = Buffer.from('kty');
const REACH = 1 << 14;
const NEAR = 1 << 10;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BREAK = String.raw`(?:\s|\\+[nrt])*`;
const QUOTE = String.raw`\\*["']`;
const TYPE = new RegExp(`kty(?:${QUOTE})?${BREAK}:${BREAK}${QUOTE}(RSA|EC|OKP|AKP|oct)\\\\*["']`);
const SECRET = new RegExp(
  `(?:[{,\\s"']|\\\\n)(d|p|q|dp|dq|qi|k|priv)(?:${QUOTE})?${BREAK}:${BREAK}${QUOTE}[A-Za-z0-9_+/=-]{22,}`,
  'g',
);
const KID = new RegExp(`kid(?:${QUOTE})?${BREAK}:${BREAK}${QUOTE}([A-Za-z0-9._:-]{1,128})`);

export function findJwk(bytes: Buffer, from: number, report: Report): void {
  // Where the last object of each type ended: what is inside of it was looked at with it.
  const lookedAt = new Map<string, number>();
  for (let at = bytes.indexOf(KTY, from); at !== -1; at = bytes.indexOf(KTY, at + 3)) {
    const type = TYPE.exec(bytes.toString('latin1', at, Math.min(bytes.length, at + 64)));
    const name = type?.[1];
    if (type?.index !== 0 || name === undefined || at < (lookedAt.get(name) ?? 0)) continue;
    const start = openingBrace(bytes, at, from);
    const end = closingBrace(bytes, at);
    // Of an object with no end, what is near its beginning only.
    lookedAt.set(name, bytes[end - 1] === BRACE_CLOSE ? end : Math.min(end, at + NEAR));
    const text = bytes.toString('latin1', start, end);
    const secrets = [...text.matchAll(SECRET)].filter(([, member]) => belongs(member, name));
    if (secrets.length === 0) continue;
    const kind = name === 'oct' ? 'secret JWK (oct)' : `private JWK (${name})`;
    // Its own word on whose it is: anybody's key has a kid, and a kid of ours would be no proof.
    const named = KID.exec(text)?.[1];
    report(start, end - start, 'jwk', named === undefined ? kind : `${kind} named ${named}`);
  }
}

/** `k` is the key of type oct and of no other. */
function belongs(member: string | undefined, type: string): boolean {
  return (member === 'k') === (type === 'oct');
}

/** Where the object begins; as far back as a key reaches when its brace is gone. */
function openingBrace(bytes: Buffer, at: number, from: number): number {
  const floor = Math.max(from, at - REACH);
  for (let index = at, depth = 0; index >= floor; index -= 1) {
    if (bytes[index] === BRACE_CLOSE) depth += 1;
    else if (bytes[index] === BRACE_OPEN) {
      if (depth === 0) return index;
      depth -= 1;
    } else if (bytes[index] === 0) return index + 1;
  }
  return floor;
}

function closingBrace(bytes: Buffer, at: number): number {
  const ceiling = Math.min(bytes.length, at + REACH);
  for (let index = at, depth = 0; index < ceiling; index += 1) {
    if (bytes[index] === BRACE_OPEN) depth += 1;
    else if (bytes[index] === BRACE_CLOSE) {
      if (depth === 0) return index + 1;
      depth -= 1;
    } else if (bytes[index] === 0) return index;
  }
  return ceiling;
}
