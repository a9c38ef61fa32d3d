// One stream of bytes being scanned: the file itself, or what came out of a container in it.

import type { Find, Unread, UnreadReason } from '../find.ts';
import type { ByteSource } from './byte-source.ts';

/** What a container may do to us. */
export interface ScanLimits {
  /** Containers in each other; default 8. */
  depth: number;
  /** Bytes unpacked from one file, all containers together; default 1 TiB. */
  unpackedBytes: number;
  /** Bytes unpacked for each byte of the file, once over 1 GiB; default 2,000. */
  ratio: number;
}

/** What all layers of one scan share. */
export interface ScanState {
  readonly limits: ScanLimits;
  readonly onFind: (find: Find) => void;
  readonly onUnread: (unread: Unread) => void;
  /** Bytes of the file that were read so far. */
  readBytes: number;
  unpackedBytes: number;
  /** Nothing more is unpacked: a limit was passed. */
  exhausted: boolean;
  /** How many were told of so far. */
  finds: number;
  unreads: number;
}

export interface Layer {
  readonly source: ByteSource;
  /** Looks at bytes of this layer as they stand, or skips those that were looked at elsewhere. */
  readonly raw: { push(bytes: Uint8Array): void; skip(count: number): void };
  readonly container: readonly string[];
  readonly state: ScanState;
  /** Scans a stream that came out of this one, to its end. */
  scanInner(name: string, source: ByteSource): Promise<void>;
  /**
   * Runs a job that reads compressed bytes: what is found in them as they stand is told only when
   * nothing was found inside, or something could not be read.
   */
  doubting(job: () => Promise<void>): Promise<void>;
  unread(reason: UnreadReason, what: string, name?: string): void;
}

const READ_BYTES = 1 << 17;
const FREE_BYTES = 2 ** 30;

/** Looks at all that is left of a source, as it stands. */
export async function scanRest(source: ByteSource, raw: Layer['raw']): Promise<void> {
  for (;;) {
    const bytes = await source.some(READ_BYTES);
    if (bytes === undefined) return;
    raw.push(bytes);
  }
}

/** Counts unpacked bytes. @returns whether they are still within the limits */
export function spend(state: ScanState, bytes: number): boolean {
  state.unpackedBytes += bytes;
  const { unpackedBytes, ratio } = state.limits;
  const most = Math.min(unpackedBytes, Math.max(FREE_BYTES, state.readBytes * ratio));
  if (state.unpackedBytes > most) state.exhausted = true;
  return !state.exhausted;
}

/** A name out of an archive, fit for a terminal and a log. */
export function safeName(name: string): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return plain.length > 256 ? `${plain.slice(0, 255)}…` : plain;
}
