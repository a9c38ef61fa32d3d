export {
  type Audit,
  type AuditOptions,
  createAudit,
  createReconciler,
  type ReconcilerOptions,
} from './audit.ts';
export type { AuditCode } from './audit-error.ts';
export type { FindingClass } from './classify/verdict.ts';
export type {
  Bounded,
  Distinct,
  KeyExposure,
  NamedTokens,
  ResourceServer,
  UseDecision,
} from './exposure/key-exposure.ts';
export type { Gap, GapReason } from './gaps/gap.ts';
export {
  type ImportBatch,
  type ImportedRecord,
  type ImportOutcome,
  MOST_IMPORTED,
} from './imports/imported-record.ts';
export type { ImportKind, ImportRunSums, Imports } from './imports/list-imports.ts';
export { auditMigrations } from './migrations.ts';
export {
  addIntegrity,
  describeErased,
  type ErasedEvent,
  type Integrity,
} from './ocsf/add-integrity.ts';
export type { Product } from './ocsf/describe-parts.ts';
export type { Finding } from './reconcile/finding.ts';
export type { FindingQuery } from './reconcile/list-findings.ts';
export type { Progress } from './reconcile/read-progress.ts';
export type { Reconciler, ReconcilerLimits } from './reconcile/reconciler.ts';
export type {
  AnchorSource,
  EvidenceVerdict,
  LogSource,
  NamedJournal,
  NamedLog,
  OwnKey,
  ReconcilerSources,
  TrippedKey,
} from './reconcile/sources.ts';
export type { QuarantinedKey } from './revoke/list-quarantined.ts';
export type { KeyRevocation } from './revoke/quarantine-key.ts';
export type { RevocationBitmap } from './revoke/revocation-bitmap.ts';
export { REVOCATION_REASONS, type RevocationReason } from './revoke/revocation-reason.ts';
export type { Revocation, RevocationTarget } from './revoke/revoke-tokens.ts';
export type { ExpectedBuild } from './store/expected-builds.ts';
export type { Evidence } from './store/find-evidence.ts';
export type { IssuedToken } from './store/issued-token.ts';
export type { AnnouncedKeyEvent, KeyFact, SettledKeyEvent } from './store/key-event.ts';
export { type LogPlace, registerLogs } from './store/log-places.ts';
export type { EventQuery, StoredEvent } from './store/read-events.ts';
export type { IssuedKey } from './store/read-issued.ts';
export { registerSigners, type SignaturePlace } from './store/signer-places.ts';
export type { AuditTables } from './tables.ts';
export type { Ownership, Reporter } from './uses/own-uses.ts';
export type { UsesTaken } from './uses/record-uses.ts';
export type { UseBatch, UseReport } from './uses/use-batch.ts';
