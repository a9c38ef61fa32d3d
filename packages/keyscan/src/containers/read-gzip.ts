// Reads one member of a gzip file (RFC 1952 §2.3). The header is ours to read: node's own reader
// throws away what it had unpacked when something else follows the last member.

import { crc32 } from 'node:zlib';
import { ByteSource } from './byte-source.ts';
import type { Layer } from './layer.ts';
import { unpack } from './unpack.ts';

const MAGIC = '1f8b08';
const FIXED_BYTES = 10;
const TRAILER_BYTES = 8;
const LONGEST_TEXT = 1 << 16;
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

export async function readGzip(layer: Layer): Promise<void> {
  if ((await measureHeader(layer.source)) === undefined) {
    layer.unread('corrupt', 'gzip: the header is none');
    return;
  }
  await layer.doubting(() => layer.scanInner('gzip', new ByteSource(readMembers(layer))));
}

/** What all members hold is one stream: a secret may begin in one and end in the next. */
async function* readMembers(layer: Layer): AsyncGenerator<Buffer> {
  const { source, raw } = layer;
  for (;;) {
    const headerBytes = await measureHeader(source);
    if (headerBytes === undefined) return;
    raw.push(await source.take(headerBytes));
    const sum = { checksum: 0, bytes: 0 };
    for await (const chunk of unpack(layer, 'deflate', source)) {
      sum.checksum = crc32(chunk, sum.checksum);
      sum.bytes += chunk.length;
      yield chunk;
    }
    const trailer = await source.take(TRAILER_BYTES);
    raw.push(trailer);
    if (layer.state.exhausted) return;
    if (
      trailer.length < TRAILER_BYTES ||
      trailer.readUInt32LE(0) !== sum.checksum ||
      trailer.readUInt32LE(4) !== sum.bytes % 2 ** 32
    ) {
      layer.unread('corrupt', 'gzip: cut off, or its checksum differs');
      return;
    }
  }
}

/** Bytes of the header, or nothing when there is none. */
async function measureHeader(source: ByteSource): Promise<number | undefined> {
  const fixed = await source.peek(FIXED_BYTES);
  const flags = fixed[3] ?? FLAG.reserved;
  if (fixed.toString('hex', 0, 3) !== MAGIC || (flags & FLAG.reserved) !== 0) return undefined;
  let length = FIXED_BYTES;
  if ((flags & FLAG.extra) !== 0) {
    const sized = await source.peek(length + 2);
    if (sized.length < length + 2) return undefined;
    length += 2 + sized.readUInt16LE(length);
  }
  for (const text of [FLAG.name, FLAG.comment]) {
    if ((flags & text) === 0) continue;
    const end = (await source.peek(length + LONGEST_TEXT)).indexOf(0, length);
    if (end === -1) return undefined;
    length = end + 1;
  }
  if ((flags & FLAG.headerCrc) !== 0) length += 2;
  return (await source.peek(length)).length === length ? length : undefined;
}
