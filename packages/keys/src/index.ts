export type { AccessEntry, AccessKind, AccessPage } from './access/access-record.ts';
export { connectLocalSigner } from './client/local-signer.ts';
export type { SignAnswer } from './client/messages.ts';
export { connectRelay, type RelayedOptions } from './client/relay-client.ts';
export { createSignerRelay, type SignerRelayOptions } from './client/relay-requests.ts';
export { type ServeSignerOptions, serveSigner } from './client/serve-signer.ts';
export { createSignerClient, type SignerClient } from './client/signer-client.ts';
export {
  createSignerSet,
  type NamedSigner,
  type SignerSet,
  type SignerSetOptions,
} from './client/signer-set.ts';
export type { CustodyKind } from './custody/custody.ts';
export {
  type CustodyLaunch,
  type CustodySettings,
  planCustodyLaunch,
} from './custody/custody-launch.ts';
export {
  type CustodyPlan,
  custodiesOf,
  kmsShape,
  parseCustodyPlan,
  type ReadSecret,
  tokenShape,
} from './custody/custody-plan.ts';
export { type KdfParameters, passphraseBytes } from './custody/derive-key.ts';
export type { KeyFileRecord } from './custody/key-file.ts';
export { type OpenedKey, openKeyFile } from './custody/open-key-file.ts';
export type { PublicSigningJwk } from './custody/public-jwk.ts';
export type { JournalPlace } from './journal/journal.ts';
export type { JournalEntry } from './journal/read-entries.ts';
export {
  type CustodyRefusal,
  custodyRefusal,
  RETRY_AFTER_SECONDS,
  type SignerRefusal,
  signerRefusal,
} from './keys-error.ts';
export type { KeyLife, KeyState } from './life/key-life.ts';
export {
  ALARM_AT_SHARE,
  KEY_PROFILES,
  type KeyProfile,
  type KeySchedule,
  keySchedule,
  REALM_KINDS,
  type RealmKind,
  type ShorterSchedule,
} from './life/key-profile.ts';
export {
  type KeyAction,
  type KeyPlan,
  type KeySeat,
  type MakeKey,
  type MoveKey,
  type NextChange,
  type PlanFacts,
  type PlanInput,
  type RotationWish,
  signerOf,
} from './life/plan-facts.ts';
export { planKeyLives } from './life/plan-key-lives.ts';
export type { KeyCounts, PublicKeyRecord } from './life/public-key-record.ts';
export {
  type KeyScope,
  LONGEST_KEY_LIFETIME_SECONDS,
  LONGEST_TOKEN_LIFETIME_SECONDS,
  parseKeyScope,
  type SignatureAlg,
  type TokenType,
} from './scope/key-scope.ts';
export { SIGNING_INPUT_LIMIT_BYTES } from './scope/parse-signing-input.ts';
export type { SignerOptions } from './signing/open-folder.ts';
export type { SignOutcome } from './signing/sign-with.ts';
export {
  type ChangeKeyOptions,
  type ListKeysOptions,
  type MakeKeyOptions,
  Signer,
  type SignerStatus,
  type SignRequest,
} from './signing/signer.ts';
export type { TrippedKey } from './signing/tripwires.ts';
