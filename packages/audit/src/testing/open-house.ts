// For tests and the simulation: a whole house in memory. Real store, real audit room, real ES256
// signatures; log and journal are arrays with the same promises as the real ones.

import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { openStore, type Store } from '@countersign/storage';
import { hashLeaf } from '@countersign/verifier';
import {
  CodedError,
  type EventName,
  ManualClock,
  newId,
  type Random,
  type RealmId,
  seededRandom,
} from '@countersign/vocabulary';
import type { Audit } from '../audit.ts';
import { createAudit, createReconciler } from '../audit.ts';
import { auditMigrations } from '../migrations.ts';
import type { Finding } from '../reconcile/finding.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type {
  EvidenceVerdict,
  JournalledSignature,
  OwnKey,
  TrippedKey,
} from '../reconcile/sources.ts';
import type { IssuedToken } from '../store/issued-token.ts';
import type { AuditTables } from '../tables.ts';
import type { Reporter } from '../uses/own-uses.ts';
import { TestAnchors } from './test-anchors.ts';
import { ISSUER, KID, sha256, TestCustody } from './test-custody.ts';

export const REALM: RealmId = 'acme/workforce';
export { ISSUER, KID } from './test-custody.ts';
export const AUDIENCE = 'https://mail.acme.example';
export const CLIENT = 'mail-web';
export const REPORTER: Reporter = { id: 'r-acme', tenant: 'acme' };
export const GRACE_MS = 5000;

export { rewriteSignature } from './rewrite-signature.ts';

/** A token in the making: logged first, then signed, then recorded. */
export interface Build {
  issued: IssuedToken;
  token: string;
}

export interface BuildOptions {
  facts?: Partial<IssuedToken>;
  claims?: Record<string, unknown>;
}

export { sha256 } from './test-custody.ts';

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const openHouses = new Set<TestHouse>();

/** For `after`: closes what tests left open. */
export async function closeHouses(): Promise<void> {
  for (const house of [...openHouses]) await house.close();
}

