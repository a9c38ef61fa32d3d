// A key as the rest of the house, the API and the watchdog see it.

import type { KeyPlan, PublicKeyRecord } from '@countersign/keys';
import type { Population } from '@countersign/vocabulary';
import type { KeyView } from './key-lives.ts';

export interface ViewParts {
  nowMs: number;
  next: KeyPlan['next'];
  pause: KeyView['paused'];
}

export function describeKey(key: PublicKeyRecord, { nowMs, next, pause }: ViewParts): KeyView {
  const { kid, alg, scope, life, custody, counts, signer = '', away } = key;
  const { notBeforeSeconds, notAfterSeconds } = scope;
  const ageShare =
    (nowMs / 1000 - notBeforeSeconds) / Math.max(1, notAfterSeconds - notBeforeSeconds);
  const nextChange = next.get(kid);
  return {
    kid,
    issuer: scope.issuer,
    tenant: scope.tenant,
    population: scope.population as Population,
    alg,
    state: life.state,
    sinceMs: { ...life.sinceMs },
    ...(life.reason === undefined ? {} : { reason: life.reason }),
    custody,
    signer,
    ...(away === true ? { away } : {}),
    notBeforeSeconds,
    notAfterSeconds,
    ageShare: Math.round(ageShare * 10_000) / 10_000,
    ...(nextChange === undefined ? {} : { nextChange }),
    counts: { ...counts },
    ...(pause === undefined ? {} : { paused: pause }),
  };
}
