// Puts together what one realm works with: its names, its secrets, its policy, and the parts that all
// realms of the house share.

import { type Random, type Realm, realmId, realmIssuer } from '@countersign/vocabulary';
import { ArtifactNames } from '../artifacts/hash-value.ts';
import type { KeyLives } from '../key-lives/key-lives.ts';
import type { KeyLog } from '../key-log/log-key-events.ts';
import type { ProviderLimits } from '../limits.ts';
import { defaultPolicies } from '../population-policy.ts';
import type { ProviderOptions } from '../provider-options.ts';
import { allowEverything } from '../risk-gate/risk-gate.ts';
import { surroundingsOfHeaders } from '../risk-gate/surroundings-of.ts';
import type { Road } from '../road/open-road.ts';
import type { AttemptLimiter } from '../sign-in/limit-attempts.ts';
import type { RealmContext } from './realm-context.ts';
import { RealmKeys } from './realm-keys.ts';
import { deriveRealmSecrets } from './realm-secrets.ts';
import { addressOfSocket } from './request-facts.ts';
import { KeySetTeller } from './tell-key-set.ts';

export interface SharedParts {
  keyLog: KeyLog;
  keyLives: KeyLives;
  limits: ProviderLimits;
  random: Random;
  road: Road;
  /** Over all realms: one address guesses in many of them. */
  attempts: AttemptLimiter;
}

export function composeContext(
  options: ProviderOptions,
  shared: SharedParts,
  realm: Realm,
  displayName: string,
): RealmContext {
  const { keyLog, keyLives, ...parts } = shared;
  const { baseUrl, clock, store, audit, directory, signer } = options;
  const id = realmId(realm);
  const issuer = realmIssuer(baseUrl, realm);
  const policy = options.policies?.[realm.population] ?? defaultPolicies[realm.population];
  const addressOf = options.addressOf ?? addressOfSocket;
  const secrets = deriveRealmSecrets(options.secrets, id);
  const { jwksMaxAgeSeconds: maxAgeSeconds, keyFreshnessMs: freshnessMs } = shared.limits;
  const teller = new KeySetTeller({ audit, clock, realm: id, issuer, maxAgeSeconds });
  return {
    id,
    realm,
    displayName,
    issuer,
    mountPath: new URL(issuer).pathname,
    policy,
    clock,
    ...parts,
    store,
    audit,
    directory,
    secrets,
    names: new ArtifactNames(id, secrets.referenceKey),
    beingUsed: new Set(),
    keys: new RealmKeys({
      ...{ signer, keyLog, keyLives, realm, issuer },
      ...{ clock, freshnessMs },
      onShown: (kids) => teller.shows(kids),
    }),
    addressOf,
    surroundingsOf: options.surroundingsOf ?? surroundingsOfHeaders(addressOf),
    risk: options.risk ?? allowEverything,
    recentSignIns: options.recentSignIns,
    outbound: options.outbound ?? (isLoopback(issuer) ? 'any' : 'public'),
    onRevoked: () => options.onRevoked?.(),
    onFailure: (error, reference) => options.onFailure?.(error, reference),
  };
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
