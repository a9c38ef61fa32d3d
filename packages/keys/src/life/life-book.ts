// Where each key is in its life, as the signer's folder keeps it.

import type { KeyLife } from './key-life.ts';

export class LifeBook {
  readonly #lives = new Map<string, KeyLife>();

  find(kid: string): KeyLife | undefined {
    return this.#lives.get(kid);
  }

  /** Returns when the life is durable. */
  record(kid: string, life: KeyLife): void {
    this.#lives.set(kid, life);
  }
}
