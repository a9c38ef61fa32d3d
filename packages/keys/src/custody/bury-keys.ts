// What becomes of a key once its end is durable: its public record goes into `ended/`, then its private
// half is destroyed, then its file. Each step is durable before the next, and each can be done again, so
// a process that dies anywhere leaves either a key that is still to be buried or one whose file, which
// nobody opens any more, is still to be removed.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import { isNoRoom } from '../disk/write-fully.ts';
import { custodyRefusal } from '../keys-error.ts';
import { isEnded, type KeyLife } from '../life/key-life.ts';
import type { LifeBook } from '../life/life-book.ts';
import type { HeldKey } from '../signing/held-key.ts';
import type { Custodies } from './custodies.ts';
import type { EndedKeys } from './ended-keys.ts';
import type { EndedRecord } from './ended-record.ts';
import type { OpenKeyFolder } from './key-folder.ts';

/** Time for signatures in the making, which a token does not like to lose their key. */
const GRACE_MS = 5000;
/** Keys of one turn: some milliseconds of writing each, during which nothing is signed. */
const KEYS_PER_TURN = 16;
/** After a custody did not answer, or a file could not be removed. */
const RETRY_MS = 60_000;
/** Lines of ended keys in the record of lives that a start puts up with. */
const SPARE_LINES = 4096;

export interface BurialParts {
  /** By kid; what is buried leaves it. */
  held: Map<string, HeldKey>;
  ended: EndedKeys;
  lives: LifeBook;
  custodies: Custodies;
  folder: OpenKeyFolder;
  /** False while the last step of a key's life is not on disk. */
  isDurable(kid: string): boolean;
  /** Told once of each key whose private half could not be destroyed yet. */
  onUndestroyed?: ((why: CodedError) => void) | undefined;
  /** Default 4,096; small in tests. */
  spareLines?: number | undefined;
}

export class BuryKeys {
  readonly #parts: BurialParts;
  /** When a key that is over was first seen to be, by the steady clock. */
  readonly #seenMs = new Map<string, number>();
  /** Keys on record as over that have a file yet, and when to look at them next. */
  readonly #leftovers: Map<string, number>;
  readonly #told = new Set<string>();
  #turn: Promise<void> | undefined;

  constructor(parts: BurialParts) {
    this.#parts = parts;
    this.#leftovers = new Map(parts.folder.leftovers.map((kid) => [kid, 0]));
  }

  /**
   * One turn: a bounded number of keys. What cannot be done now is done by a later turn, or start.
   * @param graceMs time after which a key that is over is buried; default 5,000
   * @throws what broke the record of ended keys, or the disk: the process must end
   */
  bury(graceMs = GRACE_MS): Promise<void> {
    this.#turn ??= this.#bury(graceMs).finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  /**
   * For a start: takes out of the record of lives what `ended/` knows, once it is most of it. Without
   * room it stays as it is.
   */
  shortenLives(): void {
    const { lives, ended, held } = this.#parts;
    // A key that is planned and has no file never came about.
    const entries = [...lives.all()]
      .filter(([kid, life]) => held.has(kid) || this.#isNews(kid, life))
      .map(([kid, life]) => ({ kid, life }));
    if (lives.linesRead <= 4 * entries.length + (this.#parts.spareLines ?? SPARE_LINES)) return;
    try {
      lives.beginAnew(entries, ended.anchor);
    } catch (error) {
      if (!isNoRoom(error)) throw error;
    }
  }

  async #bury(graceMs: number): Promise<void> {
    try {
      this.#recordEnds(graceMs);
    } catch (error) {
      if (!isNoRoom(error)) throw error;
      return;
    }
    const nowMs = performance.now();
    const due = [...this.#leftovers].filter(([, nextMs]) => nextMs <= nowMs);
    for (const [kid] of due.slice(0, KEYS_PER_TURN)) {
      try {
        await this.#destroy(kid);
        this.#leftovers.delete(kid);
        this.#told.delete(kid);
      } catch (error) {
        // Its file says where it is, and stays until it is done.
        this.#leftovers.set(kid, nowMs + RETRY_MS);
        this.#tell(kid, error);
      }
    }
  }

  #tell(kid: string, cause: unknown): void {
    if (this.#told.has(kid)) return;
    this.#told.add(kid);
    const code = isCodedError(cause) ? cause.code : 'internal_error';
    const message = `The private half of ${kid}, which is over, is not destroyed yet (${code}); it is tried again each minute.`;
    this.#parts.onUndestroyed?.(custodyRefusal('key_not_destroyed', message, { cause }));
  }

  /** In one go, so that nobody finds a key in neither place or both. */
  #recordEnds(graceMs: number): void {
    const { held, ended, lives, folder } = this.#parts;
    const buried = this.#findDue(graceMs);
    const changed = [...lives.all()].filter(([kid, life]) => this.#isNews(kid, life));
    const records = [
      ...buried.map((key) => this.#recordOf(key)),
      ...changed
        .slice(0, KEYS_PER_TURN)
        .map(([kid, life]): EndedRecord => ({ ...ended.read(kid), life })),
    ];
    if (records.length === 0) return;
    const made = ended.add(records);
    buried.forEach(({ record, order, counted, failed }, at) => {
      const { kid } = record;
      const past = { failed, ...(counted === undefined ? {} : { counted }) };
      Object.assign(made[at] as object, { order, past });
      held.delete(kid);
      this.#seenMs.delete(kid);
      this.#leftovers.set(kid, 0);
    });
    const kept = new Set(ended.fingerprints().map(({ kid }) => kid));
    folder.fingerprints.keep((kid) => held.has(kid) || kept.has(kid));
  }

  #findDue(graceMs: number): HeldKey[] {
    const nowMs = performance.now();
    const due: HeldKey[] = [];
    for (const key of this.#parts.held.values()) {
      const { kid } = key.record;
      if (!isEnded(key.life) || !this.#parts.isDurable(kid)) continue;
      const sinceMs = this.#seenMs.get(kid) ?? nowMs;
      this.#seenMs.set(kid, sinceMs);
      if (nowMs - sinceMs >= graceMs) due.push(key);
      if (due.length >= KEYS_PER_TURN) break;
    }
    return due;
  }

  #recordOf({ record, place, life }: HeldKey): EndedRecord {
    const fingerprints = this.#parts.folder.fingerprints.of(record.kid);
    return { ...record, place, life, fingerprints };
  }

  /** A key that had retired was revoked after its public record was written. */
  #isNews(kid: string, life: KeyLife): boolean {
    return life.state === 'revoked' && this.#parts.ended.find(kid)?.state === 'retired';
  }

  async #destroy(kid: string): Promise<void> {
    const { custodies, ended, folder } = this.#parts;
    const { place } = ended.read(kid);
    // Elsewhere first: the file is what remembers that this is still to be done.
    if (place.kind !== 'software') await custodies.of(place.kind).destroy?.({ kid, place });
    folder.erase(kid);
  }
}
