// A process of its own for measurements that another one would blur: memory over a minute, opening
// a large log, dying. `log-child.ts TASK FOLDER NUMBER` prints one line of JSON.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proveFromTiles, type TransparencyLog } from '@countersign/transparency';
import {
  hashLeaf,
  parseVerifierKey,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import { percentile } from '../measure.ts';
import { makeLeaf } from './make-leaf.ts';
import { openBenchLog } from './open-appenders.ts';
import { type Outcome, writeInLoop } from './write-in-loop.ts';

const WRITERS = 256;
const BATCH = 4096;

export interface Sample {
  second: number;
  entries: number;
  rssMb: number;
  unpublished: number;
}

export interface Sustained extends Outcome {
  samples: Sample[];
}

export interface Opened {
  openMs: number;
  size: number;
  rssMb: number;
  proofP50Ms: number;
  proofP99Ms: number;
}

const rssMb = (): number => process.memoryUsage.rss() / 1e6;

const appending = (log: TransparencyLog) => ({
  append: (entry: Uint8Array): Promise<Uint8Array> => log.append(entry),
});

async function sustain(folder: string, seconds: number): Promise<Sustained> {
  const log = await openBenchLog(folder);
  const samples: Sample[] = [];
  let entries = 0;
  const sample = (second: number): void => {
    const unpublished = log.durableSize - log.publishedSize;
    samples.push({ second, entries, rssMb: rssMb(), unpublished });
  };
  let second = 0;
  const timer = setInterval(() => {
    second += 1;
    sample(second);
  }, 1000);
  const outcome = await writeInLoop(appending(log), WRITERS, seconds, () => {
    entries += 1;
  });
  clearInterval(timer);
  await log.close();
  return { ...outcome, samples };
}

/** Grows the log to `count` entries as fast as its tiles are written. */
async function build(folder: string, count: number): Promise<{ seconds: number }> {
  const log = await openBenchLog(folder);
  const startedMs = performance.now();
  while (log.durableSize < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - log.durableSize) }, makeLeaf);
    try {
      await log.appendMany(batch);
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'busy') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  await log.close();
  return { seconds: (performance.now() - startedMs) / 1000 };
}

/** Appends under full load and dies without a word after `seconds`. */
async function crash(folder: string, seconds: number): Promise<never> {
  const log = await openBenchLog(folder);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), seconds * 1000);
  await writeInLoop(appending(log), WRITERS, seconds + 60);
  throw new Error('It outlived itself.');
}

/** Opens the log and proves `proofs` random entries from its files. */
async function open(folder: string, proofs: number): Promise<Opened> {
  const startedMs = performance.now();
  const log = await openBenchLog(folder);
  const openMs = performance.now() - startedMs;
  const opened = { openMs, size: log.durableSize, rssMb: rssMb() };
  const latencies = await prove(log, folder, proofs);
  await log.close();
  return {
    ...opened,
    proofP50Ms: percentile(latencies, 0.5),
    proofP99Ms: percentile(latencies, 0.99),
  };
}

async function prove(log: TransparencyLog, folder: string, proofs: number): Promise<number[]> {
  const fetch = (path: string): Promise<Buffer | undefined> =>
    readFile(join(folder, 'public', path)).catch(() => undefined);
  const { origin, keys } = log.identity;
  const note = (await fetch('checkpoint')) as Buffer;
  const { size, root } = await verifyCheckpoint(note, origin, parseVerifierKey(keys.checkpoint));
  const latencies: number[] = [];
  for (let turn = 0; turn < proofs; turn += 1) {
    const index = Math.floor(Math.random() * size);
    const [entry] = await log.readEntries(index, 1);
    const startedMs = performance.now();
    const path = await proveFromTiles(fetch, index, size);
    latencies.push(performance.now() - startedMs);
    if (!verifyInclusion(hashLeaf(entry as Uint8Array), index, size, path, root))
      throw new Error(`Entry ${index} of ${size} is not proved.`);
  }
  return latencies.sort((one, other) => one - other);
}

const TASKS: Record<string, (folder: string, number: number) => Promise<unknown>> = {
  sustain,
  build,
  crash,
  open,
};

const [task = '', folder = '', number = ''] = process.argv.slice(2);
const run = TASKS[task];
if (run === undefined) throw new Error(`There is no task ${task}.`);
console.log(JSON.stringify(await run(folder, Number(number))));
process.exit(0);
