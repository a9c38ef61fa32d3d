// One run of the hammer: writers in this thread, beside the log; each reader in a thread of its own
// with nothing but the published files and the log's public key.

import { openLog, type TransparencyLog } from '@countersign/transparency';
import { parseVerifierKey, verifyCheckpoint } from '@countersign/verifier';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import { createLogReader, readThrough } from '@countersign/watchers';
import { readPublishedFiles } from './read-files.ts';
import { startReader } from './start-reader.ts';
import { Writers } from './write-entries.ts';

export interface HammerPlan {
  writers: number;
  /** How long to write at most. */
  seconds: number;
  /** Entries to write in that time; then the run ends. */
  goal: number | undefined;
  fullReaders: number;
  randomReaders: number;
}

export interface HammerResult {
  ok: boolean;
  /** What was wrong; empty when nothing was. */
  faults: string[];
  entries: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Appends that were told to try again. */
  busy: number;
  /** Entries that full readers hashed, and those held against what the writers sent. */
  entriesRead: number;
  entriesCompared: number;
  proofsChecked: number;
  checkpointsChecked: number;
  /** Of this process, in MB. */
  memoryMb: number;
}

/** Told a few times a second. */
export type OnProgress = (done: { seconds: number; entries: number; plan: HammerPlan }) => void;

const ORIGIN = 'hammer.example/log';
const TICK_MS = 200;

/** Hammers the log in `folder`, which is made when the folder is empty. */
export async function hammerLog(
  folder: string,
  plan: HammerPlan,
  onProgress: OnProgress,
): Promise<HammerResult> {
  const faults: string[] = [];
  // As the notary does: see apps/notary/src/main.ts.
  process.env['UV_THREADPOOL_SIZE'] ??= '16';
  const log = await openLog({
    folder,
    origin: ORIGIN,
    passphrase: Buffer.from('the hammer keeps no secrets'),
    clock: systemClock,
    random: systemRandom,
    make: true,
    onFatal: (error) => faults.push(`The log stopped: ${String(error)}`),
  });
  const { checkpoint: logKey } = log.identity.keys;
  const kinds = [
    ...Array.from({ length: plan.fullReaders }, () => 'full' as const),
    ...Array.from({ length: plan.randomReaders }, () => 'random' as const),
  ];
  const readers = kinds.map((kind) => startReader({ kind, folder, origin: ORIGIN, logKey }));
  const writers = new Writers(log, plan);
  const seconds = await writeUntilDone(writers, plan, faults, onProgress);
  await log.publishNow();
  const read = await Promise.all(readers.map((reader) => reader.finish()));
  for (const { fault } of read) if (fault !== undefined) faults.push(fault);
  const entriesCompared = await compareAll(folder, log, writers, faults);
  await log.close();
  if (plan.goal !== undefined && writers.entries < plan.goal) {
    faults.push(`Goal missed: ${writers.entries} of ${plan.goal} entries in ${plan.seconds} s.`);
  }
  const sum = (pick: (one: (typeof read)[number]) => number): number =>
    read.reduce((total, one) => total + pick(one), 0);
  return {
    ok: faults.length === 0,
    faults,
    entries: writers.entries,
    seconds,
    perSecond: writers.entries / seconds,
    ...writers.latency(),
    busy: writers.busy,
    entriesRead: sum(({ entries }) => entries),
    entriesCompared,
    proofsChecked: sum(({ proofs }) => proofs),
    checkpointsChecked: sum(({ checkpoints }) => checkpoints),
    memoryMb: process.memoryUsage.rss() / 1e6,
  };
}

/** @returns how long it took, in seconds */
async function writeUntilDone(
  writers: Writers,
  plan: HammerPlan,
  faults: string[],
  onProgress: OnProgress,
): Promise<number> {
  const startedMs = performance.now();
  const tick = (): void => {
    const seconds = (performance.now() - startedMs) / 1000;
    onProgress({ seconds, entries: writers.entries, plan });
  };
  const timer = setInterval(tick, TICK_MS);
  try {
    await writers.run();
  } catch (error) {
    faults.push(`A writer: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearInterval(timer);
  }
  tick();
  return (performance.now() - startedMs) / 1000;
}

/** Holds every published entry against what was sent, and all of them against the signed root. */
async function compareAll(
  folder: string,
  log: TransparencyLog,
  writers: Writers,
  faults: string[],
): Promise<number> {
  const reader = createLogReader({ url: 'http://127.0.0.1/', fetch: readPublishedFiles(folder) });
  let compared = 0;
  let changed: number | undefined;
  try {
    const note = Buffer.from(await reader.checkpoint());
    const key = parseVerifierKey(log.identity.keys.checkpoint);
    const checkpoint = await verifyCheckpoint(note, ORIGIN, key);
    if (checkpoint.size !== log.durableSize)
      faults.push('The last checkpoint is not of all entries.');
    await readThrough({
      reader,
      checkpoint,
      onEntry: (entry, index) => {
        const verdict = writers.compare(entry, index);
        if (verdict === 'same') compared += 1;
        else if (verdict === 'other') changed ??= index;
      },
    });
    if (compared !== writers.entries) {
      faults.push(`${writers.entries} entries were answered, ${compared} of them were found.`);
    }
  } catch (error) {
    faults.push(`The last reading: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (changed !== undefined) faults.push(`Entry ${changed} is not the one that was sent.`);
  return compared;
}
