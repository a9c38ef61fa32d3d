// Bytes as they come, unpacked by what they are and not by their name: gzip (RFC 1952, also several
// members) and Zstandard (RFC 8878). What was good before a cut or a damage comes through.

import {
  constants,
  createGunzip,
  createZstdDecompress,
  type Gunzip,
  type ZstdDecompress,
} from 'node:zlib';
import type { ReadProblemCode } from './read-problem.ts';

/** One such piece unpacks to 16 MiB at most: deflate packs a thousand to one. */
const PIECE_BYTES = 16 * 1024;
const MAGIC_BYTES = 8;

export type TellByteProblem = (code: ReadProblemCode, message: string) => void;

/** @param tell told of what is cut or damaged; reading ends there without an error */
export async function* openBytes(
  chunks: AsyncIterable<Uint8Array>,
  tell: TellByteProblem,
): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = (async function* () {
    if (head.length > 0) yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield asBuffer(next.value);
    }
  })();
  const packing = packingOf(head);
  if (packing === 'plain') yield* all;
  else if (packing === 'foreign') {
    tell('not_readable', 'This is an archive or a Parquet file: unpack or convert it first.');
  } else yield* unpack(all, packing, tell);
}

function packingOf(head: Buffer): 'gzip' | 'zstd' | 'foreign' | 'plain' {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  const four = head.toString('latin1', 0, 4);
  // Zip, Parquet, bzip2, xz.
  if (['PK\x03\x04', 'PAR1', '\xfd7zX'].includes(four) || /^BZh[1-9]/.test(four)) return 'foreign';
  return 'plain';
}

async function* unpack(
  chunks: AsyncIterable<Buffer>,
  packing: 'gzip' | 'zstd',
  tell: TellByteProblem,
): AsyncGenerator<Buffer> {
  const stream: Gunzip | ZstdDecompress =
    packing === 'gzip'
      ? createGunzip({ chunkSize: 256 * 1024 })
      : // A window of more than 128 MiB would be taken from our memory on a stranger's word.
        createZstdDecompress({
          chunkSize: 256 * 1024,
          params: { [constants.ZSTD_d_windowLogMax]: 27 },
        });
  let unpacked: Buffer[] = [];
  // Taken as it falls out: a stream that fails drops what still waits inside it.
  stream.on('data', (piece: Buffer) => unpacked.push(piece));
  const failure = new Promise<Error>((resolve) => stream.once('error', resolve));
  const ended = new Promise<undefined>((resolve) => stream.once('end', () => resolve(undefined)));
  let failed: Error | undefined;
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && failed === undefined; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        const written = new Promise<undefined>((resolve) =>
          stream.write(piece, () => resolve(undefined)),
        );
        failed = await Promise.race([written, failure]);
        yield* unpacked;
        unpacked = [];
      }
      if (failed !== undefined) break;
    }
    if (failed === undefined) {
      stream.end();
      failed = await Promise.race([ended, failure]);
    } else failed = await failure;
    yield* unpacked;
  } finally {
    stream.destroy();
  }
  if (failed !== undefined) tellFailure(failed, tell);
}

function tellFailure(failed: Error, tell: TellByteProblem): void {
  const { code } = failed as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(failed.message)) {
    tell('truncated', 'The compressed data ends too early: what came before the cut was read.');
  } else {
    tell('compressed_data_bad', 'The compressed data is damaged here: what came before was read.');
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
