// The hash of a log file as digests list it: over what is inside the gzip, in constant memory.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** Lower-case hex; undefined when the bytes are no whole gzip. */
export async function hashLogFile(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(Readable.from(bytes), createGunzip(), hash);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
