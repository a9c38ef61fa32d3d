// "What was read with it?" in two readings of the same records: the first learns what belongs to the
// question, the second folds what was touched, per person and tenant. Memory is that of the answer.

import type { Activity } from '../activity.ts';
import { RecentKeys } from '../recent-keys.ts';
import { Reconciliation, type ReconciliationOptions } from '../reconcile.ts';
import { DEFAULT_LIMITS } from '../tolerances.ts';
import { BlindSpots } from './blind-spots.ts';
import { PersonNames } from './name-person.ts';
import { type ItemRoom, PersonPage } from './person-page.ts';
import type { Question } from './question.ts';
import { sumPages, sumTenants } from './sum-pages.ts';
import { LINK_REASONS, Trace } from './trace.ts';

export interface ExposureOptions extends ReconciliationOptions {
  /** Different items that are held; what is beyond is counted. Default 500,000. */
  mostItems?: number;
  /** Items listed for each person. Default 1,000. */
  mostListed?: number;
  /** People told one by one. Default 10,000. */
  mostPeople?: number;
}

export type ExposureReport = ReturnType<Exposure['report']>;

/** Nothing before the first record that was found, in so short a time: the log may begin too late. */
const BEGINS_WITHIN_MS = 3_600_000;

export class Exposure {
  readonly #question: Question;
  readonly #options: Required<Pick<ExposureOptions, 'mostItems' | 'mostListed' | 'mostPeople'>>;
  readonly #trace: Trace;
  readonly #matching: Reconciliation;
  readonly #keys = new RecentKeys(DEFAULT_LIMITS.mostKeys);
  readonly #pages = new Map<string, PersonPage>();
  readonly #names = new PersonNames();
  readonly #room: ItemRoom;
  readonly #blind = new BlindSpots();
  readonly #events = { issues: 0, revocations: 0, others: 0 };
  readonly #read = { records: 0, duplicates: 0, sources: {} as Record<string, number> };
  #firstMs: number | null = null;
  #lastMs: number | null = null;
  #foundMs: number | null = null;
  #issuerRecords = 0;
  #judges = true;

  constructor(question: Question, options: ExposureOptions = {}) {
    this.#question = question;
    const { mostItems = 500_000, mostListed = 1000, mostPeople = 10_000 } = options;
    this.#options = { mostItems, mostListed, mostPeople };
    this.#trace = new Trace(question);
    this.#matching = new Reconciliation(options);
    this.#room = { left: mostItems };
  }

  /** First reading. Every record, in any order. */
  learn(activity: Activity): void {
    this.#trace.learn(activity);
    this.#names.learn(activity.facts);
    this.learnIssue(activity);
  }

  /** A sign-in or revocation that need not belong to the question, but without which nothing is judged. */
  learnIssue(activity: Activity): void {
    const { kind } = activity.facts;
    if (kind !== 'sign_in' && kind !== 'token' && kind !== 'revocation') return;
    this.#issuerRecords += 1;
    this.#matching.addIssued(activity);
  }

  /** A record that shows how far an issuer's log reaches, whatever it tells of. First reading. */
  learnReach(activity: Activity): void {
    this.#matching.addIssued(activity);
  }

  /** Not all sign-ins could be read: nobody is told that a token was never issued. */
  withholdJudgement(): void {
    this.#judges = false;
  }

  /** What the first reading learned, so that a search can ask for what else may belong. */
  get trace(): Pick<Trace, 'tokens' | 'sessions' | 'holders' | 'fromMs' | 'toMs' | 'overflowed'> {
    return this.#trace;
  }

  /** Not all that there is was read: counts are at least what they say. */
  addBound(): void {
    this.#blind.add('bounded');
  }

