// What no log on this machine can beat: the same bytes written and flushed with nothing else done,
// one SHA-256, one Ed25519 signature. Measured in the same run as the log.

import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '../measure.ts';
import type { Outcome } from './write-in-loop.ts';

const { O_RDWR, O_CREAT, O_DSYNC } = constants;
/** A leaf and its length, in a record with a header for all of the group. */
const ENTRY_BYTES = 46;
const HEADER_BYTES = 32;
const FILE_BYTES = 4 * 1024 * 1024;

/** Groups of `writers` entries, one blocking O_DSYNC write each, into space filled beforehand. */
export function appendRaw(folder: string, writers: number, seconds: number): Outcome {
  const fd = openSync(join(folder, `raw-${writers}`), O_RDWR | O_CREAT | O_DSYNC);
  writeSync(fd, Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0);
  const group = Buffer.alloc(HEADER_BYTES + writers * ENTRY_BYTES, 0xa5);
  const latencies: number[] = [];
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let offset = 0;
  for (let nowMs = startedMs; nowMs < endMs; ) {
    if (offset + group.length > FILE_BYTES) offset = 0;
    writeSync(fd, group, 0, group.length, offset);
    offset += group.length;
    const doneMs = performance.now();
    latencies.push(doneMs - nowMs);
    nowMs = doneMs;
  }
  closeSync(fd);
  const tookSeconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const entries = latencies.length * writers;
  latencies.sort((one, other) => one - other);
  return {
    perSecond: entries / tookSeconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMicroseconds: (user + system) / entries,
    busy: 0,
  };
}

export interface CryptoFloors {
  sha256Microseconds: number;
  ed25519Microseconds: number;
}

export function measureCrypto(): CryptoFloors {
  const node = Buffer.alloc(65, 1);
  const { privateKey } = generateKeyPairSync('ed25519');
  const message = Buffer.alloc(100, 1);
  return {
    sha256Microseconds: cpuOf(300_000, () => hash('sha256', node, 'latin1')),
    ed25519Microseconds: cpuOf(5000, () => sign(null, message, privateKey)),
  };
}

function cpuOf(count: number, work: () => unknown): number {
  for (let warm = 0; warm < count / 10; warm += 1) work();
  const before = process.threadCpuUsage();
  for (let turn = 0; turn < count; turn += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / count;
}
