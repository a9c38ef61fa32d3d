// Kills a real process at every named step of the commit protocol, and holds what is left on the
// disk against everything that process had told the world.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseVerifierKey, verifyCheckpoint } from '@countersign/verifier';
import { seededRandom, systemClock, systemRandom } from '@countersign/vocabulary';
import { readJournal } from '../testing/crash-journal.ts';
import { testEntries } from '../testing/entries.ts';
import { receiptIndex, TEST_ORIGIN, TEST_PASSPHRASE } from '../testing/log-folder.ts';
import { Promises } from '../testing/promises.ts';
import { tileAt } from '../tiles/read-tiles.ts';
import { formatTilePath, TILE_WIDTH } from '../tiles/tile-path.ts';
import { parseSegmentName, segmentName } from '../wal/segment-header.ts';
import { openLog } from './open-log.ts';
import { PROTOCOL_STEPS, type ProtocolStep } from './protocol-step.ts';
import { readPublished } from './read-published.ts';
import type { TransparencyLog } from './transparency-log.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-sweep-'));
after(() => rmSync(root, { recursive: true }));
const child = join(import.meta.dirname, '../testing/crash-child.ts');
const FIRST_SEED = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
const random = seededRandom(FIRST_SEED);
const pick = (below: number): number => Buffer.from(random.bytes(4)).readUInt32BE() % below;

/** Every step that a log passes at most once in a life; the others are met several times. */
const ONCE = /^(make|open|close)\./;
const PASSINGS = [1, 2, 5];
/** Steps that are passed only where a tile was lost, and readers miss it until it is mended. */
const DAMAGED: ProtocolStep[] = ['open.tile-mended', 'open.mending-settled'];

/** A log that is killed again and again, and what it has promised so far. */
class HauntedLog {
  readonly folder: string;
  readonly #journal: string;
  readonly #promises = new Promises();
  #journalLines = 0;
  #checkedSize = 0;
  #seed = FIRST_SEED;

  constructor(name: string) {
    this.folder = join(root, name);
    this.#journal = join(root, `${name}.journal`);
    mkdirSync(this.folder);
  }

