// What a policy says about one assessed act. The strictest rule that fits wins, limits add up. Two things
// soften a "deny", and both are on record: an act of somebody of whom nothing is known yet and whom no
// detection names, and the last administrator who can still get in.

import type { AttemptKind, Population, SubjectKind } from '@countersign/vocabulary';
import type { Assessment } from '../assess/assessment.ts';
import { isAudited } from './draw-audit.ts';
import {
  ACTIONS,
  type PolicyAction,
  type PolicyRule,
  type RiskPolicy,
  type TokenLimit,
} from './risk-policy.ts';

/** What of an assessment a policy can ask for. */
export type PolicyView = Pick<Assessment, 'score' | 'level' | 'state'> & {
  detections: readonly { code: string }[];
  /** Heads by name with the share of legitimate acts that look as odd. */
  heads: Partial<Record<string, { tail: number }>>;
};

export interface DecisionFacts {
  population: Population;
  subjectKind: SubjectKind;
  kind: AttemptKind;
  app?: string;
  /** Has a second factor that could be asked for. Workloads and devices never do. */
  hasFactor: boolean;
  /** Proved one in this very act. */
  factorProved: boolean;
  /** Is an administrator of the tenant. */
  administrator: boolean;
  /** Another administrator could sign in now. */
  otherAdministratorsAble: boolean;
  /** In [0, 1): by chance, and the same all day. Absent: nobody may be asked by chance. */
  draw?: number;
}

export interface PolicyOutcome {
  action: PolicyAction;
  limit?: TokenLimit;
  notify: boolean;
  /** Names of the rules that fitted, in their order. */
  rules: string[];
  /** Why the action is milder than the rules said. */
  softened?: 'last_administrator' | 'no_history';
  /** Asked by chance: no rule would have. */
  audited?: true;
}

const LEVELS = ['low', 'medium', 'high'] as const;
/** A head that is this odd may deny somebody without history. */
const HIGH_SHARE = 0.001;
const LAST_ADMINISTRATOR_LIMIT: TokenLimit = { accessTokenSeconds: 120 };

export function decide(policy: RiskPolicy, view: PolicyView, facts: DecisionFacts): PolicyOutcome {
  const rules = policy.rules.filter((rule) => isFor(rule, facts) && holds(rule, view));
  const asked = strictest(rules.map((rule) => actionOf(rule, facts)));
  const limit = addLimits(rules);
  const outcome: PolicyOutcome = {
    action: asked,
    ...(limit === undefined ? {} : { limit }),
    notify: rules.some(({ notify }) => notify === true),
    rules: rules.map(({ name }) => name),
  };
  if (asked === 'allow' && isAudited(policy, facts)) {
    return { ...outcome, action: 'step_up', audited: true };
  }
  if (asked !== 'deny') return outcome;
  if (isUnfounded(view)) return soften(outcome, facts, 'no_history');
  if (facts.administrator && !facts.otherAdministratorsAble) {
    return soften(outcome, facts, 'last_administrator');
  }
  return outcome;
}

function isFor(rule: PolicyRule, facts: DecisionFacts): boolean {
  return (
    (rule.populations?.includes(facts.population) ?? true) &&
    (rule.subjects?.includes(facts.subjectKind) ?? true) &&
    (rule.kinds?.includes(facts.kind) ?? true) &&
    (rule.apps === undefined || (facts.app !== undefined && isIn(rule.apps, facts.app)))
  );
}

function holds({ when }: PolicyRule, view: PolicyView): boolean {
  if (when.level !== undefined && LEVELS.indexOf(view.level) < LEVELS.indexOf(when.level)) {
    return false;
  }
  // A score that is no number is no low score.
  if (when.score !== undefined && view.score < when.score) return false;
  const { detections } = when;
  return detections === undefined || view.detections.some(({ code }) => isIn(detections, code));
}

/** Lists of policies: whoever writes the longest there may be must not slow down every act. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function isIn(list: readonly string[], name: string): boolean {
  let names = sets.get(list);
  if (names === undefined) {
    names = new Set(list);
    sets.set(list, names);
  }
  return names.has(name);
}

function actionOf(rule: PolicyRule, facts: DecisionFacts): PolicyAction {
  if (rule.action !== 'step_up') return rule.action;
  if (facts.factorProved) return 'allow';
  return facts.hasFactor ? 'step_up' : (rule.withoutFactor ?? 'deny');
}

function strictest(actions: readonly PolicyAction[]): PolicyAction {
  const places = actions.map((action) => ACTIONS.indexOf(action));
  return ACTIONS[Math.max(0, ...places)] ?? 'deny';
}

function addLimits(rules: readonly PolicyRule[]): TokenLimit | undefined {
  const limits = rules.flatMap(({ limit }) => (limit === undefined ? [] : [limit]));
  if (limits.length === 0) return undefined;
  const seconds = limits.flatMap(({ accessTokenSeconds }) => accessTokenSeconds ?? []);
  const withoutScopes = [...new Set(limits.flatMap((limit) => limit.withoutScopes ?? []))];
  return {
    ...(seconds.length === 0 ? {} : { accessTokenSeconds: Math.min(...seconds) }),
    ...(withoutScopes.length === 0 ? {} : { withoutScopes }),
  };
}

/** Somebody new is odd in everything: that alone shuts nobody out. */
function isUnfounded(view: PolicyView): boolean {
  const traffic = view.heads['infrastructure']?.tail;
  return (
    view.state === 'learning' &&
    view.detections.length === 0 &&
    (traffic === undefined || traffic > HIGH_SHARE)
  );
}

function soften(
  outcome: PolicyOutcome,
  facts: DecisionFacts,
  softened: NonNullable<PolicyOutcome['softened']>,
): PolicyOutcome {
  const milder = { ...outcome, notify: true, softened };
  if (facts.hasFactor && !facts.factorProved) return { ...milder, action: 'step_up' };
  const seconds = Math.min(
    outcome.limit?.accessTokenSeconds ?? Number.POSITIVE_INFINITY,
    LAST_ADMINISTRATOR_LIMIT.accessTokenSeconds ?? 0,
  );
  return { ...milder, action: 'allow', limit: { ...outcome.limit, accessTokenSeconds: seconds } };
}
