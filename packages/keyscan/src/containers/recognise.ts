// Which container begins here, by its first bytes: those we open, and those we know to hold more
// than can be seen.

import type { UnreadReason } from '../find.ts';
import { readTarHeader } from './tar-header.ts';

export type Opened = 'gzip' | 'zstd' | 'zip' | 'tar';

/** So many bytes tell every container: a header of tar. */
export const RECOGNISED_BY = 512;

/** First bytes in hex. RFC 1952 §2.3; RFC 8878 §3.1.1; APPNOTE 4.3.7, empty and split archives. */
const OPENED: readonly [Opened, string][] = [
  ['gzip', '1f8b08'],
  ['zstd', '28b52ffd'],
  ['zip', '504b0304'],
  ['zip', '504b0506'],
  ['zip', '504b3030504b0304'],
  ['zip', '504b0708504b0304'],
];
// Frames that a zstd file may skip come before the others: 0x184D2A50 to 5F.
const ZSTD_SKIPPED = /^5[0-9a-f]2a4d18/;

const CLOSED: readonly [string, UnreadReason, string][] = [
  ['xz', 'method_unknown', 'fd377a585a00'],
  ['bzip2', 'method_unknown', '425a6839314159265359'],
  ['7z', 'method_unknown', '377abcaf271c'],
  ['rar', 'method_unknown', '526172211a07'],
  ['lz4', 'method_unknown', '04224d18'],
  ['lzip', 'method_unknown', '4c5a495001'],
  ['compress', 'method_unknown', '1f9d90'],
  ['cab', 'method_unknown', '4d53434600000000'],
  ['kdump', 'method_unknown', '4b44554d50202020'],
  ['OpenSSL', 'encrypted', hexOf('Salted__')],
  ['age', 'encrypted', hexOf('age-encryption.org/v')],
  ['PGP', 'encrypted', hexOf('-----BEGIN PGP MESSAGE-----')],
];

export function recognise(head: Buffer): Opened | undefined {
  const hex = head.toString('hex', 0, 16);
  for (const [name, magic] of OPENED) if (hex.startsWith(magic)) return name;
  if (ZSTD_SKIPPED.test(hex)) return 'zstd';
  return readTarHeader(head) === undefined ? undefined : 'tar';
}

/** What is known and cannot be opened. */
export function recogniseClosed(head: Buffer): { name: string; reason: UnreadReason } | undefined {
  const hex = head.toString('hex', 0, 32);
  for (const [name, reason, magic] of CLOSED) if (hex.startsWith(magic)) return { name, reason };
  return undefined;
}

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}
