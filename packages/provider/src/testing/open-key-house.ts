// The lives of keys with everything they stand on, for tests: the real signer, log, ledger and store,
// on a clock that the test moves, and a server that can be killed at any of its steps.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Audit, type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import {
  connectLocalSigner,
  type KeySchedule,
  type SignatureAlg,
  type SignerClient,
} from '@countersign/keys';
import { type LeaseTables, openStore, type Store, storageMigrations } from '@countersign/storage';
import { openLog, type TransparencyLog } from '@countersign/transparency';
import { decodeLogEntry } from '@countersign/verifier';
import { ManualClock, type Realm, systemRandom as random } from '@countersign/vocabulary';
import {
  createKeyLives,
  createKeyLog,
  type KeyLives,
  type KeyLivesOptions,
  type ProviderTables,
  providerMigrations,
} from '../index.ts';

export const BASE_URL = 'https://id.example';
export const REALM: Realm = { tenant: 'acme', population: 'workforce' };
export const ISSUER = `${BASE_URL}/acme/workforce`;
/** A turn of a hundred minutes; known for half an hour before it signs. */
export const SCHEDULE: KeySchedule = {
  maxAgeSeconds: 18_000,
  rotateEverySeconds: 6000,
  publishLeadSeconds: 1800,
  handoverSeconds: 600,
};
const PASSPHRASE = Buffer.from('a passphrase for tests only');

/** What is judged by the clock of a busy machine is not what these tests are about. */
const PATIENT = { longestTickMs: 60_000, signerPatienceMs: 10_000 };

/** One run of a server. Once killed it does nothing more. */
export interface Server {
  lives: KeyLives;
  /** Points between steps that it came by. */
  points: number;
  killed: boolean;
  /** Parties that do not answer it. */
  away: Set<'signer' | 'log' | 'ledger' | 'feed'>;
  /** Parties that take what they are asked and never answer. */
  hung: Set<'signer' | 'log' | 'ledger' | 'feed'>;
}

export interface ServerOptions {
  /** Dies at this point: an even one before a step, an odd one after it. */
  killAt?: number;
  algorithms?: SignatureAlg[];
  pausedUntil?: KeyLivesOptions['pausedUntil'];
  limits?: KeyLivesOptions['limits'];
  /** Default: each server is another. */
  holder?: string;
}

export class KeyHouse {
  readonly clock = new ManualClock();
  store!: Store<ProviderTables & AuditTables & LeaseTables>;
  audit!: Audit;
  signer!: SignerClient;
  log!: TransparencyLog;
  /** How often verifiers were given a new feed. */
  feeds = 0;
  /** Time that no setting of the clock changes. */
  #steadyMs = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-key-lives-'));

  static async open(): Promise<KeyHouse> {
    const house = new KeyHouse();
    const { clock } = house;
    house.store = await openStore<ProviderTables & AuditTables & LeaseTables>({
      memory: true,
      migrations: [...storageMigrations, ...auditMigrations, ...providerMigrations],
      clock,
    });
    const product = { name: 'countersign', version: 'test' };
    house.audit = createAudit({ store: house.store, clock, random, product });
    const folder = house.#folder;
    house.signer = await connectLocalSigner({ folder, passphrase: PASSPHRASE, clock });
    house.log = await openLog({
      folder: mkdtempSync(join(folder, 'log-')),
      origin: 'id.example/log',
      passphrase: PASSPHRASE,
      clock,
      random,
      onFatal: (error) => {
        throw error;
      },
      make: true,
      keyCost: { memoryKiB: 8, passes: 1 },
    });
    return house;
  }

  async close(): Promise<void> {
    this.signer.close();
    await this.log.close();
    await this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  pass(seconds: number): void {
    this.#steadyMs += seconds * 1000;
    this.clock.advanceMs(seconds * 1000);
  }

  /** Somebody sets the clock. */
  setClock(bySeconds: number): void {
    this.clock.advanceMs(bySeconds * 1000);
  }

  start(options: ServerOptions = {}): Server {
    const { killAt, algorithms = ['ES256'], pausedUntil, limits, holder } = options;
    const server: Server = {
      ...{ points: 0, killed: false, away: new Set(), hung: new Set() },
      lives: undefined as never,
    };
    const pass = (): void => {
      if (server.points === killAt) server.killed = true;
      if (server.killed) throw new Error('killed');
      server.points += 1;
    };
    const step =
      <Args extends unknown[], T>(
        party: 'signer' | 'log' | 'ledger' | 'feed',
        work: (...args: Args) => Promise<T>,
      ) =>
      async (...args: Args): Promise<T> => {
        pass();
        if (server.away.has(party)) throw new Error(`${party} away`);
        if (server.hung.has(party)) await new Promise(() => undefined);
        const done = await work(...args);
        pass();
        return done;
      };
    const { signer, audit, log, clock, store } = this;
    const audited = {
      ...audit,
      record: step('ledger', audit.record),
      quarantineKey: step('ledger', audit.quarantineKey),
      announceKeyEvent: step('ledger', audit.announceKeyEvent),
      settleKeyEvent: step('ledger', audit.settleKeyEvent),
    };
    const notary = {
      append: step('log', (entry: Uint8Array) => log.append(entry)),
      ready: step('log', async () => undefined),
    };
    server.lives = createKeyLives({
      ...{ baseUrl: BASE_URL, store, clock, random, schedule: SCHEDULE, algorithms },
      signer: {
        ...signer,
        makeKey: step('signer', signer.makeKey),
        changeKey: step('signer', signer.changeKey),
        listKeys: step('signer', signer.listKeys),
      },
      audit: audited,
      keyLog: createKeyLog({ audit: audited, notary, clock }),
      logKeys: { receiptKey: log.identity.keys.receipt },
      onQuarantined: step('feed', async () => {
        this.feeds += 1;
      }),
      steady: () => ({ boot: 'one', ms: this.#steadyMs }),
      ...(pausedUntil === undefined ? {} : { pausedUntil }),
      limits: { ...PATIENT, ...limits },
      ...(holder === undefined ? {} : { holder }),
    });
    return server;
  }

  /** `KID STATE` of each key, in the order they were made; names are the order. */
  async states(issuer = ISSUER): Promise<string[]> {
    return (await this.signer.listKeys(issuer)).map(({ life }) => life.state);
  }

  async kids(issuer = ISSUER): Promise<string[]> {
    return (await this.signer.listKeys(issuer)).map(({ kid }) => kid);
  }

  /** Entries of the log about a key, each once: a crash may cost one that says the same twice. */
  async logged(kid: string): Promise<string[]> {
    const events = new Set<string>();
    for (let from = 0; from < this.log.durableSize; ) {
      const page = await this.log.readEntries(from, 4096);
      from += page.length;
      for (const entry of page) {
        const read = decodeLogEntry(entry);
        if (read.kind === 'key' && read.kid === kid) events.add(read.event);
      }
    }
    return [...events];
  }

  async events(kid: string): Promise<string[]> {
    const names: string[] = [];
    for (let afterSequence = 0; ; ) {
      const page = await this.audit.listEvents({ afterSequence, limit: 1000 });
      names.push(...page.filter((event) => event.kid === kid).map(({ name }) => name));
      const last = page.at(-1);
      if (last === undefined) return names;
      afterSequence = last.sequence;
    }
  }
}
