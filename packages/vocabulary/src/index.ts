export { type Clock, ManualClock, systemClock, toSeconds } from './clock.ts';
export { CodedError, type CodedErrorOptions, isCodedError } from './coded-error.ts';
export type { CountersignEvent, EventName, RequestFacts, Severity, TokenFacts } from './events.ts';
export { newId, newSecret, type Random, seededRandom, systemRandom } from './random.ts';
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
