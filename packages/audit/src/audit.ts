// The audit room as others see it: append-only events, the ledger of issued tokens, use reports,
// findings, revocations. Everything it writes is durable when its promise resolves.

import type { Store } from '@countersign/storage';
import type { Clock, CountersignEvent, Random } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { type AccessesTaken, recordAccesses } from './accesses/record-accesses.ts';
import { countLiveTokens } from './exposure/count-live-tokens.ts';
import type { KeyExposure } from './exposure/key-exposure.ts';
import { readKeyExposure } from './exposure/read-key-exposure.ts';
import { readLastAcceptedUse } from './exposure/read-resource-servers.ts';
import type { Gap } from './gaps/gap.ts';
import { noteGaps } from './gaps/note-gap.ts';
import { tellGaps } from './gaps/tell-gaps.ts';
import { hashBytes } from './hex-bytes.ts';
import type { ImportBatch, ImportOutcome } from './imports/imported-record.ts';
import { type Imports, listImports } from './imports/list-imports.ts';
import { recordImported } from './imports/record-imported.ts';
import type { Product } from './ocsf/describe-parts.ts';
import type { Finding } from './reconcile/finding.ts';
import { type FindingQuery, listFindings } from './reconcile/list-findings.ts';
import { type Progress, readProgress } from './reconcile/read-progress.ts';
import {
  LedgerReconciler,
  type Reconciler,
  type ReconcilerLimits,
} from './reconcile/reconciler.ts';
import type { ReconcilerSources } from './reconcile/sources.ts';
import { listQuarantined, type QuarantinedKey } from './revoke/list-quarantined.ts';
import { type KeyRevocation, quarantineByOperator } from './revoke/quarantine-key.ts';
import { buildRevocationBitmaps, type RevocationBitmap } from './revoke/revocation-bitmap.ts';
import { type Revocation, revokeTokens, revokeTokensWithin } from './revoke/revoke-tokens.ts';
import { AbandonedBuilds } from './store/abandoned-builds.ts';
import { type AuditRoom, openAuditRoom } from './store/audit-room.ts';
import type { ExpectedBuild } from './store/expected-builds.ts';
import { type Evidence, findEvidence } from './store/find-evidence.ts';
import type { IssuedToken } from './store/issued-token.ts';
import {
  type AnnouncedKeyEvent,
  announceKeyEvent,
  findKeyEvent,
  type KeyFact,
  type SettledKeyEvent,
  settleKeyEvent,
} from './store/key-event.ts';
import { type LogPlace, LogPlaces } from './store/log-places.ts';
import { readPromisedSize } from './store/promised-size.ts';
import { type EventQuery, listEvents, type StoredEvent } from './store/read-events.ts';
import { findIssued, type IssuedKey } from './store/read-issued.ts';
import type { Writing } from './store/ready-insert.ts';
import { recordEvents } from './store/record-events.ts';
import { recordIssued } from './store/record-issued.ts';
import { SignerPlaces } from './store/signer-places.ts';
import type { AuditTables } from './tables.ts';
import { NO_OWNERSHIP, type Ownership, type Reporter } from './uses/own-uses.ts';
import { recordUses, type UsesTaken } from './uses/record-uses.ts';

export interface AuditOptions {
  store: Store<AuditTables>;
  clock: Clock;
  random: Random;
  product: Product;
  /** Who owns which issuer and audience. Default: nobody, so that use reports are left out. */
  ownership?: Ownership;
  /** All logs by number, as `registerLogs` resolved. Default: one, of no name. */
  logs?: readonly string[];
  /** All signers by number, as `registerSigners` resolved. Default: one, of no name. */
  signers?: readonly string[];
}

