// The memory of used proof ids (RFC 9449 §11.1): open addressing on 64-bit keyed hashes, two
// generations, fixed size. It never forgets an id early; when it is full it says so (fail closed).

import { sha256 } from '#platform';
import { concatBytes, utf8 } from '../bytes/join-bytes.ts';
import type { ReplayHook, ReplayVerdict, VerifierClock } from '../ports.ts';

export interface ReplayMemoryOptions {
  clock: VerifierClock;
  /** Ids remembered per generation. Default 65,536 (2 MiB in all). */
  capacity?: number;
  /** The longest time an id can matter, in milliseconds. Default 120,000. */
  retentionMs?: number;
}

class HashTable {
  readonly #words: Uint32Array;
  readonly #mask: number;
  readonly #capacity: number;
  #count = 0;

  constructor(capacity: number) {
    // At most half full, so that a probe stays short.
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#words = new Uint32Array(slots * 2);
    this.#mask = slots - 1;
    this.#capacity = capacity;
  }

  get full(): boolean {
    return this.#count >= this.#capacity;
  }

  has(high: number, low: number): boolean {
    return this.#words[this.#find(high, low) * 2] !== 0;
  }

  add(high: number, low: number): void {
    const slot = this.#find(high, low);
    this.#words[slot * 2] = high;
    this.#words[slot * 2 + 1] = low;
    this.#count += 1;
  }

  clear(): void {
    if (this.#count > 0) this.#words.fill(0);
    this.#count = 0;
  }

  #find(high: number, low: number): number {
    let slot = low & this.#mask;
    for (;;) {
      const there = this.#words[slot * 2];
      if (there === 0 || (there === high && this.#words[slot * 2 + 1] === low)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }
}

export class ReplayMemory implements ReplayHook {
  readonly #clock: VerifierClock;
  readonly #retentionMs: number;
  // Keyed, so that nobody can choose ids that fall into one another's slots.
  readonly #salt = crypto.getRandomValues(new Uint8Array(16));
  #current: HashTable;
  #previous: HashTable;
  #startedMs: number;

  constructor(options: ReplayMemoryOptions) {
    const capacity = options.capacity ?? 65_536;
    this.#clock = options.clock;
    this.#retentionMs = options.retentionMs ?? 120_000;
    this.#current = new HashTable(capacity);
    this.#previous = new HashTable(capacity);
    this.#startedMs = options.clock.nowMs();
  }

  record(id: string, expiresAtMs: number): ReplayVerdict {
    const nowMs = this.#clock.nowMs();
    this.#turn(nowMs);
    // What outlives two generations could be forgotten while it still matters.
    if (expiresAtMs > nowMs + this.#retentionMs) return 'full';
    const hash = new DataView(sha256(concatBytes(this.#salt, utf8(id))).buffer);
    const high = hash.getUint32(0) || 1;
    const low = hash.getUint32(4);
    if (this.#current.has(high, low) || this.#previous.has(high, low)) return 'seen';
    if (this.#current.full) return 'full';
    this.#current.add(high, low);
    return 'first';
  }

  #turn(nowMs: number): void {
    const ageMs = nowMs - this.#startedMs;
    if (ageMs < this.#retentionMs) return;
    const emptied = this.#previous;
    emptied.clear();
    this.#previous = this.#current;
    this.#current = emptied;
    if (ageMs >= 2 * this.#retentionMs) this.#previous.clear();
    this.#startedMs = nowMs;
  }
}