  /** Runs the log until it dies at the given passing of the step. */
  async killAt(step: ProtocolStep, passing: number): Promise<void> {
    const args = [child, this.folder, this.#journal, step, String(passing), String(this.#seed)];
    this.#seed += 1;
    const running = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { NODE_COMPILE_CACHE: join(root, 'compiled'), ...process.env },
    });
    let complaint = '';
    running.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    const [code, signal] = await once(running, 'close');
    assert.equal(
      signal,
      'SIGKILL',
      `passing ${passing} of ${step} was never reached (exit ${code}) ${complaint}`,
    );
  }

  async open(): Promise<TransparencyLog> {
    return openLog({
      folder: this.folder,
      origin: TEST_ORIGIN,
      passphrase: TEST_PASSPHRASE,
      clock: systemClock,
      random: systemRandom,
      onFatal: (error) => assert.fail(String(error)),
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 1_000_000,
      segmentBytes: 64 * 1024,
    });
  }

  /** Logs and publishes without a crash. Returns the size. */
  async growBy(count: number): Promise<number> {
    const log = await this.open();
    const entries = testEntries(0xff00_0000 + log.durableSize, count, Date.now());
    for (const entry of entries) this.#promises.send(entry);
    for (const [at, receipt] of (await log.appendMany(entries)).entries()) {
      const entry = entries[at] ?? assert.fail();
      this.#promises.acknowledge(receiptIndex(log, entry, receipt), entry);
    }
    await log.publishNow();
    log.abandon();
    return log.publishedSize;
  }

  /** Opens what the crash left, and holds it against everything that was said. */
  async check(): Promise<void> {
    const log = await this.open();
    await this.#hear(log);
    await this.#readCheckpoint(log);
    const entries: Uint8Array[] = [];
    while (entries.length < log.durableSize) {
      entries.push(...(await log.readEntries(entries.length, 4096)));
    }
    this.#promises.checkEntries(entries);
    const readEntry = async (index: number): Promise<Uint8Array> => entries[index] ?? assert.fail();
    const sizes = this.#promises.sizesShown.filter((size) => size >= this.#checkedSize);
    await this.#promises.checkTiles(this.#fetch, readEntry, sizes, pick);
    this.#checkedSize = log.publishedSize;
    log.abandon();
  }

  /** A reader's view while the log is dead: the checkpoint shown is proved by the tiles there. */
  async checkAsReader(): Promise<void> {
    const keys = JSON.parse(readFileSync(join(this.folder, 'log.json'), 'utf8')).keys;
    const note = await this.#fetch('checkpoint');
    if (note === undefined) return;
    const key = parseVerifierKey(keys.checkpoint);
    const { size, root: shown } = await verifyCheckpoint(note, TEST_ORIGIN, key);
    const reader = new Promises();
    reader.show(size, shown);
    const readEntry = async (index: number): Promise<Uint8Array> =>
      (await readPublished(this.#fetch, index, index + 1, size))[0] ?? assert.fail();
    await reader.checkTiles(this.#fetch, readEntry, [size], pick);
  }

  readonly #fetch = (path: string): Promise<Buffer | undefined> =>
    readFile(join(this.folder, 'public', path)).catch(() => undefined);

  async #hear(log: TransparencyLog): Promise<void> {
    const lines = readJournal(this.#journal);
    const key = parseVerifierKey(log.identity.keys.checkpoint);
    for (const line of lines.slice(this.#journalLines)) {
      if ('shown' in line) {
        const { size, root: shown } = await verifyCheckpoint(line.shown, TEST_ORIGIN, key);
        this.#promises.show(size, shown);
      } else if ('sent' in line) {
        for (const text of line.sent) this.#promises.send(Buffer.from(text, 'base64'));
      } else {
        const entry = Buffer.from(line.entry, 'base64');
        const receipt = Buffer.from(line.receipt, 'base64');
        this.#promises.acknowledge(receiptIndex(log, entry, receipt), entry);
      }
    }
    this.#journalLines = lines.length;
  }

  async #readCheckpoint(log: TransparencyLog): Promise<void> {
    const note = (await this.#fetch('checkpoint')) ?? assert.fail('no checkpoint is shown');
    const key = parseVerifierKey(log.identity.keys.checkpoint);
    const { size, root: shown } = await verifyCheckpoint(note, TEST_ORIGIN, key);
    this.#promises.show(size, shown);
  }
}

/** Brings the folder into the state in which the step will be passed. */
async function prepare(haunted: HauntedLog, step: ProtocolStep): Promise<void> {
  const { folder } = haunted;
  if (DAMAGED.includes(step)) {
    const size = await haunted.growBy(600);
    const last = tileAt(0, Math.floor((size - 1) / TILE_WIDTH), size);
    for (const level of [0, 'entries'] as const) {
      rmSync(join(folder, 'public', formatTilePath({ ...last, level })));
    }
  }
  if (step === 'open.unused-removed') {
    // As a full disk leaves it, or a kill while the next segment is prepared.
    const last = lastSegment(folder);
    writeFileSync(join(folder, 'wal', segmentName(last + 1)), Buffer.alloc(100));
  }
}

function lastSegment(folder: string): number {
  const numbers = readdirSync(join(folder, 'wal')).map((name) => parseSegmentName(name) ?? 0);
  return Math.max(...numbers);
}

describe('a log whose process is killed', () => {
  const haunted = new HauntedLog('worn');
  before(() => haunted.killAt('published', 8));
  const making = PROTOCOL_STEPS.filter((step) => step.startsWith('make.'));

  for (const step of making) {
    it(`at ${step} is made by the next start, or is known to be half-made`, async () => {
      for (const passing of step === 'make.key-durable' ? [1, 2, 3] : [1]) {
        const fresh = new HauntedLog(`${step}-${passing}`);
        await fresh.killAt(step, passing);
        if (step === 'make.key-durable' || step === 'make.head-durable') {
          await assert.rejects(fresh.open(), { code: 'log_half_made' });
          continue;
        }
        await fresh.killAt('head.durable', 2);
        await fresh.check();
      }
    });
  }

  for (const step of PROTOCOL_STEPS.filter((name) => !making.includes(name))) {
    const passings = ONCE.test(step) ? [1, 1] : PASSINGS;
    it(`at ${step} keeps every promise it made`, async () => {
      for (const passing of passings) {
        await prepare(haunted, step);
        await haunted.killAt(step, passing);
        if (!DAMAGED.includes(step)) await haunted.checkAsReader();
        await haunted.check();
      }
    });
  }

  it('would be caught if it lost what it acknowledged (canary)', async () => {
    const robbed = new HauntedLog('robbed');
    await robbed.killAt('wal.before-write', 4);
    truncateSync(join(robbed.folder, 'wal', segmentName(lastSegment(robbed.folder))), 64);
    await assert.rejects(robbed.check(), /is gone|The WAL holds entries/);
  });
});
