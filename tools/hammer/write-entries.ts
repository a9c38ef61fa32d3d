// The writers: a closed loop each, over one log. What was answered is remembered by its index, so
// that the last reading can tell a lost or changed entry; every receipt is taken apart, and one in
// some dozens is verified down to its signature.

import type { TransparencyLog } from '@countersign/transparency';
import { decodeReceipt } from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import { makeLeaf } from '../../bench/src/append/make-leaf.ts';
import { percentile } from '../../bench/src/measure.ts';
import { checkReceipt } from './check-receipt.ts';
import type { HammerPlan } from './hammer-log.ts';

const COMMITMENT_OFFSET = 12;
const VERIFY_ONE_IN = 64;
const BUSY_WAIT_MS = 20;
/** Latencies kept, drawn evenly from all. */
const SAMPLES = 200_000;

export class Writers {
  readonly #log: TransparencyLog;
  readonly #plan: HammerPlan;
  readonly #firstIndex: number;
  /** Four random bytes of each entry at its index, 0 where none was answered. */
  #sent = new Uint32Array(1 << 16);
  readonly #latencies: number[] = [];
  #asked = 0;
  entries = 0;
  busy = 0;

  constructor(log: TransparencyLog, plan: HammerPlan) {
    this.#log = log;
    this.#plan = plan;
    this.#firstIndex = log.durableSize;
  }

  /** @throws whatever the log refuses with, but for being busy; an Error for a wrong receipt */
  async run(): Promise<void> {
    const endMs = performance.now() + this.#plan.seconds * 1000;
    const goal = this.#plan.goal ?? Number.POSITIVE_INFINITY;
    await Promise.all(
      Array.from({ length: this.#plan.writers }, async () => {
        while (performance.now() < endMs && this.#asked < goal) {
          this.#asked += 1;
          await this.#writeOne(endMs);
        }
      }),
    );
  }

  latency(): { p50Ms: number; p99Ms: number } {
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  }

  /** Whether an entry of the log is what was sent; `unknown` for entries of earlier runs. */
  compare(entry: Uint8Array, index: number): 'same' | 'other' | 'unknown' {
    const sent = this.#sent[index - this.#firstIndex] ?? 0;
    if (sent === 0) return 'unknown';
    return sent === fingerprint(entry) ? 'same' : 'other';
  }

  async #writeOne(endMs: number): Promise<void> {
    const startedMs = performance.now();
    for (;;) {
      const entry = makeLeaf();
      try {
        this.#remember(entry, await this.#log.append(entry), performance.now() - startedMs);
        return;
      } catch (error) {
        if (!isCodedError(error) || error.code !== 'busy') throw error;
      }
      this.busy += 1;
      if (performance.now() > endMs) return;
      await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
    }
  }

  #remember(entry: Uint8Array, receipt: Uint8Array, tookMs: number): void {
    this.entries += 1;
    const { index } =
      this.entries % VERIFY_ONE_IN === 0
        ? checkReceipt(this.#log.identity, entry, receipt)
        : decodeReceipt(receipt);
    const place = index - this.#firstIndex;
    if (place < 0 || (this.#sent[place] ?? 0) !== 0) {
      throw new Error(`Index ${index} was given twice.`);
    }
    while (place >= this.#sent.length) {
      const larger = new Uint32Array(2 * this.#sent.length);
      larger.set(this.#sent);
      this.#sent = larger;
    }
    this.#sent[place] = fingerprint(entry);
    if (this.#latencies.length < SAMPLES) this.#latencies.push(tookMs);
    else if (Math.random() < SAMPLES / this.entries) {
      this.#latencies[Math.floor(Math.random() * SAMPLES)] = tookMs;
    }
  }
}

function fingerprint(entry: Uint8Array): number {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  return view.getUint32(COMMITMENT_OFFSET) || 1;
}
