export type { RecentSignIn, RecentSignIns, SignInAnswer } from './account/recent-sign-ins.ts';
export { providerMigrations } from './artifacts/migrations.ts';
export type { ProviderTables } from './artifacts/tables.ts';
export { createKeyLives } from './key-lives/create-key-lives.ts';
export type {
  KeyLives,
  KeyLivesCode,
  KeyView,
  RotateOptions,
  RotatorHeartbeat,
} from './key-lives/key-lives.ts';
export type { KeyLivesLimits, KeyLivesOptions } from './key-lives/key-lives-options.ts';
export {
  type KeyPauseParts,
  type KeyPauses,
  keepPauses,
  type PauseProposal,
} from './key-lives/pauses/keep-pauses.ts';
export {
  defaultPauseLimits,
  type KeyPause,
  type PauseCode,
  type PauseLimits,
} from './key-lives/pauses/key-pause.ts';
export { createKeyLog, type KeyLog } from './key-log/log-key-events.ts';
export { defaultLimits, type ProviderLimits } from './limits.ts';
export {
  defaultPolicies,
  type GrantType,
  longestTokenSeconds,
  type PopulationPolicy,
} from './population-policy.ts';
export type { ProviderCode } from './provider-error.ts';
export { createProvider, type ProviderHouse } from './provider-house.ts';
export type { ProviderOptions } from './provider-options.ts';
export type { ProviderSecrets } from './realm/realm-secrets.ts';
export type { AddressOf } from './realm/request-facts.ts';
export {
  allowEverything,
  type GateDecision,
  type RiskGate,
  type SettledAttempt,
  type TokenLimits,
} from './risk-gate/risk-gate.ts';
export { type SurroundingsOf, surroundingsOfHeaders } from './risk-gate/surroundings-of.ts';
export type { EndedSignIns } from './sign-in/end-sign-ins.ts';
