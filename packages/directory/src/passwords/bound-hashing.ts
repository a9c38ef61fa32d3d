// Hashing costs 19 MiB and tens of milliseconds a time, so only a few run and a few more wait; a
// flood of sign-ins is told to come back instead of taking the memory of the process.

import { CodedError } from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';

export interface HashingLimits {
  /** Default 2: two cores, 38 MiB, and half of libuv's threads left for others. */
  mostRunning: number;
  /** Default 64: about a second of waiting. */
  mostWaiting: number;
}

export const defaultHashingLimits: HashingLimits = { mostRunning: 2, mostWaiting: 64 };

export interface BoundedHashing {
  /** Runs `work` in its turn. @throws CodedError `too_busy` with retryAfterSeconds */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function boundHashing(limits: HashingLimits): BoundedHashing {
  let running = 0;
  const waiting: (() => void)[] = [];

  const enter = (): Promise<void> => {
    if (running < limits.mostRunning) {
      running += 1;
      return Promise.resolve();
    }
    if (waiting.length >= limits.mostWaiting) {
      throw new CodedError<DirectoryCode>('too_busy', 'Too many sign-ins at once; try again.', {
        retryAfterSeconds: 2,
      });
    }
    return new Promise((resume) => waiting.push(resume));
  };

  const leave = (): void => {
    const next = waiting.shift();
    // The place is handed over, not given up: nobody can slip in between.
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
