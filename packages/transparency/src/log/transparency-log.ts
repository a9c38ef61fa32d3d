// The log at work. An entry is durable in the WAL before anything about it is signed, so a receipt
// is never a promise that a crash can break; tiles and checkpoints follow in the background.

import { isCodedError } from '@countersign/vocabulary';
import type { LogDisk } from '../disk/log-disk.ts';
import type { LogIdentity, LogKeys } from '../identity/log-identity.ts';
import { refusal, stopped } from '../transparency-error.ts';
import { sealGroup } from '../tree/seal-group.ts';
import { alignedCount } from '../tree/seal-subtree.ts';
import type { WalWriter } from '../wal/wal-writer.ts';
import { AppendQueue, type Waiting } from './append-queue.ts';
import { checkEntry } from './check-entry.ts';
import { Cosigning } from './cosigning.ts';
import { issueReceipts } from './issue-receipts.ts';
import type { LogState } from './log-state.ts';
import type { OnStep } from './protocol-step.ts';
import { LARGE_BACKLOG, type Publisher } from './publish.ts';
import { MAX_READ_ENTRIES, readPublished } from './read-published.ts';
import { signFeed } from './sign-note.ts';

export interface LogLimits {
  /** Entries waiting for their group. Default 16,384. */
  queued: number;
  /** Durable entries not yet in tiles; they are held in memory. Default 262,144. */
  unpublished: number;
}

export interface LogParts {
  identity: LogIdentity;
  keys: LogKeys;
  state: LogState;
  wal: WalWriter;
  publisher: Publisher;
  disk: LogDisk;
  limits: LogLimits;
  integrateEveryMs: number;
  nowMs(): number;
  /** Bytes of a published file. */
  readPublic(path: string): Promise<Buffer | undefined>;
  /** Lets go of lock and files. */
  release(): void;
  onFatal(error: unknown): void;
  onStep: OnStep;
}

export interface LogStatus {
  origin: string;
  durableSize: number;
  publishedSize: number;
  checkpointShownMs: number;
  /** True while integration waits for room on the disk. */
  waitsForRoom: boolean;
  stopped: boolean;
}

