// Where each key is in its life, as the signer's folder keeps it: a line for each step, chained, so
// that whoever writes there without the passphrase cannot turn `revoked` back into `active` but by
// putting back an older copy of the whole record.

import { z } from 'zod';
import { damaged } from '../chain/chain-segment.ts';
import type { ChainedLog } from '../chain/chained-log.ts';
import { KEY_STATES, type KeyLife } from './key-life.ts';

export const keyLifeSchema = z.strictObject({
  state: z.enum(KEY_STATES),
  sinceMs: z.partialRecord(z.enum(KEY_STATES), z.int()),
  reason: z.string().exactOptional(),
});
/** A line holds the whole life, so that the last one of a key says all. */
const entrySchema = z.strictObject({ kid: z.string(), life: keyLifeSchema });
/** Stands where the record began anew: lives of keys that were over then are in `ended/` alone. */
const anchorSchema = z.strictObject({
  ended: z.strictObject({ number: z.int(), tag: z.string() }),
});

export interface LifeEntry {
  kid: string;
  life: KeyLife;
}

export class LifeBook {
  readonly #lives = new Map<string, KeyLife>();
  readonly #log: ChainedLog;
  #lines = 0;
  #anchor: z.infer<typeof anchorSchema>['ended'] | undefined;

  /** @param openLog opens the record and hands each line that is there to `each` */
  constructor(openLog: (each: (value: unknown) => void) => ChainedLog) {
    this.#log = openLog((value) => {
      this.#lines += 1;
      const anchor = anchorSchema.safeParse(value).data;
      if (anchor !== undefined) {
        this.#anchor = anchor.ended;
        this.#lives.clear();
        return;
      }
      const { success, data } = entrySchema.safeParse(value);
      if (!success) throw damaged('lives', 'lives/');
      this.#lives.set(data.kid, data.life);
    });
  }

  /** Lines that this opening read. */
  get linesRead(): number {
    return this.#lines;
  }

  /** What `ended/` must hold at least. */
  get anchor(): { number: number; tag: string } | undefined {
    return this.#anchor;
  }

  /**
   * Begins the record anew, with these lives alone.
   * @param ended where all others are
   * @throws as `record`
   */
  beginAnew(entries: readonly LifeEntry[], ended: { number: number; tag: string }): void {
    this.#log.beginAnew([{ ended }, ...entries]);
    this.#anchor = ended;
    this.#lives.clear();
    for (const { kid, life } of entries) this.#lives.set(kid, life);
  }

  find(kid: string): KeyLife | undefined {
    return this.#lives.get(kid);
  }

  /** Every key that has a life here, with the last state of it. */
  all(): ReadonlyMap<string, KeyLife> {
    return this.#lives;
  }

  /**
   * Returns when these lives are durable.
   * @throws the system's error when the disk has no room, and nothing is changed; anything else
   *   means that nobody knows what is on disk, and the process must end
   */
  record(entries: readonly LifeEntry[]): void {
    this.#log.append(entries);
    for (const { kid, life } of entries) this.#lives.set(kid, life);
  }

  get broken(): unknown {
    return this.#log.broken;
  }

  close(): void {
    this.#log.close();
  }
}
