// Bytes of any encoding as UTF-8 bytes: UTF-16 of either order by its mark or by its zeros. What has
// no mark stays as it is; a record that is not UTF-8 is then read as Windows-1252 by itself, so that
// one such line does not change the others.

import { isUtf8 } from 'node:buffer';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** So many bytes are looked at to tell UTF-16 that has no mark. */
const LOOKED_AT = 256;

export async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  let first = true;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (first) {
      first = false;
      const encoding = encodingOf(chunk);
      // `ignoreBOM: false` takes the mark away.
      if (encoding !== 'utf-8') decoder = new TextDecoder(encoding);
    }
    if (decoder === undefined) yield chunk;
    else yield Buffer.from(decoder.decode(chunk, { stream: true }));
  }
  const rest = decoder?.decode();
  if (rest !== undefined && rest !== '') yield Buffer.from(rest);
}

function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const looked = head.subarray(0, LOOKED_AT);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < looked.length; at += 1) {
    if (looked[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  const most = Math.floor(looked.length / 4);
  if (odd > most && even < odd / 8) return 'utf-16le';
  return even > most && odd < even / 8 ? 'utf-16be' : 'utf-8';
}

const windows1252 = new TextDecoder('windows-1252');

export interface DecodedText {
  text: string;
  /** False when it was read as Windows-1252. */
  utf8: boolean;
}

export function decodeRecord(bytes: Buffer): DecodedText {
  // Ten times as fast as decoding twice; nearly everything is UTF-8.
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), utf8: true };
  return { text: windows1252.decode(bytes), utf8: false };
}
