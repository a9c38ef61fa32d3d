// Writers in a closed loop: each waits for its receipt before it sends the next leaf. Latencies go
// into a histogram, so that a minute of them takes no more memory than a second.

import { createHistogram } from 'node:perf_hooks';
import { isCodedError } from '@countersign/vocabulary';
import { makeLeaf } from './make-leaf.ts';
import type { Appender } from './open-appenders.ts';

export interface Outcome {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time of this process for each entry, writers and all threads included. */
  cpuMicroseconds: number;
  /** Appends that were told to try again; the wait is part of their latency. */
  busy: number;
}

const BUSY_WAIT_MS = 20;

/** @param onWritten told after each entry */
export async function writeInLoop(
  { append }: Pick<Appender, 'append'>,
  writers: number,
  seconds: number,
  onWritten: () => void = () => undefined,
): Promise<Outcome> {
  const latencies = createHistogram();
  let written = 0;
  let busy = 0;
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  const writeOne = async (): Promise<void> => {
    for (;;) {
      try {
        await append(makeLeaf());
        return;
      } catch (error) {
        if (!isCodedError(error) || error.code !== 'busy') throw error;
        busy += 1;
        await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
      }
    }
  };
  const writer = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < endMs; ) {
      await writeOne();
      const doneMs = performance.now();
      latencies.record(Math.max(1, Math.round((doneMs - nowMs) * 1e6)));
      written += 1;
      onWritten();
      nowMs = doneMs;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: written / tookSeconds,
    p50Ms: latencies.percentile(50) / 1e6,
    p99Ms: latencies.percentile(99) / 1e6,
    cpuMicroseconds: (user + system) / written,
    busy,
  };
}
