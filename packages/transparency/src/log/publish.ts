// Integration, off the append path: tiles and bundles, then the head, then the checkpoint. Each
// arrow waits for the one before it to be durable, so that whatever a reader finds in a checkpoint
// is there, and no size ever gets two roots. Where there are witnesses, a new checkpoint is held
// back for a moment, to be shown with their cosignatures; nothing but its readers waits for that.

import { isDiskFull, type LogDisk } from '../disk/log-disk.ts';
import type { LogKeys } from '../identity/log-identity.ts';
import { countAtLevel, type TileFile, tileLevels } from '../tiles/edge-tiles.ts';
import { formatTilePath, partialFolder, TILE_WIDTH } from '../tiles/tile-path.ts';
import { CosignedNote } from './cosigned-note.ts';
import type { Head, HeadKeeper } from './head-file.ts';
import type { LogState } from './log-state.ts';
import type { OnStep } from './protocol-step.ts';
import { PUBLIC_FOLDER } from './recover-state.ts';
import { signCheckpoint } from './sign-note.ts';

export const CHECKPOINT_PATH = `${PUBLIC_FOLDER}/checkpoint`;
/** Files written at a time: many, because each step of each waits for a turn of a busy loop. */
const WRITES_AT_ONCE = 64;
/** With more than this unpublished, integration waits neither for its next turn nor for witnesses. */
export const LARGE_BACKLOG = 32_768;

export interface PublisherOptions {
  disk: LogDisk;
  state: LogState;
  head: HeadKeeper;
  keys: Pick<LogKeys, 'checkpoint' | 'checkpointMlDsa44'>;
  origin: string;
  epoch: number;
  nowMs(): number;
  /** An unchanged checkpoint is written again after this time, so that its age shows life. */
  idleRepublishMs: number;
  /** How long a new checkpoint may wait to be shown with cosignatures; 0 shows it at once. */
  cosignedWaitMs: number;
  /** After a new head, with its size. */
  onPublished(size: number): Promise<void>;
  onStep: OnStep;
}

export class Publisher {
  readonly #options: PublisherOptions;
  #shownMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;
  #waitsForRoom = false;
  readonly #note: CosignedNote;
  /** When the head was signed that has not been shown yet. */
  #heldSinceMs: number | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { checkpoint, checkpointMlDsa44 } = options.keys;
    const ownKeys = [checkpoint, checkpointMlDsa44].flatMap((key) => key?.note ?? []);
    this.#note = new CosignedNote(ownKeys, options.head.head.note);
    this.#note.adopt(options.disk.read(CHECKPOINT_PATH));
  }

  /** The last checkpoint as it was signed, perhaps not shown yet. */
  get head(): Head {
    return this.#options.head.head;
  }

  /** Size of the last checkpoint signed. */
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

  /** True while the newest checkpoint has not been shown: it waits for cosignatures, or for room. */
  get holdsBack(): boolean {
    return this.#heldSinceMs !== undefined;
  }

  /** How much longer it may be held back. */
  get holdsBackMs(): number {
    const { nowMs, cosignedWaitMs } = this.#options;
    const heldMs = Math.abs(nowMs() - (this.#heldSinceMs ?? nowMs()));
    return Math.max(1, cosignedWaitMs - heldMs);
  }

  /**
   * Publishes what is new, or the old checkpoint again when it is due. A call during another one
   * joins it. @throws whatever the disk does, but for want of room, which is tried again
   * @param patient false to show at once what waits for cosignatures
   */
  tick(patient = true): Promise<void> {
    return this.#running ?? this.#run(() => this.#publish(patient));
  }

  /** Shows the checkpoint that was signed last, and publishes nothing new. @throws as `tick` */
  showSigned(): Promise<void> {
    return this.#run(() => this.#show());
  }

  /**
   * Shows the checkpoint of this sequence with cosignatures; nothing happens when it is no longer
   * the newest. @throws CodedError `request_malformed`; whatever the disk does, as `tick`
   */
  async showCosigned(sequence: number, lines: string): Promise<void> {
    if (sequence !== this.head.sequence) return;
    this.#note.merge(lines);
    await this.#run(() => this.#show());
  }

  /** One after the other: two writers of one checkpoint could leave the older one. */
  #run(work: () => Promise<void>): Promise<void> {
    const run = (this.#running ?? Promise.resolve())
      .then(() => this.#whileThereIsRoom(work))
      .finally(() => {
        if (this.#running === run) this.#running = undefined;
      });
    this.#running = run;
    return run;
  }

  async #whileThereIsRoom(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#waitsForRoom = false;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#waitsForRoom = true;
    }
  }

  async #publish(patient: boolean): Promise<void> {
    const { state, nowMs, idleRepublishMs } = this.#options;
    if (patient && this.#waitsForWitnesses()) return;
    if (this.#heldSinceMs !== undefined) await this.#show();
    if (state.size > this.publishedSize) await this.#integrate(patient);
    else if (Math.abs(nowMs() - this.#shownMs) >= idleRepublishMs) await this.#show();
  }

  #waitsForWitnesses(): boolean {
    const { state, nowMs, cosignedWaitMs } = this.#options;
    if (this.#heldSinceMs === undefined) return false;
    // Either way: a clock set back must not hold a checkpoint until it has caught up.
    const heldMs = Math.abs(nowMs() - this.#heldSinceMs);
    return heldMs < cosignedWaitMs && state.size - this.publishedSize <= LARGE_BACKLOG;
  }

  async #integrate(patient: boolean): Promise<void> {
    const { disk, state, head, keys, origin, epoch, nowMs, onPublished, onStep } = this.#options;
    const published = this.publishedSize;
    const { size } = state;
    const root = state.root();
    onStep('tiles.begun');
    await writeTiles(disk, state.edge.filesBetween(published, size), onStep);
    onStep('tiles.written');
    await disk.settle();
    onStep('tiles.settled');
    const note = signCheckpoint(keys, origin, size, root);
    onStep('checkpoint.signed');
    head.advance({ epoch, size, root, timeMs: nowMs(), note });
    this.#note.replace(note);
    this.#heldSinceMs = nowMs();
    if (!(patient && this.#waitsForWitnesses())) await this.#show();
    state.edge.forget(size);
    await removePartials(disk, published, size, onStep);
    await onPublished(size);
    onStep('published');
  }

  async #show(): Promise<void> {
    const { disk, nowMs, onStep } = this.#options;
    await disk.replace(CHECKPOINT_PATH, Buffer.from(this.#note.format()));
    this.#shownMs = nowMs();
    this.#heldSinceMs = undefined;
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
async function removePartials(
  disk: LogDisk,
  published: number,
  size: number,
  onStep: OnStep,
): Promise<void> {
  for (const level of [...tileLevels(size), 'entries'] as const) {
    const [from, to] =
      level === 'entries'
        ? [published, size]
        : [countAtLevel(published, level), countAtLevel(size, level)];
    const index = Math.floor(from / TILE_WIDTH);
    if (from % TILE_WIDTH !== 0 && index < Math.floor(to / TILE_WIDTH)) {
      await disk.removeLater(`${PUBLIC_FOLDER}/${partialFolder({ level, index })}`);
      onStep('partials.removed');
    }
  }
}
