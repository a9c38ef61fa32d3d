// Anchors from the event table to the bundle: a real audit room, archivist and log in this process.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type ArchiveTables,
  type Archivist,
  archiveMigrations,
  openAnchorBook,
  openArchivist,
} from '@countersign/archive';
import { type Audit, type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { connectPipe, servePipe } from '@countersign/pipe';
import { openStore, type Store, storageMigrations } from '@countersign/storage';
import {
  INSTALLATION_TENANT,
  type VerifyOptions,
  verifyBundle,
  writeBundle,
} from '@countersign/trail';
import {
  answerRequests,
  createNotaryClient,
  type NotaryClient,
  openLog,
  type TransparencyLog,
} from '@countersign/transparency';
import { encodeHex, hashLeaf, parseTlogPolicy, type TlogPolicy, utf8 } from '@countersign/verifier';
import { type CountersignEvent, ManualClock, systemRandom } from '@countersign/vocabulary';
import { createLogReader } from '@countersign/watchers';
import type { HouseLog } from '../logs/learn-logs.ts';
import { readOwnLog } from '../monitoring/own-monitor.ts';
import { PRODUCT } from '../product.ts';
import type { ProofWait } from './await-proof.ts';
import { type HouseAnchors, openAnchors, type WantedBundle } from './open-anchors.ts';
import { createAnchorProver } from './prove-anchor.ts';

const INSTANCE = 'house-1';
const ORIGIN = 'log.example/log';
/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9';

let folder: string;
let clock: ManualClock;
let store: Store<AuditTables & ArchiveTables>;
let audit: Audit;
let archivist: Archivist;
let log: TransparencyLog;
let notary: NotaryClient;
let house: HouseLog;
let anchors: HouseAnchors;
let policy: TlogPolicy;
let checkpointKey: string;
let publicFolder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-anchors-'));
  clock = new ManualClock(1_800_000_000_000);
  const database = join(folder, 'store.db');
  store = await openStore<AuditTables & ArchiveTables>({
    ...{ path: database, clock },
    migrations: [...storageMigrations, ...auditMigrations, ...archiveMigrations],
  });
  audit = createAudit({ store, clock, random: systemRandom, product: PRODUCT });
  archivist = await openArchivist({
    ...{ folder: join(folder, 'archive'), database, instance: INSTANCE },
    ...{ nowMs: Date.now, onFatal: assert.ifError, duckDb: { memoryMebibytes: 256, threads: 1 } },
  });
  const logFolder = mkdtempSync(join(folder, 'log-'));
  log = await openLog({
    ...{ folder: logFolder, origin: ORIGIN, clock, random: systemRandom },
    ...{ passphrase: utf8('a passphrase for tests only'), onFatal: assert.ifError, make: true },
    ...{ keyCost: { memoryKiB: 8, passes: 1 }, integrateEveryMs: 1_000_000 },
  });
  notary = connectNotary();
  const keys = { ...(await notary.keys()) };
  ({ checkpointKey } = keys);
  policy = parseTlogPolicy(`log ${checkpointKey}\nquorum none\n`);
  publicFolder = join(logFolder, 'public');
  const shown = { path: '/log', folder: publicFolder } as HouseLog['shown'];
  house = { notary, url: '', shown, keys, away: false, origin: ORIGIN };
  anchors = openHouse({ pollMs: 5, longestMs: 60_000 });
});

