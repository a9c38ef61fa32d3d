// One life of a log in memory, drawn from a seed: the disk fills up, tears writes, fails, loses
// power; the process dies at a named step; the clock jumps. After each crash everything that was
// promised is held against what is left. Thousands of lives cost a minute, so keys and signatures
// are made as rarely as the protocol allows.

import assert from 'node:assert/strict';
import { decodeReceipt, parseVerifierKey, verifyCheckpoint } from '@countersign/verifier';
import { isCodedError, ManualClock, type Random, seededRandom } from '@countersign/vocabulary';
import { logKeyPath } from '../identity/log-identity.ts';
import { type OpenLogOptions, openLog } from '../log/open-log.ts';
import { PROTOCOL_STEPS, type ProtocolStep } from '../log/protocol-step.ts';
import { readPublished } from '../log/read-published.ts';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { testEntries } from './entries.ts';
import { diskError, FaultyDisk } from './faulty-disk.ts';
import { receiptIndex, TEST_ORIGIN, TEST_PASSPHRASE } from './log-folder.ts';
import { type Lie, MemoryDisk } from './memory-disk.ts';
import { Promises } from './promises.ts';

/** Most lives crash once; a second crash meets what the first left. */
const SECOND_CRASH_ONE_IN = 3;
/** One life in so many begins with the making of its log, which costs more than the rest of it. */
const MADE_ONE_IN = 200;
const HOUR_MS = 3_600_000;
const MOST_JOBS = 3;
/** Far from those that a life counts up from 0. */
const TEMPLATE_NUMBERS = 1_000_000;

/** What ends a simulated process: everything behind it must be as if it never ran. */
class Killed extends Error {}

/** A log that lives begin with, made once. */
export interface Template {
  disk: MemoryDisk;
  entries: Uint8Array[];
}

/** Logs of a few sizes, so that the next entries fill a tile, begin one, or are the very first. */
export async function makeTemplates(): Promise<Template[]> {
  return Promise.all([0, 3, 250, 256, 507].map(makeTemplate));
}

async function makeTemplate(count: number): Promise<Template> {
  const disk = new MemoryDisk();
  const clock = new ManualClock();
  const options = openOptions(disk, clock, seededRandom(0));
  (await openLog(options)).abandon();
  await forgetMlDsa44(disk);
  const log = await openLog(options);
  const entries = testEntries(TEMPLATE_NUMBERS, count, clock.nowMs());
  for (let from = 0; from < count; from += 30) {
    await log.appendMany(entries.slice(from, from + 30));
    await log.publishNow();
  }
  log.abandon();
  return { disk, entries };
}

/** As a log made before it had that key: its signatures would take half of the time of a life. */
async function forgetMlDsa44(disk: MemoryDisk): Promise<void> {
  disk.remove(logKeyPath('checkpointMlDsa44'));
  const { keys, ...identity } = JSON.parse(String(disk.read('log.json')));
  const { checkpointMlDsa44: _, ...others } = keys;
  await disk.replace('log.json', Buffer.from(JSON.stringify({ ...identity, keys: others })));
}

function openOptions(disk: OpenLogOptions['disk'], clock: ManualClock, random: Random) {
  return {
    folder: '/nowhere',
    origin: TEST_ORIGIN,
    passphrase: TEST_PASSPHRASE,
    clock,
    random,
    onFatal: () => undefined,
    make: true,
    ...(disk === undefined ? {} : { disk }),
    takeLock: () => ({ release: () => undefined }),
    keyCost: { memoryKiB: 8, passes: 1 },
    integrateEveryMs: 1_000_000,
    segmentBytes: 4096,
  };
}

export interface Setting {
  /** What the disk acknowledges too early. Default: nothing. */
  lie?: Lie;
  /** Whether somebody outside keeps the largest checkpoint that was shown. Default: by chance. */
  witness?: boolean;
}

export class Simulation {
  readonly #random: Random;
  readonly #memory: MemoryDisk;
  readonly #disk: FaultyDisk;
  readonly #clock = new ManualClock();
  readonly #promises = new Promises();
  readonly #hasWitness: boolean;
  #checkpointKey = '';
  #noted = { note: '', size: 0 };
  /** The largest that was ever shown. */
  #witnessed = { note: '', size: 0 };
  #nextNumber = 0;
  #provenSize = 0;
  #doom: { step: ProtocolStep; passings: number } | undefined;
  #dead = false;