  /** Second reading: the same records once more. */
  add(activity: Activity, recognised = true): void {
    this.#read.records += 1;
    if (!this.#keys.add(`${activity.source} ${activity.key}`)) {
      this.#read.duplicates += 1;
      return;
    }
    const { timeMs, facts, source } = activity;
    this.#read.sources[source] = (this.#read.sources[source] ?? 0) + 1;
    this.#firstMs = Math.min(this.#firstMs ?? timeMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs ?? timeMs, timeMs);
    if (!recognised) this.#blind.add('unmapped', activity);
    const { gap } = activity;
    if (gap !== undefined) this.#blind.addSpan('log_gap', gap.fromMs, gap.toMs);
    const link = this.#trace.linkOf(activity);
    if (link === undefined) return;
    this.#foundMs = Math.min(this.#foundMs ?? timeMs, timeMs);
    if (facts.kind === 'sign_in' || facts.kind === 'token') this.#events.issues += 1;
    else if (facts.kind === 'revocation') this.#events.revocations += 1;
    else if (facts.kind === 'other') this.#events.others += 1;
    else {
      if (this.#judges) this.#matching.addUsed(activity);
      this.#fold(activity, link);
    }
  }

  /** Parts of the input that were not read, told with the answer. */
  addUnreadable(count: number): void {
    if (count > 0) this.#blind.addSpan('unreadable', null, null, [], count);
  }

  report() {
    const pages = [...this.#pages.values()].map((page) => page.describe(this.#options.mostListed));
    const { tokens, sessions, clients, addresses, overflowed } = this.#trace;
    if (overflowed || this.#room.left <= 0) this.#blind.add('bounded');
    this.#tellEdges(pages.length > 0);
    const blind = this.#blind.list();
    const { findings, used, issued } = this.#matching.report();
    return {
      question: this.#question,
      touched: sumPages(pages, blind),
      tenants: sumTenants(pages),
      people: pages.sort((a, b) => b.items.total - a.items.total || (a.person < b.person ? -1 : 1)),
      link: {
        ...{ tokens: [...tokens].slice(0, 100), sessions: [...sessions].slice(0, 100) },
        ...{ clients: [...clients].slice(0, 100), addresses: [...addresses].slice(0, 100) },
        reasons: LINK_REASONS,
      },
      matching: {
        judged: this.#judges,
        /** How the records that were found stand to what the issuer's log says. */
        ...{ joined: used.token + used.session, unissued: used.unissued },
        ...{ undecided: used.undecided, unjoinable: used.unjoinable + used.weak, why: used.why },
        ...{ issuerCoverage: issued.coverage, findings },
      },
      events: this.#events,
      blindSpots: blind,
      coverage: { ...this.#read, firstMs: this.#firstMs, lastMs: this.#lastMs },
    };
  }

  #fold(activity: Activity, link: 'high' | 'medium' | 'low'): void {
    const { facts, timeMs } = activity;
    const person = this.#names.nameOf(facts);
    const key = `${facts.tenant ?? ''}\n${person}`;
    let page = this.#pages.get(key);
    if (page === undefined && this.#pages.size >= this.#options.mostPeople) {
      this.#blind.add('bounded', activity);
      return;
    }
    page ??= new PersonPage(person, facts.tenant ?? null);
    this.#pages.set(key, page);
    page.add(activity, link, this.#room);
    const seen = { timeMs, persons: [person] };
    const whole =
      facts.itemsComplete === false && facts.items?.some((each) => each.kind === 'folder');
    if (whole) this.#blind.add('whole_folder', seen);
    // A folder that was synchronised is summed up by its nature; that it was is said already.
    if (facts.gap !== undefined && !(whole && facts.gap === 'aggregated'))
      this.#blind.add(facts.gap, seen);
    else if (facts.itemsComplete === false && !whole) this.#blind.add('truncated', seen);
    if (link === 'low') this.#blind.add('unjoined', seen);
  }

  #tellEdges(found: boolean): void {
    const { kind } = this.#question;
    if (found && this.#issuerRecords === 0 && (kind === 'token' || kind === 'session'))
      this.#blind.add('issuer_unknown');
    if (this.#foundMs === null || this.#firstMs === null) return;
    if (this.#foundMs - this.#firstMs < BEGINS_WITHIN_MS)
      this.#blind.addSpan('log_begins', this.#firstMs, this.#foundMs);
  }
}