export interface Audit {
  /** Records events; with `tx`, inside that transaction. Resolves with their uids. */
  record(events: readonly CountersignEvent[], tx?: Writing): Promise<string[]>;
  /**
   * Announces a token build, before the leaf goes to the log and again before the signer is asked:
   * what such a build leaves in log and journal is then never taken for an attack, even when the
   * answer of log or signer is late or lost. Costs no I/O.
   */
  expectBuild(build: ExpectedBuild): void;
  /**
   * The leaf may or may not stand in a log from which no receipt came: found there later, it is no
   * theft. Remembered at once and durable before the reconciler next judges.
   */
  doubtLeaf(leafHash: string): void;
  /**
   * Enters a token in the ledger with the event that issued it. If it throws, the token must not
   * leave the house. @throws CodedError AuditCode or StorageCode
   */
  recordIssued(issued: IssuedToken, events: readonly CountersignEvent[]): Promise<void>;
  /**
   * Notes that something is missing from the record, or late. Many of one source and reason become one
   * event `log.gap`. With `tx`, inside it. @throws CodedError StorageCode
   */
  noteGaps(gaps: readonly Gap[], tx?: Writing): Promise<void>;
  /** Records `log.gap` for what was noted and is due; resolves with the number of events. */
  tellGaps(): Promise<number>;
  /** Takes a batch of use reports as received. @throws CodedError `uses_malformed` */
  recordUses(reporter: Reporter, batch: unknown): Promise<UsesTaken>;
  /**
   * Takes what a resource says was touched with tokens: `data.accessed`, once however often it comes.
   * @throws CodedError `accesses_malformed`, StorageCode
   */
  recordAccesses(reporter: Reporter, batch: unknown): Promise<AccessesTaken>;
  /**
   * Records what another house's log says, once, however often it comes. Durable when it resolves.
   * @throws CodedError `import_malformed`, StorageCode
   */
  recordImported(batch: ImportBatch): Promise<ImportOutcome>;
  /** The runs and kinds of records that were brought in for a tenant. @throws CodedError `query_malformed` */
  listImports(query: { tenant: string; limit?: number }): Promise<Imports>;
  /**
   * Announces an event of a key, before the log is asked: its leaf is then known to be ours. Durable
   * when it resolves. @throws CodedError StorageCode
   */
  announceKeyEvent(announced: AnnouncedKeyEvent): Promise<void>;
  /**
   * Enters what the log answered, with the event `key.*`; resolves with the answer that counts.
   * @throws CodedError `issued_malformed`, StorageCode
   */
  settleKeyEvent(announced: AnnouncedKeyEvent, answer: SettledKeyEvent): Promise<SettledKeyEvent>;
  /** What the log answered for an event of a key; undefined until it has. */
  findKeyEvent(fact: KeyFact): Promise<SettledKeyEvent | undefined>;
  findIssued(key: IssuedKey): Promise<IssuedToken | undefined>;
  listEvents(query: EventQuery): Promise<StoredEvent[]>;
  listFindings(query?: FindingQuery): Promise<Finding[]>;
  /** The forged token itself, so that a third party can check the claim. */
  findEvidence(tokenHash: string): Promise<Evidence | undefined>;
  listQuarantined(): Promise<QuarantinedKey[]>;
  /**
   * An operator's revocation: verifiers learn of it with the next feed. With `tx`, inside it. Resolves
   * with false when the key was in quarantine already. @throws CodedError `event_malformed`, StorageCode
   */
  quarantineKey(revocation: KeyRevocation, tx?: Kysely<AuditTables>): Promise<boolean>;
  /** What the key spoke for. Goes through all its tokens, in steps that keep nobody waiting. */
  readKeyExposure(kid: string): Promise<KeyExposure>;
  /** Tokens of the key that expire after `nowSeconds`: what keeps it in its JWKS. */
  countLiveTokens(kid: string, nowSeconds: number): Promise<number>;
  /** When this house last heard of an accepted use, by its own clock; undefined for never. */
  lastAcceptedUseMs(kid: string): Promise<number | undefined>;
  /** How far issued = signed = logged has been compared. */
  readProgress(): Promise<Progress>;
  /** Ends tokens before their time; resolves with their number. With `tx`, inside it. */
  revoke(revocation: Revocation, tx?: Kysely<AuditTables>): Promise<number>;
  isRevoked(place: LogPlace): Promise<boolean>;
  /** All logs this house ever had, the first one first; none where they have no names. */
  readonly logOrigins: readonly string[];
  /**
   * One past the highest leaf of that log that left this house in a token or with a key; undefined when
   * none did. Leaves that others submitted to the log are not known here.
   */
  promisedSize(logOrigin: string): Promise<number | undefined>;
  /** Unexpired revoked tokens, for the verifier feed: one list a log, the first log first. */
  revocationBitmaps(): Promise<RevocationBitmap[]>;
}

