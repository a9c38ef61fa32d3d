// Entry bundles (C2SP tlog-tiles): up to 256 entries, each behind its length in two bytes.

import { refusal } from '../transparency-error.ts';

const LENGTH_BYTES = 2;

export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  const size = entries.reduce((bytes, entry) => bytes + LENGTH_BYTES + entry.length, 0);
  const bundle = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const entry of entries) {
    bundle.writeUInt16BE(entry.length, offset);
    bundle.set(entry, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/**
 * The entries of a bundle, as views.
 * @param width entries it must hold
 * @throws CodedError `tiles_corrupt`
 */
export function decodeBundle(bundle: Buffer, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    const start = offset + LENGTH_BYTES;
    const end = start <= bundle.length ? start + bundle.readUInt16BE(offset) : start;
    if (end > bundle.length) throw refusal('tiles_corrupt', 'An entry bundle is cut short.');
    entries.push(bundle.subarray(start, end));
    offset = end;
  }
  if (entries.length !== width) {
    throw refusal('tiles_corrupt', `An entry bundle holds ${entries.length}, not ${width}.`);
  }
  return entries;
}
