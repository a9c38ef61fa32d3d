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

export interface LifeEntry {
  kid: string;
  life: KeyLife;
}

export class LifeBook {
  readonly #lives = new Map<string, KeyLife>();
  readonly #log: ChainedLog;

  /** @param openLog opens the record and hands each line that is there to `each` */
  constructor(openLog: (each: (value: unknown) => void) => ChainedLog) {
    this.#log = openLog((value) => {
      const { success, data } = entrySchema.safeParse(value);
      if (!success) throw damaged('lives', 'lives/');
      this.#lives.set(data.kid, data.life);
    });
  }

  find(kid: string): KeyLife | undefined {
    return this.#lives.get(kid);
  }

  /** Every key that ever had a life, with the last state of it. */
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