const rooms = new WeakMap<Audit, { room: AuditRoom; abandoned: AbandonedBuilds }>();

export function createAudit(options: AuditOptions): Audit {
  const room = openAuditRoom({
    ...options,
    ownership: options.ownership ?? NO_OWNERSHIP,
    logs: new LogPlaces(options.logs),
    signers: new SignerPlaces(options.signers),
  });
  const abandoned = new AbandonedBuilds(room);
  const audit: Audit = {
    record: (events, tx) => recordEvents(room, events, tx),
    expectBuild: (build) => room.expected.expect(build),
    doubtLeaf: (leafHash) =>
      abandoned.remember({
        leaf_hash: hashBytes(leafHash),
        log_index: null,
        journal_number: null,
        signing_input_hash: null,
        recorded_ms: options.clock.nowMs(),
      }),
    recordIssued: (issued, events) => recordIssued(room, abandoned, issued, events),
    noteGaps: (gaps, tx) => noteGaps(room, gaps, tx),
    tellGaps: () => tellGaps(room),
    recordUses: (reporter, batch) => recordUses(room, reporter, batch),
    recordAccesses: (reporter, batch) => recordAccesses(room, reporter, batch),
    recordImported: (batch) => recordImported(room, batch),
    listImports: (query) => listImports(room, query),
    announceKeyEvent: (announced) => announceKeyEvent(room, announced),
    settleKeyEvent: (announced, answer) => settleKeyEvent(room, announced, answer),
    findKeyEvent: (fact) => findKeyEvent(room, fact),
    findIssued: (key) => findIssued(room, key),
    listEvents: (query) => listEvents(room, query),
    listFindings: (query) => listFindings(room, query),
    findEvidence: (tokenHash) => findEvidence(room, tokenHash),
    listQuarantined: () => listQuarantined(room),
    quarantineKey: (revocation, tx) =>
      tx === undefined
        ? room.store.transaction((own) => quarantineByOperator(room, own, revocation))
        : quarantineByOperator(room, tx, revocation),
    readKeyExposure: (kid) => readKeyExposure(room, kid),
    countLiveTokens: (kid, nowSeconds) => countLiveTokens(room, kid, nowSeconds),
    lastAcceptedUseMs: (kid) => readLastAcceptedUse(room, kid),
    readProgress: () => readProgress(room),
    revoke: (revocation, tx) =>
      tx === undefined ? revokeTokens(room, revocation) : revokeTokensWithin(room, tx, revocation),
    logOrigins: room.logs.origins,
    async isRevoked(place) {
      const row = await room.store.read
        .selectFrom('revoked_token')
        .select('log_index')
        .where('log_index', '=', room.logs.placeOf(place) ?? -1)
        .executeTakeFirst();
      return row !== undefined;
    },
    promisedSize: (logOrigin) => readPromisedSize(room, logOrigin),
    revocationBitmaps: () => buildRevocationBitmaps(room),
  };
  rooms.set(audit, { room, abandoned });
  return audit;
}

export interface ReconcilerOptions extends ReconcilerSources, Partial<ReconcilerLimits> {
  audit: Audit;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const inside = rooms.get(options.audit);
  if (inside === undefined) throw new TypeError('createReconciler needs an audit of createAudit');
  return new LedgerReconciler(inside.room, inside.abandoned, options, {
    graceMs: options.graceMs ?? 5000,
    revocationGraceMs: options.revocationGraceMs ?? 120_000,
    mostBuildsInFlight: options.mostBuildsInFlight ?? 4096,
  });
}
