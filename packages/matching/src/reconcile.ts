// The one way through this room: everything issued and revoked first, in any order, then every use, one
// at a time; then the report. Uses are judged and forgotten.

import { type Activity, withoutDevices } from './activity.ts';
import { issueOf } from './issues/issue.ts';
import { IssueIndex } from './issues/issue-index.ts';
import { type Gap, IssuerCoverage } from './issues/issuer-coverage.ts';
import { Revocations } from './issues/revocations.ts';
import { SharedText } from './issues/share-text.ts';
import { contradictionOf } from './judge/contradict.ts';
import { judgeUse } from './judge/judge-use.ts';
import type { Comparison, Judgement } from './judge/judgement.ts';
import { RecentKeys } from './recent-keys.ts';
import { FindingBook } from './report/finding-book.ts';
import { OperationBook } from './report/operation-counts.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_TOLERANCES,
  type MatchingLimits,
  type Tolerances,
} from './tolerances.ts';

export interface ReconciliationOptions {
  tolerances?: Partial<Tolerances>;
  limits?: Partial<MatchingLimits>;
  /** The issuer's log holds every kind of issue: no stream of it is missing. Default: not assumed. */
  complete?: boolean;
}

export type ReconciliationReport = ReturnType<Reconciliation['report']>;

export class Reconciliation {
  readonly #tolerances: Tolerances;
  readonly #limits: MatchingLimits;
  readonly #index: IssueIndex;
  readonly #coverage: IssuerCoverage;
  readonly #revocations = new Revocations();
  readonly #shared = new SharedText();
  readonly #findings: FindingBook;
  readonly #operations: OperationBook;
  readonly #keys: { issued: RecentKeys; revoked: RecentKeys; used: RecentKeys };
  readonly #issued = { records: 0, duplicates: 0, issues: 0, revocations: 0, others: 0 };
  readonly #used = { records: 0, duplicates: 0, others: 0, firstMs: null, lastMs: null } as {
    records: number;
    duplicates: number;
    others: number;
    firstMs: number | null;
    lastMs: number | null;
  };
  readonly #notCompared: Record<Comparison, number> = {
    ...{ person: 0, client: 0, network: 0, lifetime: 0 },
  };
  readonly #missing = new Set<string>();
  #judging = false;

  constructor({ tolerances, limits, complete = false }: ReconciliationOptions = {}) {
    this.#tolerances = { ...DEFAULT_TOLERANCES, ...tolerances };
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#index = new IssueIndex(this.#limits.mostIssues);
    this.#coverage = new IssuerCoverage({ tolerances: this.#tolerances, complete });
    this.#findings = new FindingBook(this.#limits.mostFindings);
    this.#operations = new OperationBook(this.#limits.mostOperations);
    const keys = () => new RecentKeys(this.#limits.mostKeys);
    this.#keys = { issued: keys(), revoked: keys(), used: keys() };
  }

  /** A record of the issuer's own log: sign-ins and tokens, and whatever else shows that it was on. */
  addIssued(given: Activity): void {
    const activity = withoutDevices(given);
    if (this.#judging) throw new Error('All that was issued comes before the first use.');
    this.#issued.records += 1;
    if (!this.#keys.issued.add(`${activity.source} ${activity.key}`)) {
      this.#issued.duplicates += 1;
      return;
    }
    this.#coverage.add(activity);
    if (activity.gap !== undefined) this.addGap(activity.gap);
    if (activity.facts.kind === 'revocation') {
      this.#issued.revocations += 1;
      this.#revoke(activity);
      return;
    }
    const issue = issueOf(activity, this.#shared);
    if (issue === undefined) {
      this.#issued.others += 1;
      return;
    }
    this.#issued.issues += 1;
    for (const id of issue.tokens) {
      const verdict = contradictionOf(issue, this.#index.byToken(id));
      if (verdict !== undefined) this.#findings.add(verdict, activity, id, issue);
    }
    this.#index.add(issue);
    this.#coverage.cutMs = this.#index.cutMs;
  }

  /** A record of what was ended; it need not be of the issuer, and shows nothing of its log's reach. */
  addRevoked(given: Activity): void {
    const activity = withoutDevices(given);
    if (this.#judging) throw new Error('All that was revoked comes before the first use.');
    if (activity.facts.kind === 'revocation') this.#revoke(activity);
  }

  /** A stretch of which the issuer itself says that its log has holes. */
  addGap(gap: Gap): void {
    this.#coverage.gaps.push(gap);
  }

  /** Undefined for a record that is no use, or that came before. */
  addUsed(given: Activity): Judgement | undefined {
    const activity = withoutDevices(given);
    this.#judging = true;
    const used = this.#used;
    used.records += 1;
    const { kind, operation } = activity.facts;
    if (kind !== 'access' && kind !== 'change') {
      used.others += 1;
      return undefined;
    }
    if (!this.#keys.used.add(`${activity.source} ${activity.key}`)) {
      used.duplicates += 1;
      return undefined;
    }
    used.firstMs = Math.min(used.firstMs ?? activity.timeMs, activity.timeMs);
    used.lastMs = Math.max(used.lastMs ?? activity.timeMs, activity.timeMs);
    const judgement = judgeUse(activity, {
      ...{ index: this.#index, coverage: this.#coverage },
      ...{ revocations: this.#revocations, tolerances: this.#tolerances },
    });
    this.#operations.add(operation, judgement);
    if (judgement.why === 'stream_missing')
      for (const stream of this.#coverage.missingFor(activity)) this.#missing.add(stream);
    for (const what of judgement.notCompared) this.#notCompared[what] += 1;
    const { tokens = [], sessions = [] } = activity.facts;
    const id = judgement.by ?? tokens[0] ?? sessions[0];
    for (const verdict of judgement.verdicts)
      this.#findings.add(verdict, activity, id, judgement.issue);
    return judgement;
  }

  report() {
    const findings = this.#findings.list();
    return {
      ok: findings.length === 0,
      issued: {
        ...this.#issued,
        coverage: this.#coverage.describe(),
        /** Logs of the issuer without which some uses stay undecided. */
        missingStreams: [...this.#missing].sort(),
        gaps: this.#coverage.gaps.length,
        /** Older issues that there was no room for: uses of them are undecided. */
        dropped: this.#index.dropped,
        decidedFromMs: Number.isFinite(this.#index.cutMs) ? this.#index.cutMs : null,
      },
      revoked: { revocations: this.#revocations.count, unnamed: this.#revocations.unnamed },
      used: { ...this.#used, ...this.#operations.total },
      notCompared: this.#notCompared,
      operations: this.#operations.list(),
      findings,
      findingRecords: this.#findings.counts(),
      leftOut: this.#findings.leftOut,
      tolerances: this.#tolerances,
      limits: this.#limits,
    };
  }

  #revoke(activity: Activity): void {
    if (activity.facts.outcome === 'failure') return;
    if (this.#keys.revoked.add(`${activity.source} ${activity.key}`))
      this.#revocations.add(activity);
  }
}
