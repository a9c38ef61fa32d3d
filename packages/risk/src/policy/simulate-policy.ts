// What a policy would have done about acts that are over: how many would have been asked, kept out or
// limited, whom that would have been, and who could never have passed. One pass, bounded memory.

import { type DecisionFacts, decide, type PolicyView } from './decide.ts';
import { ACTIONS, type PolicyAction, type RiskPolicy } from './risk-policy.ts';

export interface PastAct {
  id: string;
  timeMs: number;
  /** Absent: nobody's name. */
  subject?: string;
  view: PolicyView;
  facts: DecisionFacts;
  /** What was done then, where it is known. */
  done?: PolicyAction;
}

export interface ActionCounts {
  allow: number;
  step_up: number;
  deny: number;
  /** Allowed or asked, with tokens shorter or narrower. */
  limited: number;
  notified: number;
}

export interface PolicySimulation {
  policy: string;
  acts: number;
  fromMs?: number;
  toMs?: number;
  total: ActionCounts;
  byPopulation: Record<string, ActionCounts>;
  /** The busiest apps; the rest are under `others`. */
  byApp: Record<string, ActionCounts>;
  /** How often each rule fitted. */
  byRule: Record<string, number>;
  people: {
    seen: number;
    askedOrDenied: number;
    denied: number;
    /** Denied each time they came: nothing they have would have let them in. */
    neverIn: number;
    /** True: there were more people than are told apart, and the numbers of people are too low. */
    more: boolean;
  };
  /** Beside what was done then. */
  compared: { stricter: number; milder: number; same: number };
  /** The first of those that differ. */
  examples: {
    id: string;
    timeMs: number;
    subject?: string;
    done: PolicyAction;
    would: PolicyAction;
  }[];
}

export const SIMULATION_LIMITS = { people: 1_000_000, apps: 50, examples: 20 } as const;

const ASKED = 1;
const DENIED = 2;
const CAME_IN = 4;

/** A simulation under way: a long one is done in pieces, so that others have their turn in between. */
export interface RunningSimulation {
  add(act: PastAct): void;
  end(): PolicySimulation;
}

export function simulatePolicy(policy: RiskPolicy, acts: Iterable<PastAct>): PolicySimulation {
  const running = openSimulation(policy);
  for (const act of acts) running.add(act);
  return running.end();
}

export function openSimulation(policy: RiskPolicy): RunningSimulation {
  const people = new Map<string, number>();
  const result = emptySimulation(policy);
  return {
    add: (act) => addAct(policy, result, people, act),
    end: () => {
      for (const marks of people.values()) {
        if ((marks & (ASKED | DENIED)) !== 0) result.people.askedOrDenied += 1;
        if ((marks & DENIED) !== 0) result.people.denied += 1;
        if ((marks & DENIED) !== 0 && (marks & CAME_IN) === 0) result.people.neverIn += 1;
      }
      result.people.seen = people.size;
      return result;
    },
  };
}

function addAct(
  policy: RiskPolicy,
  result: PolicySimulation,
  people: Map<string, number>,
  act: PastAct,
): void {
  const outcome = decide(policy, act.view, act.facts);
  result.acts += 1;
  result.fromMs = Math.min(result.fromMs ?? act.timeMs, act.timeMs);
  result.toMs = Math.max(result.toMs ?? act.timeMs, act.timeMs);
  for (const counts of countsOf(result, act)) {
    counts[outcome.action] += 1;
    if (outcome.limit !== undefined && outcome.action !== 'deny') counts.limited += 1;
    if (outcome.notify) counts.notified += 1;
  }
  for (const rule of outcome.rules) countRule(result.byRule, rule);
  notePerson(result, people, act.subject, outcome.action);
  compare(result, act, outcome.action);
}

function emptySimulation(policy: RiskPolicy): PolicySimulation {
  return {
    ...{ policy: policy.name, acts: 0, total: noCounts() },
    ...{ byPopulation: {}, byApp: {}, byRule: {} },
    people: { seen: 0, askedOrDenied: 0, denied: 0, neverIn: 0, more: false },
    compared: { stricter: 0, milder: 0, same: 0 },
    examples: [],
  };
}

function noCounts(): ActionCounts {
  return { allow: 0, step_up: 0, deny: 0, limited: 0, notified: 0 };
}

function countsOf(result: PolicySimulation, { facts }: PastAct): ActionCounts[] {
  const wanted = facts.app ?? 'none';
  const room = Object.keys(result.byApp).length < SIMULATION_LIMITS.apps;
  const app = Object.hasOwn(result.byApp, wanted) || room ? wanted : 'others';
  const population = countsIn(result.byPopulation, facts.population);
  return [result.total, population, countsIn(result.byApp, app)];
}

function countRule(record: Record<string, number>, name: string): void {
  const value = (Object.hasOwn(record, name) ? (record[name] ?? 0) : 0) + 1;
  Object.defineProperty(record, name, {
    ...{ value, enumerable: true, writable: true, configurable: true },
  });
}

function countsIn(record: Record<string, ActionCounts>, name: string): ActionCounts {
  const found = Object.hasOwn(record, name) ? record[name] : undefined;
  if (found !== undefined) return found;
  const counts = noCounts();
  // Defined, not assigned: an app may be called __proto__.
  Object.defineProperty(record, name, { value: counts, enumerable: true });
  return counts;
}

function notePerson(
  result: PolicySimulation,
  people: Map<string, number>,
  subject: string | undefined,
  action: PolicyAction,
): void {
  if (subject === undefined) return;
  const before = people.get(subject);
  if (before === undefined && people.size >= SIMULATION_LIMITS.people) {
    result.people.more = true;
    return;
  }
  // Who is asked has the factor to pass with.
  const marks = { allow: CAME_IN, step_up: ASKED | CAME_IN, deny: DENIED }[action];
  people.set(subject, (before ?? 0) | marks);
}

function compare(result: PolicySimulation, act: PastAct, would: PolicyAction): void {
  if (act.done === undefined) return;
  const difference = ACTIONS.indexOf(would) - ACTIONS.indexOf(act.done);
  if (difference === 0) {
    result.compared.same += 1;
    return;
  }
  if (difference > 0) result.compared.stricter += 1;
  else result.compared.milder += 1;
  if (result.examples.length >= SIMULATION_LIMITS.examples) return;
  const { id, timeMs, subject, done } = act;
  result.examples.push({ id, timeMs, ...(subject === undefined ? {} : { subject }), done, would });
}
