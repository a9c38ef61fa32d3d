// Section (c): durable appends per second and their latency at 1, 16 and 256 writers, in the notary
// itself, through the pipe that the server uses, and through mutual TLS as from another host.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Goal, Section } from '../report.ts';
import { appendRaw, measureCrypto } from './measure-floors.ts';
import { type Appender, openInProcess, openThroughPipe } from './open-appenders.ts';
import { openThroughTls } from './open-through-tls.ts';
import { type Outcome, writeInLoop } from './write-in-loop.ts';

const WRITERS = [1, 16, 256] as const;
const SECONDS = 5;
const NOTARY = 'in the notary';
const OPENERS: [string, (folder: string) => Promise<Appender>][] = [
  [NOTARY, openInProcess],
  ['through the pipe', openThroughPipe],
  ['through mutual TLS', openThroughTls],
];
const RAW = 'raw file, same bytes and flushes';

type Results = Map<string, Outcome>;

export async function appendSection(): Promise<Section> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-bench-log-'));
  const results: Results = new Map();
  try {
    for (const [at, [name, open]] of OPENERS.entries()) {
      const folder = join(root, String(at));
      mkdirSync(folder);
      const appender = await open(folder);
      try {
        await writeInLoop(appender, 16, 1);
        for (const writers of WRITERS)
          results.set(`${name}|${writers}`, await writeInLoop(appender, writers, SECONDS));
      } finally {
        await appender.close();
      }
    }
    for (const writers of WRITERS) results.set(`${RAW}|${writers}`, appendRaw(root, writers, 2));
  } finally {
    // All at the end: on ext4 creating files is slow for minutes after many were removed nearby.
    rmSync(root, { recursive: true, force: true });
  }
  return section(results);
}

async function section(results: Results): Promise<Section> {
  const at = (name: string, writers: number): Outcome =>
    results.get(`${name}|${writers}`) as Outcome;
  return {
    title: 'Appending to the log',
    method: `${SECONDS} s each, closed loop: a writer waits for its receipt before it sends the next leaf. An append is answered when its leaf is flushed to disk and its receipt signed; tiles and checkpoints are written meanwhile. The writers run on the same two cores; in the notary they share its thread. CPU is of that process for each entry at 256 writers, all threads, writers included. Last row: nothing but the durable writes, by one process.`,
    header: [
      '',
      ...WRITERS.map((writers) => `${writers} writer${writers === 1 ? '' : 's'}: /s`),
      ...WRITERS.map((writers) => `${writers}: p50 / p99 ms`),
      'CPU µs',
    ],
    rows: [...OPENERS.map(([name]) => name), RAW].map((name) => ({
      cells: [
        name,
        ...WRITERS.map((writers) => at(name, writers).perSecond),
        ...WRITERS.map((writers) => {
          const { p50Ms, p99Ms } = at(name, writers);
          return `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)}`;
        }),
        at(name, 256).cpuMicroseconds,
      ],
    })),
    goals: goalsOf(at),
    limit: await limitOf(at),
  };
}

type At = (name: string, writers: number) => Outcome;

function goalsOf(at: At): Goal[] {
  const rate = (what: string, { perSecond }: Outcome, goal: number): Goal => ({
    what,
    goal: `≥ ${goal.toLocaleString('en-US')}/s`,
    measured: `${Math.round(perSecond).toLocaleString('en-US')}/s`,
    met: perSecond >= goal,
  });
  const time = (what: string, measuredMs: number, goalMs: number): Goal => ({
    what,
    goal: `< ${goalMs} ms`,
    measured: `${measuredMs.toFixed(2)} ms`,
    met: measuredMs < goalMs,
  });
  return [
    rate('in the notary, 256 writers', at(NOTARY, 256), 100_000),
    time('in the notary, 256 writers, p99', at(NOTARY, 256).p99Ms, 10),
    rate('in the notary, 16 writers', at(NOTARY, 16), 25_000),
    time('in the notary, 16 writers, p50', at(NOTARY, 16).p50Ms, 1),
    time('in the notary, 1 writer, p50', at(NOTARY, 1).p50Ms, 0.5),
    rate('through the pipe, 256 writers', at('through the pipe', 256), 25_000),
    rate('through mutual TLS, 256 writers', at('through mutual TLS', 256), 15_000),
  ];
}

async function limitOf(at: At): Promise<string> {
  const { sha256Microseconds, ed25519Microseconds } = measureCrypto();
  const nobody = { append: async (entry: Uint8Array): Promise<Uint8Array> => entry };
  const writers = await writeInLoop(nobody, 256, 0.5);
  const one = at(NOTARY, 1);
  const many = at(NOTARY, 256);
  const share = (microseconds: number): string =>
    `${microseconds.toFixed(1)} (${((100 * microseconds) / many.cpuMicroseconds).toFixed(0)} %)`;
  const flushMs = at(RAW, 1).p50Ms;
  const signMs = ed25519Microseconds / 1000;
  return [
    `At one writer the flush of the disk, ${flushMs.toFixed(2)} of ${one.p50Ms.toFixed(2)} ms, and one Ed25519 signature, ${signMs.toFixed(2)} ms.`,
    `At 256 the processor: of ${many.cpuMicroseconds.toFixed(1)} µs for an entry in the notary, the two SHA-256 it cannot do without are ${share(2 * sha256Microseconds)}, the writers themselves ${share(writers.cpuMicroseconds)}; the rest is record, receipt, promises, and the kernel’s work for tiles. Signatures are one for 256 entries.`,
    'The p99 is the disk’s: flushes of the log wait behind those of tiles. Through pipe and TLS it is frames and promises on both sides, on the cores that also write.',
  ].join(' ');
}