export class TransparencyLog {
  readonly #parts: LogParts;
  readonly #queue: AppendQueue;
  readonly #timer: NodeJS.Timeout;
  /** What witnesses are asked about, and what they answer. */
  readonly cosigning: Cosigning;
  #showing: NodeJS.Timeout | undefined;
  #stopped = false;
  #released = false;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.cosigning = new Cosigning(parts, {
      isStopped: () => this.#stopped,
      stop: () => this.#stop(),
      fail: (error) => this.#fail(error),
    });
    this.#queue = new AppendQueue({
      limit: parts.limits.queued,
      pauseMs: () => this.#pauseMs(),
      groupSize: (waiting) => alignedCount(parts.state.size, waiting),
      takeGroup: (group) => this.#takeGroup(group),
    });
    this.#timer = setInterval(() => this.#integrate(), parts.integrateEveryMs);
    this.#timer.unref();
  }

  /** Public keys of the log as text. */
  get identity(): LogIdentity {
    return this.#parts.identity;
  }

  get durableSize(): number {
    return this.#parts.state.size;
  }

  get publishedSize(): number {
    return this.#parts.publisher.publishedSize;
  }

  /**
   * Logs one entry and answers with its receipt, which is durable by then.
   * @throws CodedError `entry_malformed`, `clock_skew`; with `retryAfterSeconds` `busy` and
   *   `log_full` (nothing was logged), and `log_stopped` (it may have been)
   */
  append(entry: Uint8Array): Promise<Uint8Array> {
    try {
      this.#checkRoom(1);
      checkEntry(entry, this.#parts.nowMs());
      return this.#queue.push(entry);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Logs several entries in one go; all are checked before any is logged. Codes as `append`;
   * `log_stopped` also when a part was logged before the disk was full.
   */
  async appendMany(entries: readonly Uint8Array[]): Promise<Uint8Array[]> {
    this.#checkRoom(entries.length);
    const nowMs = this.#parts.nowMs();
    for (const entry of entries) checkEntry(entry, nowMs);
    return this.#queue.pushMany(entries);
  }

  /**
   * Up to `limit` (at most 4,096) durable entries from an index on; fewer when the log ends or a
   * bundle does. @throws CodedError `index_out_of_range` beyond the durable size
   */
  async readEntries(fromIndex: number, limit: number): Promise<Uint8Array[]> {
    const { state } = this.#parts;
    if (!Number.isSafeInteger(fromIndex) || fromIndex < 0 || fromIndex > state.size) {
      throw refusal('index_out_of_range', 'The log has no entry of that index yet.');
    }
    const end = Math.min(state.size, fromIndex + Math.max(0, Math.min(limit, MAX_READ_ENTRIES)));
    const held = state.edge.entries(fromIndex, end);
    return held ?? readPublished(this.#parts.readPublic, fromIndex, end, this.publishedSize);
  }

  /** A signed verifier feed. @throws CodedError `feed_malformed` */
  signFeed(json: string): string {
    return signFeed(this.#parts.keys.feed, this.#parts.identity.origin, json);
  }

  /**
   * Publishes everything that is durable now; for tests and for closing.
   * @param patient true to give witnesses their time, as the log does by itself. Default false
   */
  async publishNow(patient = false): Promise<void> {
    const { publisher } = this.#parts;
    await publisher.tick(patient);
    const behind = this.publishedSize < this.durableSize || publisher.holdsBack;
    if (behind) await publisher.tick(patient);
  }

  status(): LogStatus {
    const { identity, publisher } = this.#parts;
    return {
      origin: identity.origin,
      durableSize: this.durableSize,
      publishedSize: this.publishedSize,
      checkpointShownMs: publisher.shownMs,
      waitsForRoom: publisher.waitsForRoom,
      stopped: this.#stopped,
    };
  }

  /** Answers what waits, publishes, and lets the log go. */
  async close(): Promise<void> {
    if (this.#stopped) return;
    this.#queue.drain();
    this.#stop();
    await this.publishNow();
    this.#parts.onStep('close.published');
    this.#parts.wal.close();
    this.#release();
    this.#parts.onStep('close.released');
  }

  /** Lets the log go without another write, as a crash would. */
  abandon(): void {
    this.#stop();
    this.#parts.wal.abandon();
    this.#release();
  }

  #stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#showing);
    this.#stopped = true;
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#parts.release();
  }

  /** Slows appends before it must refuse them, so that the disk comes round to the tiles. */
  #pauseMs(): number {
    const { state, limits } = this.#parts;
    const filled = state.edge.heldEntries / limits.unpublished;
    return filled < 0.5 ? 0 : filled < 0.75 ? 1 : 3;
  }

  #checkRoom(count: number): void {
    if (this.#stopped) throw stopped();
    const { state, limits } = this.#parts;
    this.#queue.checkRoom(count);
    if (state.edge.heldEntries + count > limits.unpublished) {
      throw refusal('busy', 'The log waits for its tiles to be written; try again.', {
        retryAfterSeconds: 1,
      });
    }
  }

  #takeGroup(group: readonly Waiting[]): void {
    if (this.#stopped) {
      for (const { reject } of group) reject(stopped());
      return;
    }
    try {
      const receipts = this.#log(group.map(({ entry }) => entry));
      group.forEach(({ resolve }, at) => {
        resolve(receipts[at] as Uint8Array);
      });
      this.#parts.onStep('receipts.answered');
    } catch (error) {
      const passes = isCodedError(error) && error.code === 'log_full';
      for (const { reject } of group) reject(passes ? error : stopped(error));
      if (!passes) this.#fail(error);
      return;
    }
    setImmediate(() => this.#prepareAhead());
  }

  #log(entries: readonly Uint8Array[]): Uint8Array[] {
    const { state, wal, keys, identity, nowMs, onStep } = this.#parts;
    wal.append(state.size, entries, nowMs());
    const group = sealGroup(state.size, entries);
    const receipts = issueReceipts(keys.receipt, identity.origin, entries, group);
    onStep('receipts.signed');
    state.grow(entries, group);
    return receipts;
  }

  #prepareAhead(): void {
    if (this.#stopped) return;
    try {
      this.#parts.wal.prepareAhead();
    } catch (error) {
      this.#fail(error);
    }
  }

  #integrate(): void {
    if (this.#stopped) return;
    this.#parts.publisher.tick().then(
      () => {
        const { waitsForRoom, holdsBack } = this.#parts.publisher;
        if (holdsBack && !waitsForRoom) this.#showSoon();
        const behind = this.durableSize - this.publishedSize > LARGE_BACKLOG;
        if (behind && !waitsForRoom) this.#integrate();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Looks again when the time to wait for cosignatures is over, not only with the next turn. */
  #showSoon(): void {
    clearTimeout(this.#showing);
    if (this.#stopped) return;
    this.#showing = setTimeout(() => this.#integrate(), this.#parts.publisher.holdsBackMs);
    this.#showing.unref();
  }

  /** After a failed write nobody knows what the disk holds: stop, and let recovery find out. */
  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#stop();
    this.#parts.onFatal(error);
  }
}
