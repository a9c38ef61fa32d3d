// OpenSSH's own format without its PEM (openssh/PROTOCOL.key): the magic, then strings with a
// length of four bytes: cipher, key derivation, its options, keys.

import type { Report } from '../find.ts';

const MAGIC = Buffer.from('openssh-key-v1\0');
const LONGEST = 1 << 15;

export function findOpenssh(bytes: Buffer, from: number, report: Report): void {
  for (let at = bytes.indexOf(MAGIC, from); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    const cipher = readText(bytes, at + MAGIC.length);
    const derivation = cipher && readText(bytes, cipher.end);
    // The name of the format stands in programs too, with no key behind it.
    if (cipher === undefined || derivation === undefined) continue;
    const options = skipString(bytes, derivation.end);
    let end = Math.min(bytes.length, options + 4);
    // Public key, then the private part; where the bytes were cut off, all that is left.
    for (let part = 0; part < 2; part += 1) end = skipString(bytes, end);
    const sealed = cipher.text === 'none' ? '' : ', encrypted by a passphrase';
    report(at, Math.min(end - at, LONGEST), 'openssh', `OpenSSH private key${sealed}`);
  }
}

function readText(bytes: Buffer, at: number): { text: string; end: number } | undefined {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  if (length < 3 || length > 64) return undefined;
  const text = bytes.toString('latin1', at + 4, at + 4 + length);
  return /^[a-z0-9@.-]+$/.test(text) ? { text, end: at + 4 + length } : undefined;
}

function skipString(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) return bytes.length;
  return Math.min(bytes.length, at + 4 + Math.min(bytes.readUInt32BE(at), LONGEST));
}