  constructor(seed: number, templates: readonly Template[], { lie, witness }: Setting = {}) {
    this.#random = seededRandom(seed);
    this.#hasWitness = witness ?? this.#chance(4);
    const template = templates[this.#number(templates.length)] ?? assert.fail();
    const made = this.#chance(MADE_ONE_IN);
    this.#memory = made ? new MemoryDisk(lie) : template.disk.copy(lie);
    this.#disk = new FaultyDisk(this.#memory);
    if (made) return;
    for (const entry of template.entries) this.#promises.send(entry);
    this.#promises.checkEntries(template.entries);
  }

  /** @throws AssertionError when a promise was broken; CodedError when the log does not open */
  async run(): Promise<void> {
    let log = await this.#open();
    const crashes = this.#chance(SECOND_CRASH_ONE_IN) ? 2 : 1;
    for (let crash = 0; crash < crashes; crash += 1) {
      this.#breakLater();
      const died = await this.#work(log).then(
        () => false,
        (error: unknown) => this.#isExpected(error),
      );
      if (!died && this.#chance(3)) await log.close().catch(() => undefined);
      log.abandon();
      this.#memory.losePower(this.#number(101) / 100);
      this.#disk.fault = () => undefined;
      await this.#checkAsReader();
      this.#jumpBeforeOpening();
      log = await this.#open();
      await this.#check(log, this.#promises.heldCount);
    }
    await log.publishNow();
    await this.#check(log, this.#chance(4) ? 0 : this.#promises.heldCount);
    log.abandon();
  }

  async #open(): Promise<TransparencyLog> {
    this.#doom = undefined;
    this.#dead = false;
    this.#disk.fault = () => undefined;
    const onStep = (step: ProtocolStep): void => this.#pass(step);
    // Whoever has seen a checkpoint of a log does not make another in its place.
    const make = this.#witnessed.note === '';
    const options = { ...openOptions(this.#disk, this.#clock, this.#random), onStep, make };
    const log = await openLog(options).catch((error: unknown) => {
      if (!isCodedError(error) || error.code !== 'clock_behind') throw error;
      this.#clock.advanceMs(HOUR_MS);
      return openLog(options);
    });
    this.#checkpointKey = log.identity.keys.checkpoint;
    // As the server does before the first token.
    const { note } = this.#witnessed;
    if (this.#hasWitness && note !== '') await log.cosigning.check(note);
    return log;
  }

  /** At some coming step the disk is full for a while, fails, writes little, or the process dies. */
  #breakLater(): void {
    const kind = this.#number(5);
    let steps = this.#number(30);
    if (kind === 0) {
      const step = PROTOCOL_STEPS[this.#number(PROTOCOL_STEPS.length)] ?? 'published';
      this.#doom = { step, passings: 1 + this.#number(4) };
    }
    this.#disk.fault = (step) => {
      if (this.#dead) return { error: new Killed() };
      steps -= 1;
      if (steps > 0 || kind === 0) return undefined;
      const tear = step.kind === 'write' ? this.#number(step.bytes + 1) : 0;
      if (kind === 1) return steps > -6 ? { error: diskError('ENOSPC'), tear } : undefined;
      if (kind === 2) return step.kind === 'write' ? Math.max(1, tear) : undefined;
      return { error: diskError('EIO'), tear: steps === 0 ? tear : 0 };
    };
  }

  #pass(step: ProtocolStep): void {
    if (this.#doom?.step !== step) return;
    this.#doom.passings -= 1;
    if (this.#doom.passings > 0) return;
    this.#dead = true;
    throw new Killed();
  }

  async #work(log: TransparencyLog): Promise<void> {
    for (let jobs = 1 + this.#number(MOST_JOBS); jobs > 0; jobs -= 1) {
      this.#clock.advanceMs(this.#chance(20) ? -9000 : this.#number(3000));
      if (this.#chance(40)) this.#clock.advanceMs(HOUR_MS);
      const publishing = this.#chance(2) ? log.publishNow() : undefined;
      // A failure that comes while entries are appended is looked at when they are answered.
      publishing?.catch(() => undefined);
      await this.#append(log, this.#chance(100) ? 280 : 1 + this.#number(20));
      await publishing;
      if (!this.#dead) await this.#noteCheckpoint();
    }
  }

  async #append(log: TransparencyLog, count: number): Promise<void> {
    const entries = testEntries(this.#nextNumber, count, this.#clock.nowMs());
    this.#nextNumber += count;
    for (const entry of entries) this.#promises.send(entry);
    const outcomes = await Promise.allSettled(entries.map((entry) => log.append(entry)));
    outcomes.forEach((outcome, at) => {
      if (outcome.status === 'rejected') return;
      const entry = entries[at] as Uint8Array;
      // One signature of a group in ten: checking costs more than making.
      const index =
        at === 0 && this.#chance(10)
          ? receiptIndex(log, entry, outcome.value)
          : decodeReceipt(outcome.value).index;
      this.#promises.acknowledge(index, entry);
    });
    if (log.status().stopped) throw new Killed();
  }

  /** Only what the simulation brought about may end a process; anything else is a bug. */
  #isExpected(error: unknown): true {
    if (error instanceof Killed || this.#dead) return true;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EIO' || code === 'ENOSPC' || code === 'log_full' || code === 'log_stopped') {
      return true;
    }
    throw error;
  }

  /** Size of the checkpoint that is shown; 0 when there is none. */
  async #noteCheckpoint(): Promise<number> {
    const note = this.#disk.read('public/checkpoint')?.toString();
    if (note === undefined) return 0;
    if (note !== this.#noted.note) {
      const key = parseVerifierKey(this.#checkpointKey);
      const { size, root } = await verifyCheckpoint(note, TEST_ORIGIN, key);
      this.#promises.show(size, root);
      this.#noted = { note, size };
      if (size >= this.#witnessed.size) this.#witnessed = { note, size };
    }
    return this.#noted.size;
  }

  /** What anybody finds while the log is down: the checkpoint shown is proved by the tiles there. */
  async #checkAsReader(): Promise<void> {
    const size = await this.#noteCheckpoint();
    const readEntry = async (index: number): Promise<Uint8Array> =>
      (await readPublished(this.#fetch, index, index + 1, size))[0] ?? assert.fail();
    await this.#promises.checkTiles(this.#fetch, readEntry, [size], this.#pick);
  }

  /** @param from where to read from; all of it costs most of a life */
  async #check(log: TransparencyLog, from: number): Promise<void> {
    const size = await this.#noteCheckpoint();
    assert.ok(log.durableSize >= this.#witnessed.size, 'a tree that was shown is gone');
    assert.equal(size, log.publishedSize, 'the newest checkpoint is shown');
    const entries: Uint8Array[] = [];
    while (from + entries.length < log.durableSize) {
      entries.push(...(await log.readEntries(from + entries.length, 4096)));
    }
    this.#promises.checkEntries(entries, from);
    const readEntry = async (index: number): Promise<Uint8Array> =>
      (await log.readEntries(index, 1))[0] ?? assert.fail();
    const sizes = this.#promises.sizesShown.filter((shown) => shown >= this.#provenSize);
    await this.#promises.checkTiles(this.#fetch, readEntry, sizes, this.#pick);
    this.#provenSize = size;
  }

  readonly #fetch = (path: string): Promise<Buffer | undefined> =>
    this.#disk.readLater(`public/${path}`);

  #jumpBeforeOpening(): void {
    if (this.#chance(20)) this.#clock.advanceMs(-60_000);
    if (this.#chance(20)) this.#clock.advanceMs(24 * HOUR_MS);
  }

  readonly #pick = (below: number): number => this.#number(below);

  #number(below: number): number {
    return Buffer.from(this.#random.bytes(4)).readUInt32BE() % below;
  }

  #chance(oneIn: number): boolean {
    return this.#number(oneIn) === 0;
  }
}

/** The lives of `count` seeds. @throws Error that names the seed of the first that ends badly */
export async function liveThrough(firstSeed: number, count: number): Promise<void> {
  const templates = await makeTemplates();
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    await new Simulation(seed, templates).run().catch((error: unknown) => {
      throw new Error(`COUNTERSIGN_SEED=${seed} fails`, { cause: error });
    });
  }
}
