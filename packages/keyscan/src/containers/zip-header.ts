// The header before each entry of a zip archive (APPNOTE 6.3.10 §4.3.7), with the sizes of zip64.

import type { ByteSource } from './byte-source.ts';
import type { Layer } from './layer.ts';

const FIXED_BYTES = 30;
const UNKNOWN = 0xffffffff;
const AES = 99;

export interface ZipEntry {
  name: string;
  method: number;
  encrypted: boolean;
  /** Undefined when it is written behind the entry only. */
  packedBytes: number | undefined;
  /** A descriptor with the sizes follows the entry. */
  described: boolean;
}

/** The header at the source's place, or nothing when it is cut off. */
export async function readEntryHeader(
  source: ByteSource,
  raw: Layer['raw'],
): Promise<ZipEntry | undefined> {
  const fixed = await source.take(FIXED_BYTES);
  raw.push(fixed);
  if (fixed.length < FIXED_BYTES) return undefined;
  const flags = fixed.readUInt16LE(6);
  const nameBytes = fixed.readUInt16LE(26);
  const text = await source.take(nameBytes + fixed.readUInt16LE(28));
  raw.push(text);
  const method = fixed.readUInt16LE(8);
  const packed = packedSize(fixed, text.subarray(nameBytes));
  return {
    name: text.toString('utf8', 0, nameBytes),
    method,
    encrypted: (flags & 0x2041) !== 0 || method === AES,
    described: (flags & 8) !== 0,
    packedBytes: (flags & 8) !== 0 && packed === 0 ? undefined : packed,
  };
}

function packedSize(fixed: Buffer, extra: Buffer): number {
  const packed = fixed.readUInt32LE(18);
  if (packed !== UNKNOWN) return packed;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1 || at + 20 > extra.length) continue;
    // The unpacked size stands first; a local header has both.
    const size = extra.readBigUInt64LE(at + 12);
    if (size <= Number.MAX_SAFE_INTEGER) return Number(size);
  }
  return packed;
}
