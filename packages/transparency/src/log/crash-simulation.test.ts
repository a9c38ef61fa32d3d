import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  decodeHex,
  EMPTY_ROOT,
  encodeHex,
  equalBytes,
  hashLeaf,
  parseVerifierKey,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import { ManualClock, type Random, seededRandom, systemRandom } from '@countersign/vocabulary';
import { testEntries } from '../testing/entries.ts';
import { diskError, FaultyDisk } from '../testing/faulty-disk.ts';
import { receiptIndex, TEST_ORIGIN, TEST_PASSPHRASE } from '../testing/log-folder.ts';
import { MemoryDisk } from '../testing/memory-disk.ts';
import { proveFromTiles } from '../tiles/read-tiles.ts';
import { GrowingTree } from '../tree/growing-tree.ts';
import { openLog } from './open-log.ts';
import type { TransparencyLog } from './transparency-log.ts';

const SEEDS = 25;
const ROUNDS = 10;
const lockFolder = mkdtempSync(join(tmpdir(), 'countersign-simulation-'));
after(() => rmSync(lockFolder, { recursive: true }));

/** One life of a log on a disk that fills up, tears writes and loses power where the seed says. */
class Simulation {
  readonly #random: Random;
  readonly #memory = new MemoryDisk();
  readonly #disk = new FaultyDisk(this.#memory);
  readonly #clock = new ManualClock();
  /** Entries whose receipts were handed out, by index. */
  readonly #acknowledged = new Map<number, Uint8Array>();
  /** Root that was ever shown for a size. */
  readonly #shown = new Map<number, string>();
  #nextNumber = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  async run(): Promise<void> {
    let log = await this.#open();
    for (let round = 0; round < ROUNDS; round += 1) {
      this.#breakLater();
      const broken = await this.#work(log).then(
        () => this.#chance(4),
        () => true,
      );
      if (!broken) continue;
      if (this.#chance(2)) await log.close().catch(() => undefined);
      log.abandon();
      this.#memory.losePower(this.#number(101) / 100);
      log = await this.#open();
      await this.#check(log);
    }
    this.#disk.fault = () => undefined;
    await log.publishNow().catch(() => undefined);
    log.abandon();
    this.#memory.losePower(1);
    log = await this.#open();
    await this.#check(log);
    log.abandon();
  }

  #open(): Promise<TransparencyLog> {
    this.#disk.fault = () => undefined;
    return openLog({
      folder: lockFolder,
      origin: TEST_ORIGIN,
      passphrase: TEST_PASSPHRASE,
      clock: this.#clock,
      random: systemRandom,
      onFatal: () => undefined,
      make: true,
      disk: this.#disk,
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 1_000_000,
      segmentBytes: 8192,
    });
  }

  /** At some coming step the disk is full for a while, fails, or is dead from then on. */
  #breakLater(): void {
    let steps = this.#number(40);
    const kind = this.#number(4);
    this.#disk.fault = (step) => {
      steps -= 1;
      if (steps > 0 || kind === 0) return undefined;
      const tear = step.kind === 'write' ? this.#number(step.bytes + 1) : 0;
      if (kind === 1) return steps > -6 ? { error: diskError('ENOSPC'), tear } : undefined;
      return { error: diskError('EIO'), tear: steps === 0 ? tear : 0 };
    };
  }

  async #work(log: TransparencyLog): Promise<void> {
    for (let job = 0; job < 4; job += 1) {
      this.#clock.advanceMs(this.#number(3000));
      if (this.#chance(3)) await log.publishNow();
      const count = this.#chance(12) ? 300 : 1 + this.#number(20);
      await this.#append(log, count);
      await this.#noteCheckpoint(log);
    }
  }

  async #append(log: TransparencyLog, count: number): Promise<void> {
    const entries = testEntries(this.#nextNumber, count, this.#clock.nowMs());
    this.#nextNumber += count;
    const outcomes = await Promise.allSettled(entries.map((entry) => log.append(entry)));
    outcomes.forEach((outcome, at) => {
      if (outcome.status === 'rejected') return;
      const entry = entries[at] as Uint8Array;
      const index =
        at % 100 === 0 ? receiptIndex(log, entry, outcome.value) : indexOf(outcome.value);
      assert.ok(!this.#acknowledged.has(index), `index ${index} was used twice`);
      this.#acknowledged.set(index, entry);
    });
    if (log.status().stopped) throw new Error('stopped');
  }

  async #noteCheckpoint(log: TransparencyLog): Promise<void> {
    const note = this.#disk.read('public/checkpoint');
    if (note === undefined) return;
    const key = parseVerifierKey(log.identity.keys.checkpoint);
    const { size, root } = await verifyCheckpoint(note, TEST_ORIGIN, key);
    const before = this.#shown.get(size);
    assert.ok(before === undefined || before === encodeHex(root), `two roots for size ${size}`);
    this.#shown.set(size, encodeHex(root));
  }

  async #check(log: TransparencyLog): Promise<void> {
    await this.#noteCheckpoint(log);
    const entries: Uint8Array[] = [];
    while (entries.length < log.durableSize) {
      entries.push(...(await log.readEntries(entries.length, 4096)));
    }
    for (const [index, entry] of this.#acknowledged) {
      const found = entries[index];
      assert.ok(found, `the acknowledged entry ${index} is gone`);
      assert.ok(equalBytes(found, entry), `entry ${index} is another`);
    }
    const tree = new GrowingTree(() => undefined);
    const roots = new Map([[0, encodeHex(EMPTY_ROOT)]]);
    for (const entry of entries) {
      tree.push(0, hashLeaf(entry));
      if (this.#shown.has(tree.size)) roots.set(tree.size, encodeHex(tree.root()));
    }
    for (const [size, root] of this.#shown) assert.equal(roots.get(size), root, `size ${size}`);
    await this.#proveOne(log, entries);
  }

  async #proveOne({ publishedSize }: TransparencyLog, entries: Uint8Array[]): Promise<void> {
    if (publishedSize === 0) return;
    const index = this.#number(publishedSize);
    const fetch = (path: string) => this.#disk.readLater(`public/${path}`);
    const proof = await proveFromTiles(fetch, index, publishedSize);
    const leafHash = hashLeaf(entries[index] as Uint8Array);
    const root = decodeHex(this.#shown.get(publishedSize) ?? '');
    assert.ok(root && verifyInclusion(leafHash, index, publishedSize, proof, root));
  }

  #number(below: number): number {
    return Buffer.from(this.#random.bytes(4)).readUInt32BE() % below;
  }

  #chance(oneIn: number): boolean {
    return this.#number(oneIn) === 0;
  }
}

function indexOf(receipt: Uint8Array): number {
  return Buffer.from(receipt).readUIntBE(5, 6);
}

describe('a log whose disk fills up, fails and loses power at any step', () => {
  it(`keeps every acknowledged entry at its index, one root a size (${SEEDS} seeds)`, async () => {
    const first = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
    const count =
      process.env['COUNTERSIGN_SEED'] === undefined
        ? SEEDS
        : Number(process.env['COUNTERSIGN_SEEDS'] ?? 1);
    for (let seed = first; seed < first + count; seed += 1) {
      await new Simulation(seed).run().catch((error: unknown) => {
        throw new Error(`COUNTERSIGN_SEED=${seed} fails`, { cause: error });
      });
    }
  });
});
