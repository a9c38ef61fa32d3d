export type { ActivityFacts, TouchedItem } from './activity.ts';
export type {
  Attempt,
  AttemptFailure,
  AttemptKind,
  RequestSurroundings,
  RiskDecision,
  RiskLevel,
  SaidReason,
  SubjectKind,
} from './attempt.ts';
export { type Clock, ManualClock, systemClock, toSeconds } from './clock.ts';
export { CodedError, type CodedErrorOptions, isCodedError } from './coded-error.ts';
export type { EventName } from './event-names.ts';
export type {
  ActorFacts,
  CountersignEvent,
  ExtraFacts,
  ItemFacts,
  RequestFacts,
  RiskFacts,
  Severity,
  TokenFacts,
} from './events.ts';
export {
  newId,
  newSecret,
  newTimedId,
  type Random,
  seededRandom,
  systemRandom,
} from './random.ts';
export {
  isPopulation,
  isTenantName,
  POPULATIONS,
  type Population,
  parseRealmId,
  type Realm,
  type RealmId,
  realmId,
  realmIssuer,
} from './realm.ts';
