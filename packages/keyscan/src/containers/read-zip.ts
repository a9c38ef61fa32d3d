// Reads a zip archive from front to back (APPNOTE 6.3.10 §4.3), as it is written and not as its
// directory says: an entry that the directory hides is read, too.

import { ByteSource } from './byte-source.ts';
import { type Layer, safeName, scanRest } from './layer.ts';
import { type Method, unpack } from './unpack.ts';
import { readEntryHeader, type ZipEntry } from './zip-header.ts';

const METHOD: Readonly<Record<number, Method>> = { 8: 'deflate', 93: 'zstd' };
// Where an archive was split, or could have been (APPNOTE 8.5.4).
const SPLIT = ['PK00', 'PK\x07\x08'];
const NEWEST_VERSION = 63;
const KNOWN_METHODS = new Set([0, 1, 6, 8, 9, 12, 14, 20, 93, 95, 96, 97, 98, 99]);
const LONGEST_NAME = 1024;
const FIRST_ENTRY = 'PK\x03\x04';
/** Records behind the entries: bytes of the fixed part, and where the lengths of the rest stand. */
const RECORDS: Readonly<Record<string, { fixed: number; rest: (record: Buffer) => number }>> = {
  'PK\x01\x02': {
    fixed: 46,
    rest: (record) => record.readUInt16LE(28) + record.readUInt16LE(30) + record.readUInt16LE(32),
  },
  'PK\x05\x05': { fixed: 6, rest: (record) => record.readUInt16LE(4) },
  'PK\x06\x06': { fixed: 12, rest: (record) => Number(record.readBigUInt64LE(4)) },
  'PK\x06\x07': { fixed: 20, rest: () => 0 },
  'PK\x06\x08': { fixed: 8, rest: (record) => record.readUInt32LE(4) },
};
const END = 'PK\x05\x06';
const END_BYTES = 22;

export async function readZip(layer: Layer): Promise<void> {
  const { source, raw } = layer;
  for (;;) {
    const magic = (await source.peek(4)).toString('latin1');
    const record = RECORDS[magic];
    if (magic === FIRST_ENTRY) {
      if (!(await readEntry(layer))) break;
    } else if (SPLIT.includes(magic)) {
      raw.push(await source.take(4));
    } else if (record !== undefined) {
      const fixed = await source.take(record.fixed);
      raw.push(fixed);
      if (fixed.length < record.fixed) break;
      await scanRest(source.part(record.rest(fixed)), raw);
    } else if (magic === END) {
      const end = await source.take(END_BYTES);
      raw.push(end);
      if (end.length < END_BYTES) break;
      const comment = await source.take(end.readUInt16LE(20));
      raw.push(comment);
      if (comment.length < end.readUInt16LE(20)) break;
      if ((await source.peek(1)).length > 0) await layer.scanInner('after the archive', source);
      return;
    } else break;
  }
  layer.unread('corrupt', 'zip: it does not go on as an archive; the rest was read as bytes');
}

/** Whether an entry begins here, and not just two letters and two numbers. */
export function looksLikeEntry(head: Buffer): boolean {
  if (head.length < 30 || head.toString('latin1', 0, 4) !== FIRST_ENTRY) return false;
  const nameBytes = head.readUInt16LE(26);
  const name = head.subarray(30, 30 + nameBytes);
  return (
    (head[4] as number) <= NEWEST_VERSION &&
    KNOWN_METHODS.has(head.readUInt16LE(8)) &&
    nameBytes > 0 &&
    nameBytes <= LONGEST_NAME &&
    name.every((byte) => byte >= 0x20 && byte !== 0x7f)
  );
}

/** @returns whether the next record can be found */
async function readEntry(layer: Layer): Promise<boolean> {
  const { source, raw } = layer;
  const entry = await readEntryHeader(source, raw);
  if (entry === undefined) return false;
  const name = safeName(entry.name);
  const method = METHOD[entry.method];
  if (entry.encrypted || (entry.method !== 0 && method === undefined)) {
    if (entry.encrypted) layer.unread('encrypted', 'zip: the entry is encrypted', name);
    else layer.unread('method_unknown', `zip: compression method ${entry.method}`, name);
    return skip(layer, entry);
  }
  if (method === undefined) {
    if (entry.packedBytes === undefined) {
      layer.unread('method_unknown', 'zip: stored with no length', name);
      return false;
    }
    const part = source.part(entry.packedBytes);
    await layer.scanInner(name, part);
    raw.skip(part.takenBytes);
    if (part.takenBytes < entry.packedBytes) layer.unread('corrupt', 'zip: cut off', name);
    return part.takenBytes === entry.packedBytes && takeDescriptor(layer, entry);
  }
  const packed = entry.packedBytes === undefined ? source : source.part(entry.packedBytes);
  await layer.doubting(async () => {
    await layer.scanInner(name, new ByteSource(unpack(layer, method, packed, name)));
    if (entry.packedBytes !== undefined) await scanRest(packed, raw);
  });
  return takeDescriptor(layer, entry);
}

async function skip(layer: Layer, entry: ZipEntry): Promise<boolean> {
  if (entry.packedBytes === undefined) return false;
  await scanRest(layer.source.part(entry.packedBytes), layer.raw);
  return takeDescriptor(layer, entry);
}

/** The descriptor behind an entry has four lengths; the right one is followed by a record. */
async function takeDescriptor({ source, raw }: Layer, { described }: ZipEntry): Promise<boolean> {
  if (!described) return true;
  const bytes = await source.peek(28);
  const marked = bytes.toString('latin1', 0, 4) === 'PK\x07\x08';
  for (const length of marked ? [16, 24] : [12, 20]) {
    const magic = bytes.toString('latin1', length, length + 4);
    if (magic !== FIRST_ENTRY && magic !== END && RECORDS[magic] === undefined) continue;
    raw.push(await source.take(length));
    return true;
  }
  return false;
}
