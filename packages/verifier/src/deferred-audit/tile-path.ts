// Where a log keeps its hashes (C2SP tlog-tiles): tile L/N holds 256 hashes of nodes at level 8·L,
// the last one of a level perhaps fewer.

/** Hashes in a full tile, and levels of the tree per level of tiles. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;

export interface TileAddress {
  /** 0 to 63; entry bundles are as wide as level 0 and stand beside it. */
  level: number | 'entries';
  /** Which tile of its level. */
  number: number;
  /** Hashes in it, 1 to 256. */
  width: number;
}

/** The tile of a level that holds hash `position`, as it is in a tree of `size` leaves. */
export function tileHolding(level: number, position: number, size: number): TileAddress {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  const number = Math.floor(position / TILE_WIDTH);
  return { level, number, width: Math.min(TILE_WIDTH, hashes - number * TILE_WIDTH) };
}

/** `tile/L/N` or `tile/L/N.p/W`, where L may be `entries`; N in groups of three digits, all but the last with `x`. */
export function tilePath({ level, number, width }: TileAddress): string {
  const digits = String(number);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const last = groups.length - 1;
  const name = groups.map((group, at) => (at < last ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}
