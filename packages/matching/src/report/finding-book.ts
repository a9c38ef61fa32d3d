// Findings, one for each class and id however many uses there are, within a bound.

import type { Activity } from '../activity.ts';
import type { Issue } from '../issues/issue.ts';
import type { Confidence, FindingClass, Verdict } from '../judge/judgement.ts';

export interface Finding {
  class: FindingClass;
  confidence: Confidence;
  reason: string;
  /** The token or session it is about; null where the record names none. */
  id: string | null;
  /** Uses it was seen in; for an id that was issued twice, issues. */
  count: number;
  firstMs: number;
  lastMs: number;
  persons: string[];
  tenants: string[];
  clients: string[];
  addresses: string[];
  /** By name, most frequent first. */
  operations: Record<string, number>;
  /** Items that these records name; `countersign audit exposure` lists them. */
  items: number;
  /** Where the records are: the first of them. */
  records: string[];
  /** What the issuer's log says of it; null when it says nothing. */
  issued: IssuedAs | null;
}

interface IssuedAs {
  at: string;
  timeMs: number;
  persons: readonly string[];
  client: string | null;
  ip: string | null;
}

const MOST_NAMES = 20;
const MOST_RECORDS = 5;
const RANK: Readonly<Record<Confidence, number>> = { high: 0, medium: 1, low: 2 };

export class FindingBook {
  readonly #most: number;
  readonly #findings = new Map<string, Finding>();
  /** Records with a finding for which there was no room. */
  leftOut = 0;
  readonly #counts = new Map<FindingClass, number>();

  constructor(most: number) {
    this.#most = most;
  }

  add(verdict: Verdict, activity: Activity, id: string | undefined, issue?: Issue): void {
    this.#counts.set(verdict.class, (this.#counts.get(verdict.class) ?? 0) + 1);
    const key = `${verdict.class} ${id ?? activity.at}`;
    let finding = this.#findings.get(key);
    if (finding === undefined) {
      if (this.#findings.size >= this.#most) {
        this.leftOut += 1;
        return;
      }
      finding = begin(verdict, activity, id, issue);
      this.#findings.set(key, finding);
    }
    extend(finding, verdict, activity);
  }

  /** The surest first, then by what touched most, then by time. */
  list(): Finding[] {
    return [...this.#findings.values()].sort(
      (a, b) =>
        RANK[a.confidence] - RANK[b.confidence] ||
        b.items - a.items ||
        b.count - a.count ||
        a.firstMs - b.firstMs ||
        String(a.id).localeCompare(String(b.id)),
    );
  }

  /** Records with a finding, by class. */
  counts(): Partial<Record<FindingClass, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }
}

function begin(verdict: Verdict, { timeMs }: Activity, id?: string, issue?: Issue): Finding {
  return {
    ...{ ...verdict, id: id ?? null, count: 0, firstMs: timeMs, lastMs: timeMs },
    ...{ persons: [], tenants: [], clients: [], addresses: [], operations: {} },
    ...{ items: 0, records: [] },
    issued:
      issue === undefined
        ? null
        : {
            ...{ at: issue.at, timeMs: issue.timeMs, persons: issue.persons },
            ...{ client: issue.client ?? null, ip: issue.ip ?? null },
          },
  };
}

function extend(finding: Finding, verdict: Verdict, { at, timeMs, facts }: Activity): void {
  finding.count += 1;
  finding.firstMs = Math.min(finding.firstMs, timeMs);
  finding.lastMs = Math.max(finding.lastMs, timeMs);
  if (RANK[verdict.confidence] < RANK[finding.confidence]) {
    finding.confidence = verdict.confidence;
    finding.reason = verdict.reason;
  }
  finding.items += facts.items?.length ?? 0;
  for (const person of facts.persons ?? []) keep(finding.persons, person);
  keep(finding.tenants, facts.tenant);
  keep(finding.clients, facts.client ?? facts.app);
  keep(finding.addresses, facts.ip);
  const { operations } = finding;
  const known = Object.hasOwn(operations, facts.operation);
  if (known || Object.keys(operations).length < MOST_NAMES)
    operations[facts.operation] = (known ? (operations[facts.operation] ?? 0) : 0) + 1;
  if (finding.records.length < MOST_RECORDS) finding.records.push(at);
}

function keep(list: string[], value: string | undefined): void {
  if (value !== undefined && list.length < MOST_NAMES && !list.includes(value)) list.push(value);
}
