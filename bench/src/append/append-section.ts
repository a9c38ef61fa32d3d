// Section (c): durable appends per second and their latency at 1, 16 and 256 writers, in the
// notary itself, through the pipe that the server uses, and to a remote notary over mutual TLS.
// Closed loop: a writer waits for its receipt before it sends the next leaf.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from '../measure.ts';
import type { Section } from '../report.ts';
import { makeLeaf } from './make-leaf.ts';
import { type Appender, openInProcess, openThroughPipe } from './open-appenders.ts';
import { openThroughTls } from './open-through-tls.ts';

const WRITERS = [1, 16, 256] as const;
const SECONDS = 3;

interface Outcome {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export async function appendSection(): Promise<Section> {
  const results = new Map<string, Outcome>();
  const openers: [string, (folder: string) => Promise<Appender>][] = [
    ['in the notary', openInProcess],
    ['through the pipe', openThroughPipe],
    ['through mutual TLS', openThroughTls],
  ];
  for (const [name, open] of openers) {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-log-'));
    const appender = await open(folder);
    try {
      await write(appender, 16, 1);
      for (const writers of WRITERS)
        results.set(`${name}|${writers}`, await write(appender, writers, SECONDS));
    } finally {
      await appender.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return section(
    openers.map(([name]) => name),
    results,
  );
}

async function write(appender: Appender, writers: number, seconds: number): Promise<Outcome> {
  const latencies: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const writer = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
      await appender.append(makeLeaf());
      latencies.push(performance.now() - nowMs);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / tookSeconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

function section(names: string[], results: Map<string, Outcome>): Section {
  const at = (name: string, writers: number): Outcome =>
    results.get(`${name}|${writers}`) ?? {
      perSecond: Number.NaN,
      p50Ms: Number.NaN,
      p99Ms: Number.NaN,
    };
  const piped = at('through the pipe', 256).perSecond;
  const alone = at('in the notary', 1).p50Ms;
  return {
    title: 'Appending to the log',
    method: `${SECONDS} s each, closed loop. An append is answered when its leaf is flushed to disk and its receipt signed; tiles and checkpoints are written meanwhile. The writers run on the same two cores.`,
    header: [
      '',
      ...WRITERS.map((writers) => `${writers} writer${writers === 1 ? '' : 's'}: /s`),
      ...WRITERS.map((writers) => `${writers}: p50 / p99 ms`),
    ],
    rows: names.map((name) => ({
      cells: [
        name,
        ...WRITERS.map((writers) => at(name, writers).perSecond),
        ...WRITERS.map(
          (writers) =>
            `${at(name, writers).p50Ms.toFixed(2)} / ${at(name, writers).p99Ms.toFixed(2)}`,
        ),
      ],
    })),
    goals: [
      {
        what: '256 writers through the pipe',
        goal: '≥ 20,000/s',
        measured: `${Math.round(piped).toLocaleString('en-US')}/s`,
        met: piped >= 20_000,
      },
      {
        what: 'one writer in the notary, p50',
        goal: '< 1 ms',
        measured: `${alone.toFixed(2)} ms`,
        met: alone < 1,
      },
    ],
    limit:
      'At one writer the flush of the disk and one Ed25519 signature; at 256 the processor: hashing, proofs and receipts in the notary, frames and promises on both sides.',
  };
}
