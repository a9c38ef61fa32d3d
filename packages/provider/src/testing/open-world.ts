// A whole provider in one process for tests: the real store, directory, audit room, signer and log,
// in memory or in a temporary folder, behind a real HTTP server on a free loopback port.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Audit, type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import {
  createDirectory,
  type Directory,
  type DirectoryTables,
  directoryMigrations,
} from '@countersign/directory';
import {
  connectLocalSigner,
  type KeySchedule,
  keySchedule,
  type SignerClient,
} from '@countersign/keys';
import { type LeaseTables, openStore, type Store, storageMigrations } from '@countersign/storage';
import { openLog, type TransparencyLog } from '@countersign/transparency';
import { type Clock, systemClock, systemRandom } from '@countersign/vocabulary';
import {
  createKeyLives,
  createKeyLog,
  createProvider,
  type KeyLives,
  type ProviderHouse,
  type ProviderLimits,
  type ProviderOptions,
  type ProviderTables,
  providerMigrations,
  type RiskGate,
} from '../index.ts';

export type WorldTables = ProviderTables & DirectoryTables & AuditTables & LeaseTables;

export interface World {
  baseUrl: string;
  folder: string;
  store: Store<WorldTables>;
  directory: Directory;
  audit: Audit;
  signer: SignerClient;
  log: TransparencyLog;
  /** Turned by whoever calls `tick`. */
  keyLives: KeyLives;
  house: ProviderHouse;
  failures: unknown[];
  /** What the next calls to a party do instead of answering. */
  broken: Broken;
  /** Stops and starts everything on the same folder and port, as a restart would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface Broken {
  notary?: Error | undefined;
  signer?: Error | undefined;
  /** The ledger. */
  audit?: Error | undefined;
  /** Everything else that is recorded. */
  events?: Error | undefined;
  /** `open`: parties claim to be ready although they are not. */
  gate?: 'open' | undefined;
}

export interface WorldOptions {
  clock?: Clock;
  limits?: Partial<ProviderLimits>;
  policies?: ProviderOptions['policies'];
  schedule?: KeySchedule;
  recentSignIns?: ProviderOptions['recentSignIns'];
  risk?: RiskGate;
  addressOf?: ProviderOptions['addressOf'];
}

const PASSPHRASE = Buffer.from('a passphrase for tests only');
const SECRET = Buffer.alloc(32, 7);

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-provider-'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  const world = { baseUrl, folder, broken: {}, failures: [] } as unknown as World;
  for (const name of ['signer', 'notary']) mkdirSync(join(folder, name));
  await start(world, server, options);
  world.restart = async () => {
    await stop(world, server);
    await start(world, server, options);
  };
  world.close = async () => {
    await stop(world, server);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  return world;
}

/** Everything that the house stands on. */
async function openParties(world: World, clock: Clock): Promise<void> {
  const { folder, baseUrl } = world;
  const random = systemRandom;
  const migrations = [
    ...storageMigrations,
    ...directoryMigrations,
    ...auditMigrations,
    ...providerMigrations,
  ];
  world.store = await openStore<WorldTables>({ path: join(folder, 'world.db'), migrations, clock });
  const parts = { store: world.store, clock, random };
  world.directory = createDirectory({ ...parts, passwords: { cost: { memoryKib: 8, passes: 1 } } });
  world.audit = createAudit({ ...parts, product: { name: 'countersign', version: 'test' } });
  world.signer = await connectLocalSigner({
    folder: join(folder, 'signer'),
    passphrase: PASSPHRASE,
  });
  world.log = await openLog({
    folder: join(folder, 'notary'),
    origin: `${new URL(baseUrl).host}/log`,
    passphrase: PASSPHRASE,
    clock,
    random,
    onFatal: (error) => world.failures.push(error),
    make: true,
    keyCost: { memoryKiB: 8, passes: 1 },
  });
}

async function start(world: World, server: Server, options: WorldOptions): Promise<void> {
  const { baseUrl, broken } = world;
  const clock = options.clock ?? systemClock;
  const random = systemRandom;
  await openParties(world, clock);
  const parts = { store: world.store, clock, random };
  const { log, signer, audit } = world;
  const notary = {
    append: (entry: Uint8Array) => failing(broken.notary, () => log.append(entry)),
    ready: () => failing(shownBy(broken, broken.notary), async () => undefined),
  } as ProviderOptions['notary'];
  const logKeys = { receiptKey: log.identity.keys.receipt };
  const policies = options.policies === undefined ? {} : { policies: options.policies };
  const keyLog = createKeyLog({ audit, notary, clock });
  const schedule = options.schedule ?? keySchedule();
  const { keyLives } = Object.assign(world, {
    keyLives: createKeyLives({
      ...{ ...parts, baseUrl, signer, audit, keyLog, schedule, logKeys, ...policies },
    }),
  });
  world.house = createProvider({
    ...{ ...parts, baseUrl, keyLog, keyLives, notary, logKeys, ...policies },
    directory: world.directory,
    audit: {
      ...audit,
      record: (events, tx) => failing(broken.events, () => audit.record(events, tx)),
      recordIssued: (issued, events) =>
        failing(broken.audit, () => audit.recordIssued(issued, events)),
    },
    signer: {
      ...signer,
      sign: (kid, input) => failing(broken.signer, () => signer.sign(kid, input)),
      ready: () => failing(shownBy(broken, broken.signer), () => signer.ready()),
    },
    ...(options.recentSignIns === undefined ? {} : { recentSignIns: options.recentSignIns }),
    secrets: { current: SECRET },
    instanceId: 'test-instance',
    limits: { readinessFreshnessMs: 0, ...options.limits },
    ...(options.risk === undefined ? {} : { risk: options.risk }),
    ...(options.addressOf === undefined ? {} : { addressOf: options.addressOf }),
    onFailure: (error) => world.failures.push(error),
  });
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    world.house.handle(request, response).then(
      (handled) => {
        if (!handled) response.writeHead(404).end();
      },
      (error: unknown) => {
        world.failures.push(error);
        response.destroy();
      },
    );
  });
}

function shownBy(broken: Broken, error: Error | undefined): Error | undefined {
  return broken.gate === 'open' ? undefined : error;
}

async function failing<T>(error: Error | undefined, work: () => Promise<T>): Promise<T> {
  if (error !== undefined) throw error;
  return work();
}

async function stop(world: World, server: Server): Promise<void> {
  server.removeAllListeners('request');
  world.house.close();
  world.signer.close();
  await world.log.close();
  await world.store.close();
}
