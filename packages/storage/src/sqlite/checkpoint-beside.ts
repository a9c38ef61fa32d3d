// When the log is copied into the database (https://sqlite.org/wal.html#ckpt): beside the writer, on
// another thread, as soon as it has grown; and by the writer itself only for the little that is then
// left, when the log has become long, because only without newer pages can it start anew.

import { fstatSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { SqliteConnection } from './connection.ts';

/** From this length on, the other thread copies. */
const COPY_BYTES = 16 * 1024 * 1024;
/** From this length on, the writer finishes what the thread began, and the log starts anew. */
const RESTART_BYTES = 96 * 1024 * 1024;

export interface CheckpointOptions {
  path: string;
  /** Descriptor of the log, for its length. */
  walDescriptor: number;
  writer: SqliteConnection;
  copyBytes?: number;
  restartBytes?: number;
}

export class Checkpointer {
  readonly #options: Required<CheckpointOptions>;
  #worker: Worker | undefined;
  #copying = false;
  /** Length of the log when it was last copied or started anew: only growth asks for more. */
  #copiedBytes = 0;
  #restartDue = false;

  constructor(options: CheckpointOptions) {
    this.#options = { copyBytes: COPY_BYTES, restartBytes: RESTART_BYTES, ...options };
  }

  /** Between two groups, with no transaction open. */
  look(): void {
    if (this.#restartDue) {
      this.#restartDue = false;
      this.#options.writer.run('PRAGMA wal_checkpoint(TRUNCATE)', []);
      this.#copiedBytes = 0;
      return;
    }
    if (this.#copying) return;
    const { size } = fstatSync(this.#options.walDescriptor);
    if (size - this.#copiedBytes < this.#options.copyBytes) return;
    this.#copying = true;
    this.#copiedBytes = size;
    this.#start().postMessage('checkpoint');
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    await ended;
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { path } = this.#options;
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), {
      workerData: { path },
    });
    worker.unref();
    worker.on('message', () => this.#copied());
    // Without the thread the writer does it all: slower, and nothing is lost.
    worker.on('error', () => this.#copied(true));
    this.#worker = worker;
    return worker;
  }

  #copied(threadDied = false): void {
    this.#copying = false;
    if (threadDied) this.#worker = undefined;
    this.#restartDue = threadDied || this.#copiedBytes >= this.#options.restartBytes;
  }
}
