// Starts a reader in a thread of its own and hears what it found.

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface ReaderTask {
  kind: 'full' | 'random';
  folder: string;
  origin: string;
  /** The log's checkpoint key as text. */
  logKey: string;
}

export interface ReaderFindings {
  entries: number;
  proofs: number;
  checkpoints: number;
  fault?: string;
}

export interface RunningReader {
  /** Lets it read the last checkpoint once more and resolves with what it has seen. */
  finish(): Promise<ReaderFindings>;
}

export function startReader(task: ReaderTask): RunningReader {
  const worker = new Worker(join(import.meta.dirname, 'reader-thread.ts'), { workerData: task });
  const nothing = { entries: 0, proofs: 0, checkpoints: 0 };
  const findings = new Promise<ReaderFindings>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error) => resolve({ ...nothing, fault: `A reader: ${String(error)}` }));
  });
  return {
    finish: async () => {
      worker.postMessage('finish');
      const found = await findings;
      await worker.terminate();
      return found;
    },
  };
}
