// Reads any tiled log over HTTP (C2SP tlog-tiles): checkpoint, hash tiles, entry bundles. Bounded in
// time and bytes, https or this machine only. Nothing it returns is believed here: whoever asked
// holds it against a signed root.

import {
  FetchFailure,
  type FetchLike,
  fetchBounded,
  HASH_BYTES,
  type NodeReader,
  TILE_WIDTH,
  type TileAddress,
  type TreeNode,
  tilePath,
} from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';
import { splitBundle } from './split-bundle.ts';
import { addressOfNode, nodeFromHashes } from './tile-node.ts';

export interface LogReaderOptions {
  /** Where `checkpoint` and `tile/…` are; a slash at the end does not matter. */
  url: string;
  fetch?: FetchLike;
  /** For one request, default 15,000. */
  timeoutMs?: number;
  /** Requests under way at a time, default 8. */
  parallel?: number;
  /** Ends what is under way, when the owner closes. */
  signal?: AbortSignal;
}

export interface LogReader {
  /** Without slash at the end. */
  readonly url: string;
  /** Requests under way at a time, for callers that read ahead. */
  readonly parallel: number;
  /** The signed note, at most 1 MB, as it was sent. */
  checkpoint(): Promise<string>;
  /**
   * The first `width` hashes of a hash tile; when the log no longer has the partial tile, the
   * beginning of the full one (tlog-tiles, "Partial Tiles").
   */
  hashes(address: TileAddress): Promise<Uint8Array[]>;
  /** The first `width` entries of bundle `number`, from the partial bundle or the full one. */
  entries(number: number, width: number): Promise<Uint8Array[]>;
  /** Fetches what these nodes of a tree of `size` leaves need; the reader then has them at hand. */
  nodes(nodes: readonly TreeNode[], size: number): Promise<NodeReader>;
}

const CHECKPOINT_BYTES = 1_000_000;
/** 256 entries of the greatest length, each behind two bytes. */
const BUNDLE_BYTES = TILE_WIDTH * (2 + 65_535);
const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_PARALLEL = 8;

/**
 * All methods throw CodedError `url_not_allowed`, `log_unreachable`, `log_answer_malformed` or
 * `tile_missing`. Bodies are decompressed (fetch asks for gzip and takes it unasked) before bounds apply.
 */
export function createLogReader(options: LogReaderOptions): LogReader {
  return new HttpLogReader(options);
}

class HttpLogReader implements LogReader {
  readonly url: string;
  readonly parallel: number;
  readonly #fetch: FetchLike;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor({ url, fetch, timeoutMs, parallel, signal }: LogReaderOptions) {
    this.url = url.replace(/\/+$/, '');
    this.parallel = parallel ?? DEFAULT_PARALLEL;
    this.#fetch = fetch ?? ((target, init) => globalThis.fetch(target, init));
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#signal = signal;
  }

  async checkpoint(): Promise<string> {
    const bytes = await this.#get('checkpoint', CHECKPOINT_BYTES);
    if (bytes === undefined) throw refusal('log_unreachable', 'The log serves no checkpoint.');
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw refusal('log_answer_malformed', 'The checkpoint is not UTF-8.', { cause });
    }
  }

  async hashes(address: TileAddress): Promise<Uint8Array[]> {
    const { bytes, full } = await this.#either(address, ({ width }) => width * HASH_BYTES);
    const width = full ? TILE_WIDTH : address.width;
    if (bytes.length !== width * HASH_BYTES) {
      throw refusal(
        'log_answer_malformed',
        `${tilePath(address)} has ${bytes.length} bytes instead of ${width * HASH_BYTES}.`,
      );
    }
    return Array.from({ length: address.width }, (_, at) =>
      bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    );
  }

  async entries(number: number, width: number): Promise<Uint8Array[]> {
    const address: TileAddress = { level: 'entries', number, width };
    const { bytes, full } = await this.#either(address, () => BUNDLE_BYTES);
    return splitBundle(bytes, full ? TILE_WIDTH : width).slice(0, width);
  }

  async nodes(nodes: readonly TreeNode[], size: number): Promise<NodeReader> {
    const tiles = new Map<string, Promise<Uint8Array[]>>();
    for (const node of nodes) {
      const address = addressOfNode(node, size);
      const path = tilePath(address);
      if (!tiles.has(path)) tiles.set(path, this.hashes(address));
    }
    const fetched = new Map<string, Uint8Array[]>();
    // Proofs touch a tile or two a level: few enough to ask for all at once.
    for (const [path, hashes] of await settleAll(tiles)) fetched.set(path, hashes);
    return (node) => {
      const hashes = fetched.get(tilePath(addressOfNode(node, size)));
      if (hashes === undefined) throw refusal('tile_missing', 'A tile was not asked for.');
      return nodeFromHashes(hashes, node);
    };
  }

  /** A partial tile may be gone once the full one is there, of which it is the beginning. */
  async #either(
    address: TileAddress,
    maxBytes: (address: TileAddress) => number,
  ): Promise<{ bytes: Uint8Array; full: boolean }> {
    if (address.width < TILE_WIDTH) {
      const bytes = await this.#get(tilePath(address), maxBytes(address));
      if (bytes !== undefined) return { bytes, full: false };
    }
    const whole = { ...address, width: TILE_WIDTH };
    const bytes = await this.#get(tilePath(whole), maxBytes(whole));
    if (bytes !== undefined) return { bytes, full: true };
    throw refusal('tile_missing', `The log does not serve ${tilePath(address)} of its own tree.`);
  }

  /** The body, undefined when the log says that there is none. */
  async #get(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const answer = await this.#ask(path, maxBytes);
    if (answer.status === 404 || answer.status === 410) return undefined;
    if (answer.status !== 200) {
      throw refusal('log_unreachable', `The log answered ${answer.status} for ${path}.`);
    }
    return answer.bytes;
  }

  async #ask(path: string, maxBytes: number): Promise<{ status: number; bytes: Uint8Array }> {
    try {
      return await fetchBounded(`${this.url}/${path}`, {
        fetch: this.#fetch,
        timeoutMs: this.#timeoutMs,
        maxBytes,
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
    } catch (cause) {
      if (!(cause instanceof FetchFailure)) throw cause;
      const code =
        cause.code === 'url_not_allowed'
          ? 'url_not_allowed'
          : cause.code === 'too_large'
            ? 'log_answer_malformed'
            : 'log_unreachable';
      throw refusal(code, `${path}: ${cause.message}`, { cause });
    }
  }
}

/** Waits for all, so that no rejection is left unheard when the first one is thrown on. */
async function settleAll<Value>(pending: Map<string, Promise<Value>>): Promise<[string, Value][]> {
  const names = [...pending.keys()];
  const settled = await Promise.allSettled(pending.values());
  return settled.map((result, at) => {
    if (result.status === 'rejected') throw result.reason;
    return [names[at] ?? '', result.value];
  });
}
