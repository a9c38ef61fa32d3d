// What is to be done about risk, as data that a tenant writes. Every condition says "at least", and of
// all rules that fit the strictest wins: so a higher score never gets a milder answer, in whatever order
// the rules stand.

import type { AttemptKind, Population, RiskLevel, SubjectKind } from '@countersign/vocabulary';

export type PolicyAction = 'allow' | 'step_up' | 'deny';

/** From mild to strict. */
export const ACTIONS: readonly PolicyAction[] = ['allow', 'step_up', 'deny'];

export interface TokenLimit {
  /** Longest life of an access token, in seconds. */
  accessTokenSeconds?: number;
  /** Scopes that are left out of it. */
  withoutScopes?: readonly string[];
}

/** All that are given must hold, and at least one is given. */
export interface PolicyCondition {
  /** At least this level. */
  level?: Exclude<RiskLevel, 'low'>;
  /** At least this score, 0 to 100. */
  score?: number;
  /** At least one of these detections. */
  detections?: readonly string[];
}

export interface PolicyRule {
  /** Unique in the policy; stands on record beside each decision it made. */
  name: string;
  /** Absent: all. */
  populations?: readonly Population[];
  subjects?: readonly SubjectKind[];
  kinds?: readonly AttemptKind[];
  /** Client ids. */
  apps?: readonly string[];
  when: PolicyCondition;
  action: PolicyAction;
  /** In the place of `step_up` for who has no second factor. Default `deny`. */
  withoutFactor?: 'allow' | 'deny';
  /** Holds for tokens that follow, also after a passed step-up. */
  limit?: TokenLimit;
  /** Tell the tenant's security contact. Default false. */
  notify?: boolean;
}

/** Sign-ins that are asked for the second factor whatever their score, by chance. */
export interface AuditSample {
  /** Of people and days, in (0, 0.05]. */
  share: number;
  /** Absent: all. */
  populations?: readonly Population[];
}

export interface RiskPolicy {
  version: 1;
  name: string;
  rules: readonly PolicyRule[];
  /** Absent: nobody is asked by chance. */
  audit?: AuditSample;
  /** Ids of people who administer the tenant: the last of them who can still sign in is never denied. */
  administrators?: readonly string[];
}

export const POLICY_LIMITS = {
  rules: 100,
  apps: 200,
  administrators: 50,
  detections: 64,
  scopes: 64,
  /** Characters of a name, an id or a scope. */
  text: 256,
  shortestTokenSeconds: 30,
  longestTokenSeconds: 86_400,
  smallestAudit: 0.0001,
  largestAudit: 0.05,
} as const;
