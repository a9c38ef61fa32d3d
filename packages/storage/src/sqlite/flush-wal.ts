// Makes commits durable without stopping the process: SQLite writes the log at COMMIT
// (synchronous=NORMAL) and we flush it on another thread before anybody is told. A blocking flush
// inside COMMIT would hold up every other request of a server for as long as the disk takes.

import { close, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';

export interface WalFlush {
  /** Resolves when every COMMIT that returned before the call is on the disk. */
  flush(): Promise<void>;
  /** Undefined where there is nothing to flush. */
  readonly descriptor: number | undefined;
  close(): void;
}

const flushDescriptor = promisify(fdatasync);

/**
 * The log of the database at `path`. SQLite keeps the one file for as long as a connection is open
 * (it is reused and cut, never replaced), so the descriptor opened now stays the right one.
 */
export function openWalFlush(path: string): WalFlush {
  const descriptor = openSync(`${path}-wal`, 'r');
  return {
    descriptor,
    flush: () => flushDescriptor(descriptor),
    close: () => close(descriptor),
  };
}

/** For databases that need not outlive the process. */
export const noFlush: WalFlush = {
  descriptor: undefined,
  flush: async () => {},
  close: () => {},
};
