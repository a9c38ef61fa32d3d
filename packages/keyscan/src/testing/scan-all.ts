// Scans bytes that are at hand through the streaming door, in odd chunks.

import type { ScanLimits } from '../containers/layer.ts';
import { allFinders, type Find, scanSource, type Unread } from '../index.ts';

const CHUNK_BYTES = 10_007;

export async function scanAll(
  bytes: Buffer,
  limits: Partial<ScanLimits> = {},
  chunkBytes = CHUNK_BYTES,
): Promise<{ finds: Find[]; unread: Unread[] }> {
  const finds: Find[] = [];
  const unread: Unread[] = [];
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  await scanSource(chunks(), {
    finders: allFinders(),
    limits,
    onFind: (find) => finds.push(find),
    onUnread: (what) => unread.push(what),
  });
  return { finds, unread };
}
