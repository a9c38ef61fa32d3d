// Entries that have left memory, read back from their published bundles.

import { readBundle, type TileFetcher, tileAt } from '../tiles/read-tiles.ts';
import { TILE_WIDTH } from '../tiles/tile-path.ts';

/** Most entries handed out at once. */
export const MAX_READ_ENTRIES = 4096;

/** Entries `[start, end)` as far as they are published. @throws CodedError `tiles_corrupt` */
export async function readPublished(
  fetch: TileFetcher,
  start: number,
  end: number,
  published: number,
): Promise<Uint8Array[]> {
  const stop = Math.min(end, published);
  const entries: Uint8Array[] = [];
  for (let index = Math.floor(start / TILE_WIDTH); index * TILE_WIDTH < stop; index += 1) {
    const bundle = await readBundle(fetch, tileAt('entries', index, published));
    const first = index * TILE_WIDTH;
    entries.push(...bundle.slice(Math.max(0, start - first), stop - first));
  }
  return entries;
}
