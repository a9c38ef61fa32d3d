// Reads a policy somebody wrote. Nothing that is not understood is let through: a misspelt member would
// be a rule that never fires, and nobody would notice until it was needed.

import { POPULATIONS } from '@countersign/vocabulary';
import { RiskError } from '../risk-error.ts';
import {
  ACTIONS,
  type AuditSample,
  POLICY_LIMITS,
  type PolicyCondition,
  type PolicyRule,
  type RiskPolicy,
  type TokenLimit,
} from './risk-policy.ts';

const KINDS = ['sign_in', 'step_up', 'refresh', 'token', 'use'] as const;
const SUBJECTS = ['person', 'device', 'workload', 'agent'] as const;
const LEVELS = ['medium', 'high'] as const;
const CODE = /^[a-z][a-z0-9_]{1,63}$/;

export interface ParsePolicyOptions {
  /** Codes of the detectors there are. Default: any code is taken. */
  detections?: readonly string[];
}

/** @throws RiskError `bad_policy`, naming the first member that is wrong and what it may be. */
export function parsePolicy(given: unknown, options: ParsePolicyOptions = {}): RiskPolicy {
  const policy = objectOf(given, 'the policy', POLICY_MEMBERS);
  if (policy['version'] !== 1) refuse('version', 'must be 1');
  const rules = listOf(policy['rules'], 'rules', POLICY_LIMITS.rules).map((rule, index) =>
    parseRule(rule, `rules[${index}]`, options),
  );
  const names = new Set<string>();
  for (const [index, { name }] of rules.entries()) {
    if (names.has(name)) refuse(`rules[${index}].name`, 'is the name of another rule');
    names.add(name);
  }
  const { administrators } = policy;
  return {
    version: 1,
    name: textOf(policy['name'], 'name'),
    rules,
    ...some('audit', policy['audit'], parseAudit),
    ...(administrators === undefined
      ? {}
      : {
          administrators: textsOf(administrators, 'administrators', POLICY_LIMITS.administrators),
        }),
  };
}

const POLICY_MEMBERS = ['version', 'name', 'rules', 'audit', 'administrators'];

function parseAudit(given: unknown): AuditSample {
  const audit = objectOf(given, 'audit', ['share', 'populations']);
  const { smallestAudit: least, largestAudit: most } = POLICY_LIMITS;
  return {
    share: numberOf(audit['share'], 'audit.share', least, most),
    ...some('populations', audit['populations'], (list) =>
      chosen(list, 'audit', 'populations', POPULATIONS),
    ),
  };
}

const RULE_MEMBERS = [
  ...['name', 'populations', 'subjects', 'kinds', 'apps', 'when'],
  ...['action', 'withoutFactor', 'limit', 'notify'],
];

function parseRule(given: unknown, path: string, options: ParsePolicyOptions): PolicyRule {
  const rule = objectOf(given, path, RULE_MEMBERS);
  const action = oneOf(rule['action'], `${path}.action`, ACTIONS);
  const { withoutFactor, notify, limit } = rule;
  if (withoutFactor !== undefined && action !== 'step_up') {
    refuse(`${path}.withoutFactor`, 'belongs to the action step_up only');
  }
  if (notify !== undefined && typeof notify !== 'boolean') {
    refuse(`${path}.notify`, 'must be true or false');
  }
  if (limit !== undefined && action === 'deny') {
    refuse(`${path}.limit`, 'cannot go with deny: there is no token to limit');
  }
  return {
    name: textOf(rule['name'], `${path}.name`),
    ...some('populations', rule['populations'], (list) =>
      chosen(list, path, 'populations', POPULATIONS),
    ),
    ...some('subjects', rule['subjects'], (list) => chosen(list, path, 'subjects', SUBJECTS)),
    ...some('kinds', rule['kinds'], (list) => chosen(list, path, 'kinds', KINDS)),
    ...some('apps', rule['apps'], (list) => textsOf(list, `${path}.apps`, POLICY_LIMITS.apps)),
    when: parseCondition(rule['when'], `${path}.when`, options),
    action,
    ...some('withoutFactor', withoutFactor, (way) =>
      oneOf(way, `${path}.withoutFactor`, ['allow', 'deny'] as const),
    ),
    ...some('limit', limit, (value) => parseLimit(value, `${path}.limit`)),
    ...(typeof notify === 'boolean' ? { notify } : {}),
  };
}

