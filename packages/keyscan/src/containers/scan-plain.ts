// What is no container may hold one: a program that unpacks itself, a picture with an archive behind
// it. A zip is opened wherever its first entry stands.

import type { Layer } from './layer.ts';
import { looksLikeEntry, readZip } from './read-zip.ts';

const ENTRY = Buffer.from('PK\x03\x04', 'latin1');
const READ_BYTES = 1 << 17;
/** A header and the beginning of a name. */
const HEAD_BYTES = 94;

/** Looks at all that is left of a layer, as it stands. @param opens whether a zip is opened */
export async function scanPlain(layer: Layer, opens: boolean): Promise<void> {
  const { source, raw } = layer;
  for (;;) {
    const bytes = await source.some(READ_BYTES);
    if (bytes === undefined) return;
    const at = opens ? entryIn(bytes) : -1;
    if (at === -1) {
      raw.push(bytes);
      continue;
    }
    raw.push(bytes.subarray(0, at));
    source.giveBack(bytes.subarray(at));
    if (looksLikeEntry(await source.peek(HEAD_BYTES))) await readZip(layer);
    else raw.push(await source.take(ENTRY.length));
  }
}

/** Where an entry begins, or could at the very end. */
function entryIn(bytes: Buffer): number {
  const at = bytes.indexOf(ENTRY);
  if (at !== -1) return at;
  for (let kept = Math.min(3, bytes.length - 1); kept > 0; kept -= 1)
    if (bytes.subarray(-kept).equals(ENTRY.subarray(0, kept))) return bytes.length - kept;
  return -1;
}
