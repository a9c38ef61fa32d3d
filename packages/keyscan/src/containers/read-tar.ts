// Reads a tar archive entry by entry (POSIX pax, ustar, GNU). Headers and padding are looked at as
// they stand; a header that is not one ends the reading, and the rest is looked at as bytes.

import { type Layer, safeName } from './layer.ts';
import { readTarHeader } from './tar-header.ts';

const BLOCK = 512;
const LONGEST_TEXT = 1 << 20;

/** What extended headers say about the entry that follows them. */
interface Ahead {
  name?: string;
  size?: number;
}

export async function readTar(layer: Layer): Promise<void> {
  const { source, raw } = layer;
  let ahead: Ahead = {};
  for (;;) {
    const block = await source.take(BLOCK);
    raw.push(block);
    if (block.length === 0) return;
    if (block.length === BLOCK && block.every((byte) => byte === 0)) {
      await readAfter(layer);
      return;
    }
    const header = readTarHeader(block);
    if (header === undefined) {
      layer.unread('corrupt', 'tar: what should be a header is none; the rest was read as bytes');
      return;
    }
    let more = header.extended;
    while (more) {
      const map = await source.take(BLOCK);
      raw.push(map);
      more = map[504] === 1;
    }
    if ('xgLK'.includes(header.type) && header.size <= LONGEST_TEXT) {
      const text = await source.take(header.size);
      raw.push(text);
      if (text.length < header.size) layer.unread('corrupt', 'tar: it ends inside of a header');
      if (header.type === 'x') ahead = { ...ahead, ...readPax(text) };
      if (header.type === 'L') ahead.name = text.toString('utf8').split('\0')[0] as string;
      await skipPadding(layer, header.size);
      continue;
    }
    await readEntry(layer, ahead.name ?? header.name, ahead.size ?? header.size);
    ahead = {};
  }
}

async function readEntry(layer: Layer, name: string, size: number): Promise<void> {
  if (size === 0) return;
  const part = layer.source.part(size);
  await layer.scanInner(safeName(name), part);
  layer.raw.skip(part.takenBytes);
  if (part.takenBytes < size)
    layer.unread('corrupt', 'tar: it ends inside of this entry', safeName(name));
  await skipPadding(layer, size);
}

async function skipPadding({ source, raw }: Layer, size: number): Promise<void> {
  const padding = (BLOCK - (size % BLOCK)) % BLOCK;
  raw.push(await source.take(padding));
}

/** Behind the end there are zeros up to a full record, or something that nobody should hide there. */
async function readAfter(layer: Layer): Promise<void> {
  const { source, raw } = layer;
  for (;;) {
    const block = await source.peek(BLOCK);
    if (block.length === 0) return;
    if (block.some((byte) => byte !== 0)) break;
    raw.push(await source.take(block.length));
  }
  await layer.scanInner('after the archive', source);
}

/** Records of `length key=value\n` (pax, "pax Header Block"). */
function readPax(text: Buffer): Ahead {
  const ahead: Ahead = {};
  for (let at = 0; at < text.length; ) {
    const length = Number.parseInt(text.toString('latin1', at, at + 12), 10);
    if (!(length > 4)) break;
    const record = text.toString('utf8', at, at + length);
    const match = /^\d+ (path|size)=(.*)\n$/s.exec(record);
    if (match?.[1] === 'path') ahead.name = match[2] as string;
    if (match?.[1] === 'size' && /^\d{1,15}$/.test(match[2] as string))
      ahead.size = Number(match[2]);
    at += length;
  }
  return ahead;
}
