// The file of `log records`: one line a leaf, in the order of the server's record, added to and never
// rewritten. Its last line says where to go on, so there is no second file that could disagree.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import { isObject } from '../http/read-member.ts';
import type { CliWorld } from '../world.ts';

export interface LeafRecord {
  index: number;
  /** Lower-case hex. */
  leafHash: string;
  /** Of the event that tells of the leaf. */
  sequence: number;
}

/** Whose leaves a file is about, and in which log: indexes of two logs must not be mixed. */
export interface RecordsOf {
  tenant: string;
  log: string;
}

export interface KeptRecords {
  readonly path: string;
  /** Sequence of the last event on file; 0 for an empty file. */
  readonly after: number;
  /** Durable when it returns. @throws CodedError `file_unreadable` */
  add(this: void, records: readonly LeafRecord[]): void;
  close(this: void): void;
}

/** More than the longest line: names of logs and tenants are bounded. */
const TAIL_BYTES = 4096;

/** @throws CodedError `file_unreadable`; `wrong_use` when the file is of another tenant or log */
export function keepRecords(world: CliWorld, out: string, of: RecordsOf): KeptRecords {
  const path = resolve(world.workingFolder, out);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw cliError('file_unreadable', `--out: ${path} cannot be read and added to.`, error);
    }
  };
  const fd = attempt(() => openSync(path, 'a+', 0o600));
  try {
    const { line, end } = attempt(() => readEnd(fd));
    const after = line === undefined ? 0 : sequenceIn(line, of);
    if (after === undefined)
      throw cliError('wrong_use', `--out: ${path} has no records of ${of.tenant} in ${of.log}.`);
    // A run that was interrupted left a line without its end; what it was about is asked for again.
    attempt(() => ftruncateSync(fd, end));
    return {
      path,
      after,
      add: (records) => {
        const lines = records.map((record) => `${JSON.stringify({ ...record, ...of })}\n`);
        attempt(() => writeAll(fd, Buffer.from(lines.join(''))));
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The last whole line and where it ends; no line when the file is empty. */
function readEnd(fd: number): { line: string | undefined; end: number } {
  const { size } = fstatSync(fd);
  if (size === 0) return { line: undefined, end: 0 };
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const start = size - tail.length;
  const text = tail.subarray(0, readSync(fd, tail, 0, tail.length, start)).toString('latin1');
  const [last = '', ...before] = text.split('\n').reverse();
  return { line: before[0] ?? '', end: start + text.length - last.length };
}

function sequenceIn(line: string, { tenant, log }: RecordsOf): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value['tenant'] !== tenant || value['log'] !== log) return undefined;
  const { sequence } = value;
  return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : undefined;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  fsyncSync(fd);
}
