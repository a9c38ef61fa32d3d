// Group commit: jobs that arrive while the disk is busy share the next BEGIN … COMMIT, so one flush
// makes many of them durable. A promise resolves only after the flush of the COMMIT that holds its
// job; the flush runs on another thread, and the process goes on meanwhile.

import { AsyncLocalStorage } from 'node:async_hooks';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import type { CompiledQuery } from 'kysely';
import type { StorageCode } from '../storage-error.ts';
import type { StoreLimits, WriteOutcome } from '../store.ts';
import type { SqliteConnection } from './connection.ts';
import { type JobFunction, refuseNesting, runJob, runQueries } from './run-job.ts';

interface Waiting {
  /** Runs the job on the connection; a promise only when the job is a function. */
  run(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface CommitGroupsOptions {
  connection: SqliteConnection;
  limits: StoreLimits;
  /** Makes what was committed durable. */
  flush(): Promise<void>;
  /** Called between groups, with no transaction open. */
  tidy?(): void;
  /** A flush failed: nobody knows what the disk holds, so the process must end. */
  onFatal(error: unknown): void;
}

export class CommitGroups {
  readonly #connection: SqliteConnection;
  readonly #limits: StoreLimits;
  readonly #flush: () => Promise<void>;
  readonly #tidy: () => void;
  readonly #onFatal: (error: unknown) => void;
  #broken: CodedError<StorageCode> | undefined;
  #waiting: Waiting[] = [];
  #next = 0;
  #pumping = false;
  #closed = false;
  #idle = Promise.withResolvers<void>();

  constructor({ connection, limits, flush, tidy, onFatal }: CommitGroupsOptions) {
    this.#connection = connection;
    this.#limits = limits;
    this.#flush = flush;
    this.#tidy = tidy ?? (() => {});
    this.#onFatal = onFatal;
    this.#idle.resolve();
  }

  transaction(job: JobFunction): Promise<unknown> {
    // The job sees the asynchronous context of its caller, not that of whoever started the group.
    const asCaller = AsyncLocalStorage.snapshot();
    return this.#enqueue(() =>
      asCaller(() => runJob(this.#connection, job, this.#limits.longestJobMs)),
    );
  }

  write(queries: readonly CompiledQuery<unknown>[]): Promise<WriteOutcome[]> {
    const queued = this.#enqueue(() => runQueries(this.#connection, queries));
    return queued as Promise<WriteOutcome[]>;
  }

  /** Refuses new jobs and resolves when the last waiting one has been settled. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#idle.promise;
  }

  async #enqueue(run: () => unknown): Promise<unknown> {
    refuseNesting();
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#closed) {
      throw new CodedError<StorageCode>('storage_closed', 'The store is closed.');
    }
    if (this.#waiting.length - this.#next >= this.#limits.mostQueuedJobs) {
      throw new CodedError<StorageCode>('storage_busy', 'Too many writes wait; try again soon.', {
        retryAfterSeconds: 1,
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ run, resolve, reject });
    if (!this.#pumping) {
      this.#pumping = true;
      this.#idle = Promise.withResolvers<void>();
      // Everything asked for in this turn of the loop joins the first group.
      setImmediate(() => void this.#pump());
    }
    return promise;
  }

  async #pump(): Promise<void> {
    while (this.#next < this.#waiting.length) {
      await this.#commitGroup();
      this.#keepTidy();
      await new Promise((resume) => setImmediate(resume));
    }
    this.#pumping = false;
    this.#idle.resolve();
  }

  #keepTidy(): void {
    try {
      this.#tidy();
    } catch (error) {
      // A log that cannot be copied now only grows; why (no room, a bad disk) the next write says.
      if (!isCodedError(error)) throw error;
    }
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting[this.#next];
    if (waiting === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    return waiting;
  }

  async #commitGroup(): Promise<void> {
    const done: { job: Waiting; value: unknown }[] = [];
    try {
      if (!this.#begin()) return;
      await this.#runGroup(done);
      this.#connection.command('COMMIT');
    } catch (error) {
      this.#abandon(done, error);
      return;
    }
    try {
      await this.#flush();
    } catch (error) {
      this.#break(done, error);
      return;
    }
    for (const { job, value } of done) job.resolve(value);
  }

  /** After a failed flush the kernel may have dropped what it could not write: never try again. */
  #break(done: { job: Waiting }[], error: unknown): void {
    this.#broken = groupFailure(error, error);
    for (const { job } of done) job.reject(this.#broken);
    for (let job = this.#take(); job !== undefined; job = this.#take()) job.reject(this.#broken);
    this.#onFatal(error);
  }

  /** Begins the group's transaction; when that cannot be done, a whole group learns so. */
  #begin(): boolean {
    try {
      // Left over only when a ROLLBACK failed too.
      if (this.#connection.inTransaction) this.#connection.command('ROLLBACK');
      this.#connection.command('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      const failure = groupFailure(error, error);
      for (let count = 0; count < this.#limits.mostJobsPerGroup; count += 1) {
        this.#take()?.reject(failure);
      }
      return false;
    }
  }

  async #runGroup(done: { job: Waiting; value: unknown }[]): Promise<void> {
    const { mostJobsPerGroup, longestGroupMs } = this.#limits;
    const startMs = performance.now();
    for (let count = 0; count < mostJobsPerGroup; count += 1) {
      const job = this.#take();
      if (job === undefined) return;
      try {
        const value = job.run();
        done.push({ job, value: value instanceof Promise ? await value : value });
      } catch (error) {
        job.reject(error);
        // Disk full or an I/O error can end the whole transaction; then nothing of it was kept.
        if (!this.#connection.inTransaction) throw error;
      }
      if (performance.now() - startMs > longestGroupMs) return;
    }
  }

  #abandon(done: { job: Waiting }[], error: unknown): void {
    let reason = error;
    try {
      if (this.#connection.inTransaction) this.#connection.command('ROLLBACK');
    } catch (rollbackError) {
      reason = new AggregateError([error, rollbackError], 'COMMIT and ROLLBACK both failed');
    }
    const failure = groupFailure(error, reason);
    for (const { job } of done) job.reject(failure);
  }
}

const TEMPORARY: ReadonlySet<string> = new Set<StorageCode>(['storage_full', 'storage_busy']);

function groupFailure(error: unknown, cause: unknown): CodedError<StorageCode> {
  const code = isCodedError(error) && TEMPORARY.has(error.code) ? error.code : 'storage_failed';
  return new CodedError<StorageCode>(
    code as StorageCode,
    'The write was not confirmed; try again later.',
    { cause, retryAfterSeconds: code === 'storage_busy' ? 1 : 30 },
  );
}
