// What everything inside one realm shares. Two realms share none of it but the stores behind it.

import type { Audit, AuditTables } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { Store } from '@countersign/storage';
import type { Clock, Random, Realm, RealmId } from '@countersign/vocabulary';
import type { RecentSignIns } from '../account/recent-sign-ins.ts';
import type { ArtifactNames } from '../artifacts/hash-value.ts';
import type { ProviderTables } from '../artifacts/tables.ts';
import type { ProviderLimits } from '../limits.ts';
import type { PopulationPolicy } from '../population-policy.ts';
import type { RiskGate } from '../risk-gate/risk-gate.ts';
import type { SurroundingsOf } from '../risk-gate/surroundings-of.ts';
import type { Road } from '../road/open-road.ts';
import type { AttemptLimiter } from '../sign-in/limit-attempts.ts';
import type { RealmKeys } from './realm-keys.ts';
import type { RealmSecrets } from './realm-secrets.ts';
import type { AddressOf } from './request-facts.ts';

export interface RealmContext {
  id: RealmId;
  realm: Realm;
  /** What people read as the name of the organisation. */
  displayName: string;
  issuer: string;
  /** `/TENANT/POPULATION`, the path the realm is mounted under. */
  mountPath: string;
  policy: PopulationPolicy;
  limits: ProviderLimits;
  clock: Clock;
  random: Random;
  /** One store with the audit room: a change and its record are one transaction. */
  store: Store<ProviderTables & AuditTables>;
  audit: Audit;
  directory: Directory;
  names: ArtifactNames;
  /** Codes and refresh tokens whose redemption is under way; as many as there are requests. */
  beingUsed: Set<string>;
  secrets: RealmSecrets;
  keys: RealmKeys;
  road: Road;
  attempts: AttemptLimiter;
  addressOf: AddressOf;
  surroundingsOf: SurroundingsOf;
  risk: RiskGate;
  recentSignIns?: RecentSignIns | undefined;
  /** Whether registered addresses of clients may be private ones. */
  outbound: 'public' | 'any';
  /** Called after tokens were revoked, so that the verifier feed can follow at once. */
  onRevoked(): void;
  /** Of what went wrong without failing the request. */
  onFailure(error: unknown, reference: string): void;
}
