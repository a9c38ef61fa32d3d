// Compares what a tile or a bundle must hold with every form of it that is served: the full one,
// the partial one of the newest tree, and partial ones that older checkpoints still need.

import { encodeHex, equalBytes, HASH_BYTES } from '@countersign/verifier';
import type { DiskReader } from '../disk/log-disk.ts';
import { PUBLIC_FOLDER } from '../log/recover-state.ts';
import { decodeBundle, encodeBundle } from '../tiles/entry-bundle.ts';
import { formatTilePath, partialFolder, TILE_WIDTH, type TilePlace } from '../tiles/tile-path.ts';
import { Difference, type FsckFinding } from './fsck-report.ts';

type NumberedTile = Pick<TilePlace, 'level' | 'index'>;

interface Form {
  path: string;
  width: number;
  bytes: Buffer;
}

export class PublishedFiles {
  readonly #reader: DiskReader;
  /** Names in the folder that was listed last: tiles come in order, a thousand to a folder. */
  readonly #listed = new Map<TilePlace['level'], { folder: string; names: Set<string> }>();
  /** Files compared so far. */
  compared = 0;

  constructor(reader: DiskReader) {
    this.#reader = reader;
  }

  /** The first `width` entries of a bundle, the same in all of its forms. @throws Difference */
  readBundle(index: number, width: number): Uint8Array[] {
    const place = { level: 'entries', index, width } as const;
    const forms = this.#forms(place);
    const [first] = forms;
    if (first === undefined) throw missing('bundle_missing', place);
    const entries = decodeOrThrow(first, index).slice(0, width);
    for (const form of forms.slice(1)) {
      const others = decodeOrThrow(form, index).slice(0, width);
      const at = others.findIndex((entry, position) => !same(entry, entries[position]));
      if (at < 0) continue;
      throw new Difference({
        what: 'bundle_damaged',
        path: form.path,
        index: index * TILE_WIDTH + at,
        message: `Another form of the bundle, ${first.path}, holds another entry.`,
      });
    }
    return entries;
  }

  /** Every form of a tile holds these hashes. @throws Difference */
  checkHashes(level: number, index: number, hashes: readonly Uint8Array[]): void {
    const place = { level, index, width: hashes.length };
    const forms = this.#forms(place);
    if (forms.length === 0) throw missing('tile_missing', place);
    for (const { path, width, bytes } of forms) {
      if (bytes.length !== width * HASH_BYTES) {
        throw new Difference({
          what: 'tile_damaged',
          path,
          expected: `${width * HASH_BYTES} bytes`,
          found: `${bytes.length} bytes`,
          message: 'The tile has a wrong length.',
        });
      }
      const known = Math.min(width, hashes.length);
      const expected = Buffer.concat(hashes.slice(0, known));
      if (expected.equals(bytes.subarray(0, expected.length))) continue;
      const at = hashes.findIndex((hash, position) => !same(hash, hashAt(bytes, position)));
      throw differentHash(path, { level, index }, at, hashes[at], hashAt(bytes, at));
    }
  }

  /** The form that the newest tree needs comes first; without it there is none. */
  #forms(place: TilePlace): Form[] {
    const { level, index, width } = place;
    const forms: Form[] = [];
    const add = (formWidth: number): void => {
      const path = `${PUBLIC_FOLDER}/${formatTilePath({ ...place, width: formWidth })}`;
      const bytes = this.#reader.read(path);
      if (bytes !== undefined) forms.push({ path, width: formWidth, bytes });
    };
    if (width < TILE_WIDTH) add(width);
    // A log at work puts the full tile in place before it removes the partial one.
    add(TILE_WIDTH);
    if (forms.length === 0) return forms;
    const name = partialFolder(place).split('/').at(-1) ?? '';
    if (this.#namesBeside({ level, index }).has(name)) {
      for (const text of this.#reader.list(`${PUBLIC_FOLDER}/${partialFolder(place)}`)) {
        if (/^[1-9][0-9]{0,2}$/.test(text) && Number(text) !== width) add(Number(text));
      }
    }
    this.compared += forms.length;
    return forms;
  }

  #namesBeside(tile: NumberedTile): Set<string> {
    const folder = partialFolder(tile).split('/').slice(0, -1).join('/');
    const listed = this.#listed.get(tile.level);
    if (listed?.folder === folder) return listed.names;
    const names = new Set(this.#reader.list(`${PUBLIC_FOLDER}/${folder}`));
    this.#listed.set(tile.level, { folder, names });
    return names;
  }
}

function decodeOrThrow({ path, width, bytes }: Form, index: number): Uint8Array[] {
  const finding: FsckFinding = {
    what: 'bundle_damaged',
    path,
    index: index * TILE_WIDTH,
    message: 'The bundle cannot be read.',
  };
  try {
    const entries = decodeBundle(bytes, width);
    if (encodeBundle(entries).equals(bytes)) return entries;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'tiles_corrupt')) throw error;
    finding.message = error.message;
  }
  throw new Difference(finding);
}

function missing(what: 'bundle_missing' | 'tile_missing', place: TilePlace): Difference {
  const path = `${PUBLIC_FOLDER}/${formatTilePath(place)}`;
  return new Difference({ what, path, message: 'The file is not there, nor its full form.' });
}

function differentHash(
  path: string,
  { level, index }: NumberedTile,
  at: number,
  expected: Uint8Array | undefined,
  found: Uint8Array,
): Difference {
  return new Difference({
    what: 'hash_differs',
    path,
    index: index * TILE_WIDTH + at,
    offset: at * HASH_BYTES,
    expected: encodeHex(expected ?? new Uint8Array(0)),
    found: encodeHex(found),
    message:
      level === 0
        ? 'The hash in the tile is not that of the entry in its bundle.'
        : `The hash in the tile is not that of the tile below it.`,
  });
}

function hashAt(bytes: Buffer, position: number): Buffer {
  return bytes.subarray(position * HASH_BYTES, (position + 1) * HASH_BYTES);
}

function same(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && equalBytes(one, other);
}
