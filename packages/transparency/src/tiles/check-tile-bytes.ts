// Whether bytes can be what their path promises (C2SP tlog-tiles): a full path holds 256 hashes or
// entries, a partial one its width. Asked before a tile is handed out as immutable, because what a
// cache has once taken for a tile it keeps for ever.

import { HASH_BYTES } from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';
import { decodeBundle } from './entry-bundle.ts';
import { formatTilePath, type TilePlace } from './tile-path.ts';

/** @throws CodedError `tiles_corrupt` */
export function checkTileBytes(place: TilePlace, bytes: Buffer): void {
  if (place.level === 'entries') {
    decodeBundle(bytes, place.width);
  } else if (bytes.length !== place.width * HASH_BYTES) {
    throw refusal('tiles_corrupt', `Tile ${formatTilePath(place)} has a wrong length.`);
  }
}
