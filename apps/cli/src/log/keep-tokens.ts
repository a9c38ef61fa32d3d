// Keeps what was found in constant memory: the newest few for the answer, all of them in a file that
// gets its name only once the log is proven, so that no list is ever taken for complete that is not.

import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import type { TokenLine } from './list-tenant-tokens.ts';

export interface KeptTokens {
  add(this: void, token: TokenLine): void;
  /** The file with all of them under its own name; undefined when none was asked for. */
  finish(): string | undefined;
  /** In the order of the log. */
  newest(): TokenLine[];
  /** Removes what was not finished. */
  discard(): void;
}

const BUFFERED_LINES = 1000;

/** @throws CodedError `wrong_use` when the file exists, `file_unreadable` when it cannot be written */
export function keepTokens(world: CliWorld, limit: number, out: string | undefined): KeptTokens {
  const file = out === undefined ? undefined : openLines(resolve(world.workingFolder, out));
  const ring: TokenLine[] = [];
  let count = 0;
  return {
    add(token) {
      file?.write(`${JSON.stringify(token)}\n`);
      if (limit > 0) ring[count % limit] = token;
      count += 1;
    },
    finish: () => file?.finish(),
    newest() {
      const first = count > limit && limit > 0 ? count % limit : 0;
      return [...ring.slice(first), ...ring.slice(0, first)];
    },
    discard: () => file?.discard(),
  };
}

function openLines(path: string) {
  if (existsSync(path)) throw cliError('wrong_use', `--out: ${path} exists; name a new file.`);
  const unfinished = `${path}.unproven`;
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw cliError('file_unreadable', `--out: ${path} cannot be written.`, error);
    }
  };
  const fd = attempt(() => openSync(unfinished, 'w', 0o600));
  let waiting: string[] = [];
  let open = true;
  const flush = (): void => {
    const text = waiting.join('');
    waiting = [];
    attempt(() => writeAll(fd, Buffer.from(text)));
  };
  const close = (): void => {
    open = false;
    closeSync(fd);
  };
  return {
    write(line: string): void {
      waiting.push(line);
      if (waiting.length >= BUFFERED_LINES) flush();
    },
    finish(): string {
      flush();
      close();
      attempt(() => renameSync(unfinished, path));
      return path;
    },
    discard(): void {
      if (open) close();
      rmSync(unfinished, { force: true });
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
