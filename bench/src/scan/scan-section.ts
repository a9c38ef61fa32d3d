// Section (e): how fast raw memory is searched for our live keys, by fingerprint and from public keys
// alone, and for every form of private key, beside what it takes to read the same bytes at all.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import {
  allFinders,
  type Finder,
  memoryFinder,
  openScanner,
  parseFingerprints,
  publicKeyFinder,
} from '@countersign/keyscan';
import { measureInTurns } from '../measure.ts';
import type { Goal, Section } from '../report.ts';

/** As much as the largest cache holds, and each way passes over all of it. */
const BYTES = 32 << 20;
const SLOW_BYTES = 16 << 10;
const KEY_COUNTS = [1, 10, 100] as const;
const GOAL_MEGABYTES = 500;
const GOAL_EVERYTHING_MEGABYTES = 300;
const CHUNK_BYTES = 1 << 20;
const PLAN = { rounds: 5, roundMs: 250 };

const COMPARE = 'reading alone: memcmp with a copy, both counted';
const LOOP = 'reading alone: a loop that adds all bytes up';
const PUBLIC = 'from public keys alone, one of each kind';
const EVERYTHING = 'everything: one fingerprint, every form in every coding';
const byFingerprint = (keys: number): string =>
  `by fingerprint, ${keys.toLocaleString('en-US')} P-256 key${keys === 1 ? '' : 's'}`;

interface Way {
  name: string;
  /** Bytes that one run looks at. */
  bytes: number;
  run(): void;
}

const KINDS = ['random', 'node', 'zeros'] as const;
type Kind = (typeof KINDS)[number];
/** Megabytes (10^6) a second, by way and kind of bytes. */
type Rates = ReadonlyMap<string, number>;

export async function scanSection(): Promise<Section> {
  const rates = new Map<string, number>();
  const inputs: [Kind, Buffer][] = [
    ['random', randomBytes(BYTES)],
    ['node', readStart(process.execPath)],
    ['zeros', Buffer.alloc(BYTES)],
  ];
  for (const [kind, bytes] of inputs) {
    const ways = waysThrough(bytes);
    const contestants = ways.map(({ name, run }) => ({
      name,
      run: (count: number) => {
        for (let turn = 0; turn < count; turn += 1) run();
      },
    }));
    const timings = await measureInTurns(contestants, PLAN);
    timings.forEach(({ wallMicroseconds }, index) => {
      const { name, bytes: looked } = ways[index] as Way;
      rates.set(`${name}|${kind}`, looked / wallMicroseconds);
    });
  }
  return section(rates);
}

function waysThrough(bytes: Buffer): Way[] {
  const ignore = (): void => undefined;
  const finders = KEY_COUNTS.map((keys) => ({
    name: byFingerprint(keys),
    finder: memoryFinder(parseFingerprints(fingerprintsOf(keys))),
  }));
  const everything = allFinders([memoryFinder(parseFingerprints(fingerprintsOf(1)))]);
  const copy = Buffer.from(bytes);
  const slow = publicKeyFinder(publicKeys());
  // From the middle, where an executable has its code.
  const some = bytes.subarray(BYTES / 2, BYTES / 2 + SLOW_BYTES);
  return [
    { name: COMPARE, bytes: 2 * BYTES, run: () => void copy.equals(bytes) },
    { name: LOOP, bytes: BYTES, run: () => void addUp(bytes) },
    ...finders.map(({ name, finder }) => ({
      ...{ name, bytes: BYTES },
      run: () => finder.scan(bytes, 0, ignore),
    })),
    { name: EVERYTHING, bytes: BYTES, run: () => scanAll(bytes, everything) },
    { name: PUBLIC, bytes: SLOW_BYTES, run: () => slow.scan(some, 0, ignore) },
  ];
}

function scanAll(bytes: Buffer, finders: readonly Finder[]): void {
  const scanner = openScanner({ finders });
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    scanner.push(bytes.subarray(at, at + CHUNK_BYTES));
  scanner.end();
}

function addUp(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 1) sum = (sum + (bytes[at] as number)) | 0;
  return sum;
}

/** Of keys that nobody has: a scan does not know, and costs the same. */
function fingerprintsOf(keys: number): string {
  const hash = (): string => randomBytes(16).toString('base64url');
  const secrets = Array.from({ length: keys }, () => ({
    ...{
      kid: createHash('sha256').update(randomBytes(32)).digest('base64url'),
      secret: 'ec-scalar',
    },
    ...{ length: 32, at: 0, sum: randomBytes(2).readUInt16BE() },
    hashes: { forward: hash(), reversed: hash() },
  }));
  return JSON.stringify({ version: 1, secrets });
}

function publicKeys(): string {
  const pairs = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ];
  const keys = pairs.map(({ publicKey }, index) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: String(index),
  }));
  return JSON.stringify({ keys });
}

function readStart(path: string): Buffer {
  const bytes = Buffer.alloc(BYTES);
  const file = openSync(path, 'r');
  try {
    for (let filled = 0; filled < BYTES; ) {
      const read = readSync(file, bytes, filled, BYTES - filled, filled);
      if (read === 0) throw new Error(`${path} is shorter than what is searched.`);
      filled += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

function section(rates: Rates): Section {
  const at = (name: string, kind: Kind): number => rates.get(`${name}|${kind}`) as number;
  const one = byFingerprint(1);
  const names = [COMPARE, LOOP, ...KEY_COUNTS.map(byFingerprint), EVERYTHING, PUBLIC];
  const goal = (name: string, kind: Kind, megabytes: number): Goal => ({
    what: `${name}, ${kind}`,
    goal: `≥ ${megabytes} MB/s`,
    measured: `${Math.round(at(name, kind))} MB/s`,
    met: at(name, kind) >= megabytes,
  });
  const share = ((100 * at(one, 'random')) / at(COMPARE, 'random')).toFixed(0);
  return {
    title: 'Searching memory for live keys',
    method: `One core, MB/s (10^6 bytes), median of ${PLAN.rounds} rounds taken in turns, over ${BYTES >> 20} MiB in memory: random bytes, which is the worst there is; the start of the node executable; zeros, which cores mostly are. The last row over ${SLOW_BYTES >> 10} KiB of the same. Everything is scanned in chunks of 1 MiB, as a file is. Not counted: reading from disk, opening containers.`,
    header: ['', ...KINDS],
    rows: names.map((name) => ({ cells: [name, ...KINDS.map((kind) => at(name, kind))] })),
    goals: KINDS.flatMap((kind) => [
      goal(one, kind, GOAL_MEGABYTES),
      goal(byFingerprint(100), kind, GOAL_MEGABYTES),
      goal(EVERYTHING, kind, GOAL_EVERYTHING_MEGABYTES),
    ]),
    limit: `Not memory: one key is searched for at ${share} % of what memcmp reads. The processor does two look-ups, two additions and a test a byte; with many keys, bytes that have a wanted sum cost a count of their different values, and a hash when these are many.`,
  };
}
