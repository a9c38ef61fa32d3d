// For tests: bytes in pieces of any size in, what was read and what was told out.

import type { ReadProblem } from '../bytes/read-problem.ts';
import { type ReadRecord, readRecords } from '../records/read-records.ts';

export interface AllRead {
  records: ReadRecord[];
  problems: ReadProblem[];
}

export async function readAll(
  bytes: Uint8Array | string,
  {
    name = 'in',
    piece = 65_536,
    longest,
  }: { name?: string; piece?: number; longest?: number } = {},
): Promise<AllRead> {
  const all = Buffer.from(bytes);
  const problems: ReadProblem[] = [];
  const records: ReadRecord[] = [];
  for await (const record of readRecords(inPieces(all, piece), {
    name,
    onProblem: (problem) => problems.push(problem),
    ...(longest === undefined ? {} : { longestRecordBytes: longest }),
  })) {
    records.push(record);
  }
  return { records, problems };
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