function parseCondition(
  given: unknown,
  path: string,
  { detections: known }: ParsePolicyOptions,
): PolicyCondition {
  const when = objectOf(given, path, ['level', 'score', 'detections']);
  const { level, score, detections } = when;
  if (level === undefined && score === undefined && detections === undefined) {
    refuse(
      path,
      'must have level, score or detections: a rule for everything is no rule about risk',
    );
  }
  return {
    ...some('level', level, (value) => oneOf(value, `${path}.level`, LEVELS)),
    ...some('score', score, (value) => numberOf(value, `${path}.score`, 0, 100)),
    ...some('detections', detections, (list) => {
      const codes = textsOf(list, `${path}.detections`, POLICY_LIMITS.detections);
      for (const code of codes) {
        if (!CODE.test(code))
          refuse(`${path}.detections`, 'must hold codes such as password_spray');
        if (known !== undefined && !known.includes(code)) {
          refuse(`${path}.detections`, `"${code}" is no detection; there are ${known.join(', ')}`);
        }
      }
      return codes;
    }),
  };
}

function parseLimit(given: unknown, path: string): TokenLimit {
  const limit = objectOf(given, path, ['accessTokenSeconds', 'withoutScopes']);
  const { accessTokenSeconds, withoutScopes } = limit;
  if (accessTokenSeconds === undefined && withoutScopes === undefined) {
    refuse(path, 'must have accessTokenSeconds or withoutScopes');
  }
  const { shortestTokenSeconds: least, longestTokenSeconds: most, scopes } = POLICY_LIMITS;
  return {
    ...some('accessTokenSeconds', accessTokenSeconds, (value) =>
      Math.floor(numberOf(value, `${path}.accessTokenSeconds`, least, most)),
    ),
    ...some('withoutScopes', withoutScopes, (list) =>
      textsOf(list, `${path}.withoutScopes`, scopes),
    ),
  };
}

function some<Key extends string, Value>(
  key: Key,
  given: unknown,
  read: (given: unknown) => Value,
): { [name in Key]?: Value } {
  return given === undefined ? {} : ({ [key]: read(given) } as { [name in Key]?: Value });
}

function chosen<Value extends string>(
  list: unknown,
  path: string,
  member: string,
  from: readonly Value[],
): Value[] {
  const place = `${path}.${member}`;
  return listOf(list, place, from.length).map((value) => oneOf(value, place, from));
}

function objectOf(
  given: unknown,
  path: string,
  members: readonly string[],
): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return refuse(path, 'must be an object');
  }
  const stranger = Object.keys(given).find((name) => !members.includes(name));
  if (stranger !== undefined) {
    refuse(path, `has no member "${stranger.slice(0, 64)}"; there are ${members.join(', ')}`);
  }
  return { ...given };
}

function listOf(given: unknown, path: string, most: number): unknown[] {
  if (!Array.isArray(given) || given.length === 0)
    return refuse(path, 'must be a list of one or more');
  if (given.length > most) refuse(path, `must not be longer than ${most}`);
  return given;
}

function textsOf(given: unknown, path: string, most: number): string[] {
  return listOf(given, path, most).map((value) => textOf(value, path));
}

function textOf(given: unknown, path: string): string {
  const right =
    typeof given === 'string' &&
    given !== '' &&
    given.length <= POLICY_LIMITS.text &&
    !hasControl(given);
  return right ? given : refuse(path, `must be a text of 1 to ${POLICY_LIMITS.text} characters`);
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function numberOf(given: unknown, path: string, least: number, most: number): number {
  const right = typeof given === 'number' && given >= least && given <= most;
  return right ? given : refuse(path, `must be a number from ${least} to ${most}`);
}

function oneOf<Value extends string>(given: unknown, path: string, from: readonly Value[]): Value {
  const found = from.find((value) => value === given);
  return found ?? refuse(path, `must be one of ${from.join(', ')}`);
}

function refuse(path: string, problem: string): never {
  throw new RiskError('bad_policy', `The risk policy is refused: ${path} ${problem}.`);
}
