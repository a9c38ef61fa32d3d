// Integration, off the append path: tiles and bundles, then the head, then the checkpoint. Each
// arrow waits for the one before it to be durable, so that whatever a reader finds in a checkpoint
// is there, and no size ever gets two roots.

import { isDiskFull, type LogDisk } from '../disk/log-disk.ts';
import type { LogKey } from '../identity/log-key-file.ts';
import { countAtLevel, type TileFile, tileLevels } from '../tiles/edge-tiles.ts';
import { formatTilePath, partialFolder, TILE_WIDTH } from '../tiles/tile-path.ts';
import type { HeadKeeper } from './head-file.ts';
import type { LogState } from './log-state.ts';
import type { OnStep } from './protocol-step.ts';
import { PUBLIC_FOLDER } from './recover-state.ts';
import { signCheckpoint } from './sign-note.ts';

export const CHECKPOINT_PATH = `${PUBLIC_FOLDER}/checkpoint`;
/** Files written at a time: many, because each step of each waits for a turn of a busy loop. */
const WRITES_AT_ONCE = 64;

export interface PublisherOptions {
  disk: LogDisk;
  state: LogState;
  head: HeadKeeper;
  key: LogKey;
  origin: string;
  epoch: number;
  nowMs(): number;
  /** An unchanged checkpoint is written again after this time, so that its age shows life. */
  idleRepublishMs: number;
  /** After a new head, with its size. */
  onPublished(size: number): void;
  onStep: OnStep;
}

export class Publisher {
  readonly #options: PublisherOptions;
  #shownMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #waitsForRoom = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Size of the last checkpoint. */
  get publishedSize(): number {
    return this.#options.head.head.size;
  }

  /** True while the last attempt failed for want of room; each `tick` tries again. */
  get waitsForRoom(): boolean {
    return this.#waitsForRoom;
  }

  /** When the checkpoint was last written, in milliseconds since the epoch. */
  get shownMs(): number {
    return this.#shownMs;
  }

  /**
   * Publishes what is new, or the old checkpoint again when it is due. A call during another one
   * joins it. @throws whatever the disk does, but for want of room, which is tried again
   */
  tick(): Promise<void> {
    this.#running ??= this.#publish().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #publish(): Promise<void> {
    const { state, nowMs, idleRepublishMs } = this.#options;
    try {
      if (state.size > this.publishedSize) await this.#integrate();
      else if (nowMs() - this.#shownMs >= idleRepublishMs) await this.#show();
      this.#waitsForRoom = false;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#waitsForRoom = true;
    }
  }

  async #integrate(): Promise<void> {
    const { disk, state, head, key, origin, epoch, nowMs, onPublished, onStep } = this.#options;
    const published = this.publishedSize;
    const { size } = state;
    const root = state.root();
    onStep('tiles.begun');
    await writeTiles(disk, state.edge.filesBetween(published, size), onStep);
    onStep('tiles.written');
    await disk.settle();
    onStep('tiles.settled');
    const note = signCheckpoint(key, origin, size, root);
    onStep('checkpoint.signed');
    head.advance({ epoch, size, root, timeMs: nowMs(), note });
    await this.#show();
    state.edge.forget(size);
    removePartials(disk, published, size, onStep);
    onPublished(size);
    onStep('published');
  }

  async #show(): Promise<void> {
    const { disk, head, nowMs, onStep } = this.#options;
    await disk.replace(CHECKPOINT_PATH, Buffer.from(head.head.note));
    this.#shownMs = nowMs();
    onStep('checkpoint.shown');
  }
}

async function writeTiles(disk: LogDisk, files: TileFile[], onStep: OnStep): Promise<void> {
  const waiting = files.values();
  const write = async (): Promise<void> => {
    for (const tile of waiting) {
      await disk.replace(`${PUBLIC_FOLDER}/${formatTilePath(tile)}`, tile.bytes);
      onStep('tile.written');
    }
  };
  // All writers are waited for, so that none is still at work when the next attempt begins.
  const outcomes = await Promise.allSettled(Array.from({ length: WRITES_AT_ONCE }, write));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Partial forms of tiles that are now full are no longer needed (C2SP tlog-tiles: MAY). */
function removePartials(disk: LogDisk, published: number, size: number, onStep: OnStep): void {
  for (const level of [...tileLevels(size), 'entries'] as const) {
    const [from, to] =
      level === 'entries'
        ? [published, size]
        : [countAtLevel(published, level), countAtLevel(size, level)];
    const index = Math.floor(from / TILE_WIDTH);
    if (from % TILE_WIDTH !== 0 && index < Math.floor(to / TILE_WIDTH)) {
      disk.remove(`${PUBLIC_FOLDER}/${partialFolder({ level, index })}`);
      onStep('partials.removed');
    }
  }
}
