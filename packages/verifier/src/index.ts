export { importPublicJwk } from '#platform';
export {
  type ExpressRequest,
  guardExpress,
  guardExpressSession,
} from './adapters/guard-express.ts';
export {
  type FastifyGuardedRequest,
  guardFastify,
  guardFastifySession,
} from './adapters/guard-fastify.ts';
export { guardHono, guardHonoSession, type HonoGuardOptions } from './adapters/guard-hono.ts';
export { guardNode, guardNodeSession } from './adapters/guard-node.ts';
export {
  type GuardedRequest,
  type GuardOptions,
  type GuardOutcome,
  guardRequest,
} from './adapters/guard-request.ts';
export type { SessionGuardOptions } from './adapters/guard-session.ts';
export { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './bytes/base64.ts';
export { ByteReader } from './bytes/byte-reader.ts';
export { ByteWriter } from './bytes/byte-writer.ts';
export { equalBytes } from './bytes/compare-bytes.ts';
export { decodeHex, encodeHex } from './bytes/hex.ts';
export { concatBytes, utf8 } from './bytes/join-bytes.ts';
export { createVerifier, type Verifier } from './create-verifier.ts';
export {
  createDeferredAuditor,
  type RunningAuditor,
} from './deferred-audit/audit-accepted.ts';
export type { AuditAlarm } from './deferred-audit/audit-alarm.ts';
export type { DeferredAuditorOptions } from './deferred-audit/auditor-options.ts';
export {
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileAddress,
  tileHolding,
  tilePath,
} from './deferred-audit/tile-path.ts';
export { checkProof, type ProofRequest, type ProofRules } from './dpop/check-proof.ts';
export { keyThumbprint } from './dpop/key-thumbprint.ts';
export { ReplayMemory, type ReplayMemoryOptions } from './dpop/remember-proofs.ts';
export { createFeedSource, type FeedSourceOptions } from './feed/poll-feed.ts';
export { type FormatCode, FormatError } from './format-error.ts';
export { FetchFailure, fetchBounded } from './http/fetch-bounded.ts';
export { readJson } from './json/read-json.ts';
export { createJwksKeySource, type JwksKeySourceOptions } from './jwks/fetch-keys.ts';
export { RootAccumulator } from './merkle/grow-root.ts';
export { EMPTY_ROOT, HASH_BYTES, hashLeaf, hashNode } from './merkle/hash-node.ts';
export {
  hashRange,
  type NodeReader,
  nodesOfRange,
  planConsistency,
  planInclusion,
  proveConsistency,
  proveInclusion,
  type TreeNode,
} from './merkle/prove.ts';
export {
  ceilingPower,
  coveringPair,
  isSubtree,
  type LeafRange,
  splitPoint,
} from './merkle/subtree.ts';
export { verifyConsistency, verifySubtreeConsistency } from './merkle/verify-consistency.ts';
export {
  rootFromInclusionPath,
  subtreeHashFromPath,
  verifyInclusion,
  verifySubtreeInclusion,
} from './merkle/verify-inclusion.ts';
export {
  type Checkpoint,
  formatCheckpoint,
  parseCheckpoint,
} from './note/checkpoint.ts';
export { isKeyName, KEY_TYPE, type KeyPurpose, noteKeyId } from './note/key-id.ts';
export {
  formatNote,
  type NoteSignature,
  parseNote,
  type SignedNote,
} from './note/parse-note.ts';
export {
  createNoteKey,
  formatVerifierKey,
  type NoteKey,
  parseVerifierKey,
} from './note/verifier-key.ts';
export { type VerifiedCheckpoint, verifyCheckpoint } from './note/verify-checkpoint.ts';
export {
  cosignatureMessage,
  type VerifiedNote,
  type VerifiedSignature,
  verifyNote,
} from './note/verify-note.ts';
export type { Ed25519Verify, VerificationKey } from './platform/verification-key.ts';
export { meetsQuorum } from './policy/meets-quorum.ts';
export { parsePolicy } from './policy/parse-policy.ts';
export {
  type KeyAndPlace,
  parseTlogPolicy,
  type TlogPolicy,
  type WitnessGroup,
} from './policy/tlog-policy.ts';
export type {
  FeedPolicy,
  IssuerPolicy,
  LogPolicy,
  ReceiptMode,
  ReceiptPolicy,
  VerifierPolicy,
} from './policy/verifier-policy.ts';
export {
  verifyWitnessedCheckpoint,
  type WitnessedCheckpoint,
  type WitnessedRequest,
} from './policy/verify-witnessed.ts';
export type * from './ports.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './proof/tlog-proof.ts';
export {
  type ProvenEntry,
  type TlogProofRequest,
  verifyTlogProof,
} from './proof/verify-tlog-proof.ts';
export {
  type AnchorLeaf,
  decodeAnchorLeaf,
  encodeAnchorLeaf,
  hashInstance,
} from './receipt/anchor-entry.ts';
export { type CommittedToken, commitToken } from './receipt/commit-token.ts';
export { cosignedMessage } from './receipt/cosigned-message.ts';
export {
  decodeReceipt,
  encodeReceipt,
  MAX_LOG2_SPAN,
  type Receipt,
  receiptSubtree,
} from './receipt/encode-receipt.ts';
export { encodeSubtreeReceipts, type SignedSubtree } from './receipt/encode-subtree-receipts.ts';
export { entryTimeMs } from './receipt/entry-time.ts';
export {
  decodeKeyEntry,
  decodeLogEntry,
  encodeKeyEntry,
  hashIssuer,
  type KeyEntry,
  type KeyEvent,
  type LogEntry,
} from './receipt/key-entry.ts';
export {
  decodeLeafEntry,
  encodeLeafEntry,
  type LeafEntry,
  type LeafTags,
  type LeafType,
  leafTypeOf,
} from './receipt/leaf-entry.ts';
export { type LeafRecogniser, recogniseLeaves } from './receipt/recognise-leaf.ts';
export {
  formatTenantTagKey,
  parseTenantTagKey,
  type TenantTagKey,
} from './receipt/tenant-tag-key.ts';
export { dayKey, dayOf, tenantTag, userTag } from './receipt/tenant-tags.ts';
export { type LoggedKey, verifyKeyReceipt } from './receipt/verify-key-receipt.ts';
export {
  createSubtreeCache,
  openReceiptLog,
  type ReceiptLog,
  type ReceiptOptions,
  type ReceiptToken,
  type ReceiptVerdict,
  rebuildLeafHash,
  verifyReceipt,
} from './receipt/verify-receipt.ts';
export {
  isVerificationError,
  REFUSAL_CODES,
  type RefusalCode,
  VerificationError,
} from './refusal.ts';
export { createUseReporter, type UseReporterOptions } from './reports/report-uses.ts';
export type { Standing, StandingOptions } from './sessions/judge-ground.ts';
export { groundOf, isSessionGround, type SessionGround } from './sessions/session-ground.ts';
export type { SessionEnd, WatchedSession } from './sessions/watch-sessions.ts';
export type { CheckResult } from './token/explain-token.ts';
export type { TokenHeader } from './token/read-header.ts';
export type { TokenClaims, TokenContext, VerifiedToken } from './token/token-context.ts';
export type { VerifierOptions } from './verifier-options.ts';