// One key pair for all houses: making keys is slow and no test needs two.
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export class TestHouse {
  readonly clock: ManualClock;
  readonly random: Random;
  readonly store: Store<AuditTables>;
  readonly log: Uint8Array[] = [];
  readonly journal: JournalledSignature[] = [];
  readonly told: Finding[] = [];
  /** What the signer holds; undefined while it is away. */
  held: OwnKey[] | undefined = [];
  /** Dead keys that the signer was asked for. */
  tripped: TrippedKey[] = [];
  readonly anchors = new TestAnchors();
  readonly custody = new TestCustody(this.journal);
  readonly privateKey: KeyObject = keys.privateKey;
  audit: Audit;
  reconciler: Reconciler;

  constructor(store: Store<AuditTables>, clock: ManualClock, seed: number) {
    this.clock = clock;
    this.store = store;
    this.random = seededRandom(seed);
    [this.audit, this.reconciler] = this.#open();
  }

  static async open(seed = 1): Promise<TestHouse> {
    const clock = new ManualClock();
    const store = await openStore<AuditTables>({
      memory: true,
      migrations: auditMigrations,
      clock,
    });
    const house = new TestHouse(store, clock, seed);
    openHouses.add(house);
    return house;
  }

  async close(): Promise<void> {
    openHouses.delete(this);
    await this.store.close();
  }

  /** What a restart of the process leaves: the store, the log and the journal. */
  async restart(): Promise<Finding[]> {
    this.custody.restart();
    [this.audit, this.reconciler] = this.#open();
    return this.reconciler.catchUpAtBoot();
  }

  #open(): [Audit, Reconciler] {
    const audit = createAudit({
      store: this.store,
      clock: this.clock,
      random: this.random,
      product: { name: 'countersign', version: '0.1.0' },
      ownership: {
        realmOfIssuer: (issuer) => (issuer === ISSUER ? REALM : undefined),
        ownsAudience: async (tenant, audience) => tenant === 'acme' && audience.includes('acme'),
      },
    });
    const reconciler = createReconciler({
      audit,
      graceMs: GRACE_MS,
      readEntries: async (from, limit) => {
        // As the notary does: an index beyond the end is a refusal, not an empty page.
        if (from > this.log.length) throw new CodedError('index_out_of_range', 'No such entry.');
        return { entries: this.log.slice(from, from + limit), durableSize: this.log.length };
      },
      readJournal: async (from, limit) => ({
        entries: this.journal.slice(from - 1, from - 1 + limit),
        lastNumber: this.journal.length,
      }),
      listOwnKeys: async () => {
        if (this.held === undefined) throw new CodedError('peer_gone', 'The signer is away.');
        return [...this.held, ...this.custody.list()];
      },
      listTripped: async () => this.tripped,
      anchors: this.anchors,
      verifyEvidence: (token) => this.verifyEvidence(token),
      onFinding: (finding) => {
        this.told.push(finding);
      },
    });
    return [audit, reconciler];
  }

  /** Lets time pass as a server does: looking once a second. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advanceMs(Math.min(left, 1000));
      await this.reconciler.tick();
    }
  }

  append(leaf: Uint8Array = Buffer.from(this.random.bytes(44))): {
    index: number;
    leafHash: string;
  } {
    this.log.push(leaf);
    return { index: this.log.length - 1, leafHash: Buffer.from(hashLeaf(leaf)).toString('hex') };
  }

  sign(signingInput: string, kid = KID): number {
    const number = this.custody.number(signingInput, kid);
    this.custody.make(kid);
    return number;
  }

  /** Logs and signs a token; `record` is what makes it issued. */
  build(options: BuildOptions = {}): Build {
    return this.finish(this.append(), options);
  }

  /** Signs a token whose leaf has been logged. */
  finish(
    leaf: { index: number; leafHash: string },
    { facts = {}, claims = {} }: BuildOptions,
  ): Build {
    const jti = newId(this.random);
    const nowSeconds = Math.floor(this.clock.nowMs() / 1000);
    const all = { jti, iss: ISSUER, aud: AUDIENCE, sub: 'p-1', ...claims };
    const token = this.compact(leaf.index, all);
    const signingInput = token.slice(0, token.lastIndexOf('.'));
    const journalNumber = this.sign(signingInput, facts.kid);
    return {
      token,
      issued: {
        logIndex: leaf.index,
        leafHash: leaf.leafHash,
        tokenHash: sha256(token),
        jtiHash: sha256(jti),
        kid: KID,
        alg: 'ES256',
        typ: 'at+jwt',
        issuer: ISSUER,
        realm: REALM,
        audience: [AUDIENCE],
        subject: 'p-1',
        clientId: CLIENT,
        rootAuthId: newId(this.random),
        journalNumber,
        keyNumber: this.journal[journalNumber - 1]?.keyNumber ?? 0,
        signingInputHash: sha256(signingInput),
        issuedAtSeconds: nowSeconds,
        expiresAtSeconds: nowSeconds + 600,
        ...facts,
      },
    };
  }

  async record({ issued }: Build): Promise<void> {
    const name = issued.parentJtiHash === undefined ? 'token.issued' : 'token.refreshed';
    const token = {
      kind: 'access' as const,
      tokenHash: issued.tokenHash,
      logIndex: issued.logIndex,
    };
    await this.audit.recordIssued(issued, [
      { name, timeMs: this.clock.nowMs(), realm: REALM, clientId: CLIENT, token },
    ]);
  }

  async issue(options: BuildOptions = {}): Promise<Build> {
    const build = this.build(options);
    await this.record(build);
    return build;
  }

  /** A token signed with the stolen key, on the thief's own machine. */
  forge(claims: Record<string, unknown> = {}): string {
    return this.compact(0, { jti: newId(this.random), iss: ISSUER, aud: AUDIENCE, ...claims });
  }

  compact(index: number, claims: object): string {
    const header = segment({ alg: 'ES256', kid: KID, typ: 'at+jwt', itr: `at-${index}` });
    const signingInput = `${header}.${segment(claims)}`;
    const signature = sign('sha256', Buffer.from(signingInput), {
      key: this.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${signingInput}.${signature.toString('base64url')}`;
  }

  verifyEvidence(token: string): EvidenceVerdict {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const valid = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key: keys.publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    return { signatureValid: valid, kid: KID, issuer: ISSUER, alg: 'ES256', typ: 'at+jwt' };
  }

  /** One use report about a token; `more` replaces members. */
  use(token: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      id: newId(this.random),
      atMs: this.clock.nowMs(),
      decision: 'accepted',
      tokenHash: sha256(token),
      issuer: ISSUER,
      audience: [AUDIENCE],
      ...more,
    };
  }

  async report(uses: Record<string, unknown>[], reporter: Reporter = REPORTER) {
    return this.audit.recordUses(reporter, {
      verifier: { name: 'mail-api', version: '1' },
      uses,
    });
  }

  async reportForged(token: string, more: Record<string, unknown> = {}) {
    const code = 'receipt_missing';
    return this.report([this.use(token, { decision: 'refused', code, evidence: token, ...more })]);
  }

  /** `unmapped.countersign` of the events of one name. */
  async extensions(name: EventName): Promise<Record<string, unknown>[]> {
    const events = await this.audit.listEvents({ names: [name] });
    return events.map(({ ocsf }) => {
      const { countersign } = ocsf['unmapped'] as { countersign: Record<string, unknown> };
      return countersign;
    });
  }

  /** All but that a verifier was heard of, which every house has and no test of tokens is about. */
  async eventNames(): Promise<string[]> {
    const events = await this.audit.listEvents({ limit: 1000 });
    return events.map(({ name }) => name).filter((name) => name !== 'verifier.version');
  }
}
