// Decompression as a stream that says where it ended: what follows the compressed bytes is given
// back. Compressed bytes are looked at as they stand, too: not all that looks packed is.

import { createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { type Layer, spend } from './layer.ts';

export type Method = 'deflate' | 'zstd';

const IN_BYTES = 1 << 16;
const OUT_BYTES = 1 << 17;

const ENGINE = {
  deflate: () => createInflateRaw({ chunkSize: OUT_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: OUT_BYTES }),
};

type Engine = ReturnType<(typeof ENGINE)[Method]>;

/**
 * Yields what `source` unpacks to, until the compressed stream ends, a limit is passed, or it
 * proves corrupt; the reason of the last two is told to the layer.
 */
export async function* unpack(
  layer: Layer,
  method: Method,
  source: ByteSource,
  name?: string,
): AsyncGenerator<Buffer> {
  const { state } = layer;
  if (state.exhausted) {
    layer.unread('too_large', `${method}: not unpacked, the limits were passed before`, name);
    return;
  }
  const engine: Engine = ENGINE[method]();
  const over = new Promise<void>((resolve) => {
    for (const event of ['end', 'error', 'close']) engine.once(event, () => resolve());
  });
  const fed = feed(layer, source, engine, over);
  // A fault of the source ends the reading below, and is thrown behind it.
  fed.catch((error: Error) => engine.destroy(error));
  try {
    for await (const bytes of engine as AsyncIterable<Buffer>) {
      if (!spend(state, bytes.length)) {
        layer.unread('too_large', `${method}: more unpacked than the limits allow`, name);
        break;
      }
      yield bytes;
    }
  } catch (error) {
    layer.unread('corrupt', `${method}: ${(error as Error).message}`, name);
  } finally {
    engine.destroy();
  }
  await fed;
}

/** Writes until the engine has had enough, and gives back what it did not want. */
async function feed(
  { raw }: Layer,
  source: ByteSource,
  engine: Engine,
  over: Promise<void>,
): Promise<void> {
  let ended = false;
  void over.then(() => {
    ended = true;
  });
  for (let written = 0; !ended; ) {
    const bytes = await source.some(IN_BYTES);
    if (bytes === undefined) {
      engine.end();
      return;
    }
    await Promise.race([new Promise<unknown>((resolve) => engine.write(bytes, resolve)), over]);
    const used = Math.min(bytes.length, Math.max(0, engine.bytesWritten - written));
    written += used;
    raw.push(bytes.subarray(0, used));
    if (used < bytes.length) {
      source.giveBack(bytes.subarray(used));
      return;
    }
  }
}