afterEach(async () => {
  notary.close();
  await log.close();
  await archivist.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function openHouse(wait: ProofWait): HouseAnchors {
  return openAnchors({
    ...{ store, archive: archivist, instance: INSTANCE, audit, clock, random: systemRandom, wait },
    logs: { first: house, all: [house], appender: notary, originOf: undefined },
    log: { error: () => assert.fail('nothing went wrong') },
  });
}

function connectNotary(): NotaryClient {
  const [there, back] = [new PassThrough(), new PassThrough()];
  servePipe({
    ...{ input: there, output: back, onEnd: () => undefined },
    onBatch: (requests) => answerRequests(log, requests),
  });
  return createNotaryClient(connectPipe({ readable: back, writable: there }));
}

const issued = (tenant?: string): CountersignEvent => ({
  ...{ name: 'token.issued', timeMs: clock.nowMs(), subject: 'p-1' },
  ...(tenant === undefined ? {} : { tenant }),
});

/** As the keeper of the archive has it done four times a second. */
async function follow(): Promise<void> {
  const { sequence } = await store.read
    .selectFrom('event')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .executeTakeFirstOrThrow();
  await archivist.catchUp(sequence ?? 0, 10_000);
}

async function anchorNow(): Promise<void> {
  await follow();
  clock.advanceMs(10_000);
  await anchors.tick();
  await log.publishNow(true);
}

const signal = AbortSignal.any([]);

async function bundleOf(
  request: Omit<WantedBundle, 'to' | 'signal'>,
  options: VerifyOptions = { policy },
) {
  const source = await anchors.bundle({ to: 1, signal, ...request });
  assert.ok(source !== undefined);
  const parts: Uint8Array[] = [];
  for await (const part of writeBundle(source)) parts.push(Buffer.from(part));
  return verifyBundle(parts, options);
}

describe('the anchors of a house', () => {
  it('prove a tenant’s record to whoever knows the key of the log', async () => {
    await audit.record([issued('acme'), issued(), issued('zeta'), issued('acme')]);
    await anchorNow();
    const verdict = await bundleOf({ tenant: 'acme' });
    assert.deepEqual(verdict.problems, []);
    assert.deepEqual([verdict.verdict, verdict.proven, verdict.count], ['whole', true, 2]);
    assert.equal((await bundleOf({ tenant: INSTALLATION_TENANT })).count, 1);
  });

  it('prove nothing before the log shows them, and to no tenant that has no record', async () => {
    await audit.record([issued('acme')]);
    assert.equal(await anchors.prove('acme'), undefined);
    await anchorNow();
    assert.equal((await anchors.prove('acme'))?.entry.count, 1);
    assert.equal(await anchors.prove('nobody'), undefined);
  });

  it('keep what was pinned, while the record grows', async () => {
    await audit.record([issued('acme'), issued('acme')]);
    await anchorNow();
    const pin = await anchors.prove('acme');
    assert.ok(pin !== undefined);
    await audit.record([issued('acme')]);
    await anchorNow();
    const verdict = await bundleOf({ tenant: 'acme' }, { policy, pins: [pin] });
    assert.deepEqual(verdict.pins, [{ anchor: 1, count: 2, state: 'kept' }]);
    assert.deepEqual([verdict.ok, verdict.count], [true, 3]);
  });

  it('are on record the first time, and known to the reconciler every time', async () => {
    await audit.record([issued('acme')]);
    await anchorNow();
    await audit.record([issued('acme')]);
    await anchorNow();
    const events = await audit.listEvents({
      afterSequence: 0,
      limit: 100,
      names: ['audit.anchored'],
    });
    assert.equal(events.length, 1);
    const { entries } = await notary.readEntries(0, 10);
    const hashes = entries.map((entry) => encodeHex(hashLeaf(entry)));
    assert.deepEqual([...(await anchors.source.announced(hashes))].sort(), hashes.sort());
    assert.equal(hashes.length, 2);
  });

  it('show a reader only what it may see, and prove the rest by its leaves', async () => {
    await audit.record([issued('acme'), issued('acme'), issued('acme')]);
    await anchorNow();
    const verdict = await bundleOf({ tenant: 'acme', shows: ({ number }) => number === 2 });
    assert.deepEqual([verdict.ok, verdict.events, verdict.withheld], [true, 1, 2]);
  });

  it('are proven by another log while the one with the newest is away', async () => {
    await audit.record([issued('acme')]);
    await anchorNow();
    const own = { origin: ORIGIN, checkpointKey, reader: readOwnLog(publicFolder) };
    const book = openAnchorBook(store);
    await book.announce({ anchor: 2, atMs: 1, leaf: utf8('elsewhere'), sequence: 9, entries: [] });
    const answer = { logIndex: 0, logOrigin: 'other.example/log', receipt: utf8('r') };
    await book.settle(2, answer);
    const gone = { ...own, origin: answer.logOrigin, reader: createLogReader({ url: NOBODY }) };
    const proof = await createAnchorProver(book, [own, gone]).prove('acme');
    assert.equal(proof?.entry.anchor, 1);
    await assert.rejects(createAnchorProver(book, [gone]).prove('acme'), { code: 'log_away' });
  });
});

describe('a bundle', () => {
  const countOf = async (from: HouseAnchors, more: Partial<WantedBundle> = {}) =>
    (await from.bundle({ tenant: 'acme', to: 3, signal, ...more }))?.anchor.entry.count;

  it('waits for the anchor that speaks for all that was asked for', async () => {
    await audit.record([issued('acme')]);
    const coming = countOf(anchors);
    await anchorNow();
    await audit.record([issued('acme'), issued('acme')]);
    await anchorNow();
    assert.equal(await coming, 3);
  });

  it('waits for nothing that is anchored already, or that is not there', async () => {
    assert.equal(await countOf(anchors, { tenant: 'nobody', to: 0 }), undefined);
    await audit.record([issued('acme'), issued('acme')]);
    await anchorNow();
    await audit.record([issued('acme')]);
    assert.equal(await countOf(anchors, { to: 2 }), 2);
  });

  it('reaches as far as the newest anchor when none comes in time', async () => {
    const hasty = openHouse({ pollMs: 5, longestMs: 20 });
    await audit.record([issued('acme'), issued('acme'), issued('acme')]);
    assert.equal(await countOf(hasty), undefined);
    await anchorNow();
    await audit.record([issued('acme')]);
    assert.equal(await countOf(hasty, { to: 4 }), 3);
  });

  it('is waited for no longer than somebody wants it', async () => {
    const leaving = new AbortController();
    const coming = countOf(anchors, { signal: leaving.signal });
    leaving.abort();
    assert.equal(await coming, undefined);
  });
});
