// Holds profiles and realms, folds acts into them, and writes them behind: all that changed and the
// sequence of the last act folded, in one transaction.

import type { RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { Act, KeptAct } from '../acts/act.ts';
import { insertAct } from '../acts/insert-act.ts';
import { memoryError } from '../memory-error.ts';
import type { ActMemory, MemoryLimits, MemoryOptions } from '../memory-options.ts';
import type { MemoryTables } from '../tables.ts';
import { FoldInOrder } from './fold-in-order.ts';
import { Held } from './held.ts';
import { loadRealm, loadSubject, type RealmParts, type SubjectParts } from './load-parts.ts';
import { readCursor, readUnfolded } from './read-unfolded.ts';
import { renewStandings } from './renew-standings.ts';
import { tidyRows } from './tidy-rows.ts';
import { UnderWay } from './under-way.ts';
import { writeUnkept } from './write-unkept.ts';

export type KeepingOptions<I, C, D, S> = Omit<MemoryOptions<I, C, D, S>, 'limits'> & {
  limits: MemoryLimits;
};

export type Tx = Kysely<MemoryTables>;

export interface Rewriting {
  /** Changes what is held, before it is written. */
  before?: () => Promise<void>;
  change: (tx: Tx) => Promise<unknown>;
  /** Brings the memory to what the rows then say. */
  after: () => void;
}

export const keyOf = (realm: RealmId, subject: string): string => `${realm}\0${subject}`;

export class Keeping<I, C, D, S> {
  readonly options: KeepingOptions<I, C, D, S>;
  readonly realms: Held<RealmParts<I, C, D>>;
  readonly subjects: Held<SubjectParts<S>>;
  readonly folder: FoldInOrder;
  readonly #underWay = new UnderWay();
  #kept: number;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The last writing failed. */
  #failed = false;
  readonly #loading = new Map<string, Promise<unknown>>();
  /** How often memory was brought to what rows say. */
  #rewritten = 0;

  private constructor(options: KeepingOptions<I, C, D, S>, cursor: number) {
    this.options = options;
    this.realms = new Held(options.limits.mostRealms);
    this.subjects = new Held(options.limits.mostProfiles);
    this.folder = new FoldInOrder(
      cursor,
      (act) => this.#fold(act),
      (error) => options.onTrouble?.('an act waits: what it is folded into cannot be read', error),
    );
    this.#kept = cursor;
  }

  static async open<I, C, D, S>(options: KeepingOptions<I, C, D, S>): Promise<Keeping<I, C, D, S>> {
    const keeping = new Keeping(options, await readCursor(options.store));
    const unread = (error: unknown) =>
      options.onTrouble?.('an act could not be read and is left out', error);
    for await (const [sequence, act] of readUnfolded(options.store, keeping.#kept, unread)) {
      await keeping.folder.replay(sequence, act);
      // What changed is held until it is written: a long tail must not be held as a whole.
      if (sequence - keeping.#kept >= options.limits.mostUnkeptActs) await keeping.flush();
    }
    await keeping.flush();
    return keeping;
  }

  /** Acts of the subject that `open` does not show yet: they are being written, in this order. */
  underWay(realm: RealmId, subject: string): readonly KeptAct[] {
    return this.#underWay.of(realm, subject);
  }

  /** As it is now, where it is held: what `open` gave may since have been read anew. */
  standingNow(realm: RealmId, subject: string): S | undefined {
    return this.subjects.get(keyOf(realm, subject))?.standing;
  }

  /** Everything an act of the subject is judged against, read if need be. */
  async open(realm: RealmId, subject?: string): Promise<ActMemory<I, C, D, S>> {
    const parts = await this.realm(realm);
    if (subject === undefined) return { ...parts, profile: this.options.shapes.profile.make() };
    const { profile, standing } = await this.subject(realm, subject);
    return { ...parts, profile, standing };
  }

  async realm(realm: RealmId): Promise<RealmParts<I, C, D>> {
    return (
      this.realms.get(realm) ??
      this.#load(
        realm,
        () => loadRealm(this.options, realm),
        (read) => this.realms.add(realm, read),
      )
    );
  }

  async subject(realm: RealmId, subject: string): Promise<SubjectParts<S>> {
    const key = keyOf(realm, subject);
    return (
      this.subjects.get(key) ??
      this.#load(
        key,
        () => loadSubject(this.options, realm, subject),
        (read) => this.subjects.add(key, read),
      )
    );
  }

  /** Everybody who asks while it is read waits for the one reading: a realm takes milliseconds to make. */
  #load<T>(key: string, load: () => Promise<T>, add: (read: T) => T): Promise<T> {
    const begun = this.#loading.get(key) as Promise<T> | undefined;
    if (begun !== undefined) return begun;
    const loading = this.#loadUnchanged(load, add).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  /** What was read while rows were changed under it (somebody was erased) is read again. */
  async #loadUnchanged<T>(load: () => Promise<T>, add: (read: T) => T): Promise<T> {
    for (;;) {
      const before = this.#rewritten;
      const read = await load();
      if (this.#rewritten === before) return add(read);
    }
  }

  /**
   * Writes acts, and what belongs to them, in one transaction. Resolves when they are durable and folded
   * (while what they are folded into cannot be read: durable, and they are folded when it can); when it
   * throws, nothing was written and nothing is folded.
   * @throws CodedError `memory_behind`: too many wait to be folded. Temporary.
   */
  async write(acts: readonly Act[], alongside?: (tx: Tx) => Promise<unknown>): Promise<void> {
    const { store, limits } = this.options;
    if (this.folder.unfolded >= limits.mostUnfoldedActs) {
      throw memoryError('memory_behind', 'The risk memory cannot be read; try again later.', {
        retryAfterSeconds: 30,
      });
    }
    const numbered = acts.map((act) => ({ ...act, sequence: this.folder.next() }));
    for (const act of numbered) this.#underWay.add(act);
    try {
      const inserts = numbered.map((act) => insertAct(store.read, act));
      if (alongside === undefined) await store.write(inserts);
      else {
        await store.transaction(async (tx) => {
          for (const insert of inserts) await tx.executeQuery(insert);
          await alongside(tx);
        });
      }
    } catch (error) {
      for (const act of numbered) {
        this.#underWay.remove(act);
        void this.folder.settle(act.sequence, undefined);
      }
      throw error;
    }
    await Promise.all(numbered.map((act) => this.folder.settle(act.sequence, act)));
    this.#plan();
  }

  /**
   * Resolves when every act whose writing has begun is folded, or was not written.
   * @throws what could not be read; ask again later
   */
  caughtUp(): Promise<void> {
    return this.folder.caughtUp();
  }

  /** Resolves when everything folded so far is in its rows. */
  flush(): Promise<void> {
    return this.rewrite(undefined);
  }

  /** As `flush`, with a change of rows in the same transaction while nothing is folded. */
  rewrite(rewriting: Rewriting | undefined): Promise<void> {
    const writing = this.#writing.then(() => this.#write(rewriting));
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  async tidy(): Promise<void> {
    await this.flush();
    await tidyRows(this.options, this.#kept);
    await renewStandings(this.options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  async #write({ before, change, after }: Partial<Rewriting> = {}): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const release = await this.folder.pause();
    try {
      await before?.();
      const { folded } = this.folder;
      if (folded > this.#kept || change !== undefined) {
        const rows = writeUnkept(this, folded, this.#kept);
        await this.options.store.transaction(async (tx) => {
          await rows(tx);
          await change?.(tx);
        });
        this.#failed = false;
        this.#kept = folded;
        this.realms.noteKept(folded);
        this.subjects.noteKept(folded);
      }
      after?.();
      if (after !== undefined) this.#rewritten += 1;
    } finally {
      release();
    }
  }

  async #fold(act: KeptAct): Promise<void> {
    const { realm, subject, sequence } = act;
    const readRealm = await this.realm(realm);
    const readSubject = subject === undefined ? undefined : await this.subject(realm, subject);
    // From here on nothing else runs until it is folded: what was read is still what is held, or is again.
    const parts = this.realms.change(realm, readRealm, sequence);
    const own =
      readSubject && this.subjects.change(keyOf(realm, subject ?? ''), readSubject, sequence);
    const profile = own?.profile ?? this.options.shapes.profile.make();
    const memory = { ...parts, profile, ...(own === undefined ? {} : { standing: own.standing }) };
    try {
      this.options.fold(act, memory);
    } catch (error) {
      // It fails in the same way when it is folded again, so that what is kept stays the same.
      this.options.onTrouble?.('an act could not be folded', error, realm);
    }
    // Folding may put another profile in the place of the one it was given.
    if (own !== undefined) own.profile = memory.profile;
    this.#underWay.remove(act);
  }

  #plan(): void {
    if (this.#closed) return;
    const { mostUnkeptActs, longestUnkeptMs } = this.options.limits;
    // A disk that is full is not asked again at every act.
    const full = !this.#failed && this.folder.folded - this.#kept >= mostUnkeptActs;
    if (full) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    const failed = (error: unknown) =>
      this.options.onTrouble?.('the memory could not be written; it is tried again', error);
    const write = () => {
      this.#timer = undefined;
      this.flush().catch((error) => {
        failed(error);
        this.#failed = true;
        this.#plan();
      });
    };
    this.#timer = setTimeout(write, full ? 0 : longestUnkeptMs);
    this.#timer.unref();
  }
}
