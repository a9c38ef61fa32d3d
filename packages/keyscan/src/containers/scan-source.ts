// Scans a stream and everything packed into it, in constant memory: each container is opened as it
// passes by, and what comes out of it is a stream like the first. No byte is left out in silence.

import type { Find, Finder, Unread } from '../find.ts';
import { openScanner } from '../scan-stream.ts';
import { ByteSource } from './byte-source.ts';
import type { Layer, ScanLimits, ScanState } from './layer.ts';
import { readGzip } from './read-gzip.ts';
import { readTar } from './read-tar.ts';
import { readZip } from './read-zip.ts';
import { type Opened, RECOGNISED_BY, recognise, recogniseClosed } from './recognise.ts';
import { scanPlain } from './scan-plain.ts';
import { unpack } from './unpack.ts';

const MOST_DOUBTFUL = 10_000;
const LIMITS: ScanLimits = { depth: 8, unpackedBytes: 2 ** 40, ratio: 2_000 };

export interface ScanOptions {
  finders: readonly Finder[];
  onFind: (find: Find) => void;
  /** What could not be looked into: it is not known to be clean. */
  onUnread: (unread: Unread) => void;
  limits?: Partial<ScanLimits>;
}

/** Resolves when all of `chunks` was looked at. @throws what reading `chunks` throws */
export async function scanSource(
  chunks: AsyncIterable<Uint8Array>,
  { finders, onFind, onUnread, limits }: ScanOptions,
): Promise<void> {
  const state: ScanState = {
    limits: { ...LIMITS, ...limits },
    onFind,
    onUnread,
    readBytes: 0,
    unpackedBytes: 0,
    exhausted: false,
    finds: 0,
    unreads: 0,
  };
  await scanLayer(new ByteSource(counted(chunks, state)), [], 0, state, finders);
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  state: ScanState,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    state.readBytes += chunk.length;
    yield chunk;
  }
}

async function scanLayer(
  source: ByteSource,
  container: readonly string[],
  depth: number,
  state: ScanState,
  finders: readonly Finder[],
): Promise<void> {
  const scanner = openScanner({ finders, container });
  // Finds in compressed bytes as they stand: a second sight of what is found inside, mostly.
  let doubtful: Find[] | undefined;
  let doubtedFrom = 0;
  const say = (finds: readonly Find[]): void => {
    for (const find of finds) {
      const doubted = find.offset >= doubtedFrom ? doubtful : undefined;
      if (doubted === undefined || doubted.length > MOST_DOUBTFUL) tell(state, [find]);
      else doubted.push(find);
    }
  };
  const layer: Layer = {
    source,
    container,
    state,
    raw: {
      push: (bytes) => say(scanner.push(bytes)),
      skip: (count) => say(scanner.skip(count)),
    },
    async doubting(job) {
      doubtful = [];
      doubtedFrom = scanner.position;
      const [finds, unreads] = [state.finds, state.unreads];
      await job();
      // What is cut off where unpacking failed may go on behind.
      if (state.finds > finds && state.unreads === unreads) say(scanner.skip(0));
      else tell(state, doubtful);
      doubtful = undefined;
    },
    scanInner: (name, inner) => scanLayer(inner, [...container, name], depth + 1, state, finders),
    unread: (reason, what, name) => {
      state.unreads += 1;
      state.onUnread({
        container: name === undefined ? container : [...container, name],
        reason,
        what,
      });
    },
  };
  const head = await source.peek(RECOGNISED_BY);
  const opened = recognise(head);
  const closed = opened === undefined ? recogniseClosed(head) : undefined;
  if (closed !== undefined) layer.unread(closed.reason, `${closed.name} is not opened`);
  const deepest = depth >= state.limits.depth;
  if (opened !== undefined && deepest)
    layer.unread('too_deep', `${opened}: more than ${state.limits.depth} containers in each other`);
  else if (opened !== undefined) await open(layer, opened);
  await scanPlain(layer, !deepest);
  tell(state, scanner.end());
}

async function readZstd(layer: Layer): Promise<void> {
  await layer.doubting(() => layer.scanInner('zstd', new ByteSource(readFrames(layer))));
}

async function* readFrames(layer: Layer): AsyncGenerator<Buffer> {
  const { source } = layer;
  for (let before = -1; source.takenBytes > before; ) {
    before = source.takenBytes;
    if (recognise(await source.peek(16)) === 'zstd') yield* unpack(layer, 'zstd', source);
  }
}

/** Opens what begins here, then what follows it: frames of the same kind, or something hidden. */
async function open(layer: Layer, first: Opened): Promise<void> {
  const { source } = layer;
  let kind: Opened | undefined = first;
  while (kind === first) {
    const before = source.takenBytes;
    if (kind === 'tar') await readTar(layer);
    else if (kind === 'zip') await readZip(layer);
    else if (kind === 'gzip') await readGzip(layer);
    else await readZstd(layer);
    if (source.takenBytes === before) return;
    kind = recognise(await source.peek(RECOGNISED_BY));
  }
  if (kind === undefined || layer.state.exhausted) return;
  await layer.scanInner('after the archive', source);
}

function tell(state: ScanState, finds: readonly Find[]): void {
  state.finds += finds.length;
  for (const find of finds) state.onFind(find);
}
