// Paths of the tiles and entry bundles below the log's prefix (C2SP tlog-tiles): `tile/L/N[.p/W]`
// and `tile/entries/N[.p/W]`, where N is cut into groups of three digits, `x001/x234/067`.

import { TILE_WIDTH, tilePath } from '@countersign/verifier';

export { TILE_WIDTH };
export const MAX_TILE_LEVEL = 63;

export interface TilePlace {
  /** 0 to 63 for hash tiles; bundles stand for `entries`. */
  level: number | 'entries';
  /** Number of the tile in its level. */
  index: number;
  /** 1 to 255 for a partial tile, 256 for a full one. */
  width: number;
}

export function formatTilePath({ level, index, width }: TilePlace): string {
  return tilePath({ level, number: index, width });
}

/** The folder that holds all partial forms of a tile. */
export function partialFolder({ level, index }: Pick<TilePlace, 'level' | 'index'>): string {
  return `${formatTilePath({ level, index, width: TILE_WIDTH })}.p`;
}

const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/**
 * Parses a path below the log's prefix, without a leading slash; undefined for anything that is
 * not exactly a tile's path, so that it may be joined to a folder.
 */
export function parseTilePath(path: string): TilePlace | undefined {
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [, levelText = '', indexText = '', widthText] = match;
  const level = levelText === 'entries' ? 'entries' : Number(levelText);
  if (level !== 'entries' && level > MAX_TILE_LEVEL) return undefined;
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  if (!Number.isSafeInteger(index) || (widthText !== undefined && width >= TILE_WIDTH)) {
    return undefined;
  }
  const place: TilePlace = { level, index, width };
  // One spelling per tile: leading groups of zeros are not a second one.
  return formatTilePath(place) === path ? place : undefined;
}
