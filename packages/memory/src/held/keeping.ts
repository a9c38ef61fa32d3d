// Holds profiles and realms, folds acts into them, and writes them behind: all that changed and the
// sequence of the last act folded, in one transaction.

import type { RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { Act, KeptAct } from '../acts/act.ts';
import { rowOf } from '../acts/act-row.ts';
import type { ActMemory, MemoryLimits, MemoryOptions } from '../memory-options.ts';
import type { MemoryTables } from '../tables.ts';
import { FoldInOrder } from './fold-in-order.ts';
import { Held } from './held.ts';
import { loadRealm, loadSubject, type RealmParts, type SubjectParts } from './load-parts.ts';
import { readCursor, readUnfolded } from './read-unfolded.ts';
import { tidyRows } from './tidy-rows.ts';
import { writeUnkept } from './write-unkept.ts';

export type KeepingOptions<I, C, D, S> = Omit<MemoryOptions<I, C, D, S>, 'limits'> & {
  limits: MemoryLimits;
};

export type Tx = Kysely<MemoryTables>;

export const keyOf = (realm: RealmId, subject: string): string => `${realm}\0${subject}`;

export class Keeping<I, C, D, S> {
  readonly options: KeepingOptions<I, C, D, S>;
  readonly realms: Held<RealmParts<I, C, D>>;
  readonly subjects: Held<SubjectParts<S>>;
  readonly folder: FoldInOrder;
  #kept: number;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(options: KeepingOptions<I, C, D, S>, cursor: number) {
    this.options = options;
    this.realms = new Held(options.limits.mostRealms);
    this.subjects = new Held(options.limits.mostProfiles);
    this.folder = new FoldInOrder(cursor, (act) => this.#fold(act));
    this.#kept = cursor;
  }

  static async open<I, C, D, S>(options: KeepingOptions<I, C, D, S>): Promise<Keeping<I, C, D, S>> {
    const keeping = new Keeping(options, await readCursor(options.store));
    for await (const act of readUnfolded(options.store, keeping.#kept)) {
      await keeping.folder.replay(act);
    }
    await keeping.flush();
    return keeping;
  }

  /** Everything an act of the subject is judged against, read if need be. */
  async open(realm: RealmId, subject?: string): Promise<ActMemory<I, C, D, S>> {
    const parts = await this.realm(realm);
    if (subject === undefined) return { ...parts, profile: this.options.shapes.profile.make() };
    const { profile, standing } = await this.subject(realm, subject);
    return { ...parts, profile, standing };
  }

  async realm(realm: RealmId): Promise<RealmParts<I, C, D>> {
    return this.realms.get(realm) ?? this.realms.add(realm, await loadRealm(this.options, realm));
  }

  async subject(realm: RealmId, subject: string): Promise<SubjectParts<S>> {
    const key = keyOf(realm, subject);
    return (
      this.subjects.get(key) ??
      this.subjects.add(key, await loadSubject(this.options, realm, subject))
    );
  }

  /**
   * Writes acts, and what belongs to them, in one transaction. Resolves when they are durable and folded;
   * when it throws, nothing was written and nothing is folded.
   */
  async write<T>(
    acts: readonly Act[],
    alongside: (tx: Tx) => Promise<T> = async () => undefined as T,
  ): Promise<T> {
    const numbered = acts.map((act) => ({ ...act, sequence: this.folder.next() }));
    let result: T;
    try {
      result = await this.options.store.transaction(async (tx) => {
        for (const act of numbered) {
          await tx.insertInto('risk_act').values(rowOf(act, act.sequence)).execute();
        }
        return await alongside(tx);
      });
    } catch (error) {
      for (const { sequence } of numbered) void this.folder.settle(sequence, undefined);
      throw error;
    }
    await Promise.all(numbered.map((act) => this.folder.settle(act.sequence, act)));
    this.#plan();
    return result;
  }

  /** Resolves when everything folded so far is in its rows. */
  flush(): Promise<void> {
    return this.rewrite(undefined);
  }

  /**
   * As `flush`, with a change of rows in the same transaction while nothing is folded; `after` brings the
   * memory to what the rows then say.
   */
  rewrite(change: ((tx: Tx) => Promise<unknown>) | undefined, after?: () => void): Promise<void> {
    const writing = this.#writing.then(() => this.#write(change, after));
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  async tidy(): Promise<void> {
    await this.flush();
    await tidyRows(this.options, this.#kept);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  async #write(change: ((tx: Tx) => Promise<unknown>) | undefined, after?: () => void) {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const release = await this.folder.pause();
    try {
      const { folded } = this.folder;
      if (folded > this.#kept || change !== undefined) {
        const rows = writeUnkept(this, folded, this.#kept);
        await this.options.store.transaction(async (tx) => {
          await rows(tx);
          await change?.(tx);
        });
        this.#kept = folded;
        this.realms.noteKept(folded);
        this.subjects.noteKept(folded);
      }
      after?.();
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
  }

  #plan(): void {
    if (this.#closed) return;
    const { mostUnkeptActs, longestUnkeptMs } = this.options.limits;
    const full = this.folder.folded - this.#kept >= mostUnkeptActs;
    if (full) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    const failed = (error: unknown) =>
      this.options.onTrouble?.('the memory could not be written; it is tried again', error);
    const write = () => {
      this.#timer = undefined;
      this.flush().catch((error) => {
        failed(error);
        this.#plan();
      });
    };
    this.#timer = setTimeout(write, full ? 0 : longestUnkeptMs);
    this.#timer.unref();
  }
}
