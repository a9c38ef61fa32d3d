// A week of an issuer, a mail server, people who roam, and a thief: with records that come twice, late,
// without ids or not at all. Everything follows from one seed.

import { seededRandom } from '@countersign/vocabulary';
import type { Activity } from '../activity.ts';
import type { Gap } from '../issues/issuer-coverage.ts';
import type { FindingClass } from '../judge/judgement.ts';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const START_MS = Date.UTC(2026, 10, 2);
export const END_MS = START_MS + 5 * 24 * HOUR;
const THIEF = '9009';
/** Signs in with something so old that its issuer writes no token ids down. */
const OLD_PHONE = 'upn:dora';
const PEOPLE = ['upn:ada', 'upn:bob', 'upn:cleo', OLD_PHONE];

export interface Used {
  use: Activity;
  /** Undefined for an honest use. */
  theft?: { kind: string; expected: FindingClass };
}

export interface SimulatedWeek {
  issued: Activity[];
  gaps: Gap[];
  used: Used[];
}

interface Token {
  id: string;
  session: string;
  person: string;
  client: string;
  asn: string;
  issuedMs: number;
}

export class Week implements SimulatedWeek {
  readonly issued: Activity[] = [];
  readonly gaps: Gap[] = [];
  readonly used: Used[] = [];
  readonly #tokens: Token[] = [];
  readonly #revoked: { session: string; atMs: number }[] = [];
  readonly #random: () => number;
  #count = 0;

  constructor(seed: number) {
    const bytes = seededRandom(seed);
    this.#random = () => Buffer.from(bytes.bytes(4)).readUInt32LE() / 2 ** 32;
    const gapMs = START_MS + (40 + this.#below(40)) * HOUR;
    this.gaps.push({ fromMs: gapMs, toMs: gapMs + HOUR, reason: 'dropped' });
    for (const person of PEOPLE) for (let day = 0; day < 5; day += 1) this.#workDay(person, day);
    for (let theft = 0; theft < 14; theft += 1) this.#steal(theft);
    this.#spoil();
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #name(what: string): string {
    this.#count += 1;
    return `${what}-${this.#count}`;
  }

  /** One session; a token an hour, for whoever uses it until the next; networks change in between. */
  #workDay(person: string, day: number): void {
    const session = `sid:${this.#name('s')}`;
    const client = this.#chance(0.5) ? 'outlook' : 'phone';
    let atMs = START_MS + day * 24 * HOUR + (6 + this.#below(4)) * HOUR + this.#below(HOUR);
    let asn = '100';
    const hours = 2 + this.#below(6);
    for (let hour = 0; hour <= hours && atMs < END_MS; hour += 1, atMs += HOUR) {
      const token = { id: `uti:${this.#name('t')}`, session, person, client, asn, issuedMs: atMs };
      this.#issue(token, hour === 0 ? 'sign_in' : 'token');
      this.#tokens.push(token);
      if (hour === hours) break;
      const walksMs = atMs + this.#below(HOUR);
      const next = this.#chance(0.3) ? String(100 + this.#below(5)) : asn;
      for (let use = this.#below(4); use > 0; use -= 1) {
        const usedMs = atMs + this.#below(HOUR - 1);
        this.#use(token, usedMs, usedMs < walksMs ? asn : next, {});
      }
      asn = next;
    }
    if (!this.#chance(0.2)) return;
    this.#revoked.push({ session, atMs });
    const facts: Partial<Activity['facts']> = { sessions: [session] };
    this.#write(atMs, {
      ...facts,
      kind: 'revocation',
      outcome: 'success',
      operation: 'Revoke session',
      persons: [person],
    });
  }

  #issue({ id, session, person, client, asn, issuedMs }: Token, kind: 'sign_in' | 'token'): void {
    this.#write(issuedMs, {
      ...{ kind, outcome: 'success', operation: 'Sign-in', persons: [person] },
      ...(person === OLD_PHONE ? {} : { tokens: [id] }),
      ...{ sessions: [session], client, asn, tenant: 'acme' },
      ...{ tokenIssuedMs: issuedMs, tokenExpiresMs: issuedMs + HOUR },
    });
  }

  #write(timeMs: number, facts: Activity['facts']): void {
    const key = this.#name('i');
    const stream = facts.kind === 'sign_in' ? 'interactive' : 'non_interactive';
    const at = `issued:${key}`;
    this.issued.push({
      at,
      source: 'entra-sign-in',
      key,
      timeMs,
      facts: { tenant: 'acme', ...facts },
      stream,
    });
  }

  #use(
    token: Token,
    timeMs: number,
    asn: string,
    change: Partial<Activity['facts']>,
    theft?: Used['theft'],
  ): void {
    const key = this.#name('u');
    const saysWhen = this.#chance(0.5);
    const facts: Activity['facts'] = {
      ...{ kind: 'access', outcome: 'success', operation: 'MailItemsAccessed', tenant: 'acme' },
      ...{ tokens: [token.id], sessions: [token.session], persons: [token.person] },
      ...{ client: token.client, asn },
      ...(saysWhen ? { tokenIssuedMs: token.issuedMs } : {}),
      ...change,
    };
    const use = { at: `used:${key}`, source: 'microsoft-365', key, timeMs, facts };
    this.used.push({ use, ...(theft === undefined ? {} : { theft }) });
  }

  #steal(at: number): void {
    const victim = this.#tokens.filter(({ person }) => person !== OLD_PHONE);
    const token = victim[this.#below(victim.length)] as Token;
    const soonMs = token.issuedMs + this.#below(HOUR / 2);
    const now = { tokenIssuedMs: soonMs - MINUTE };
    const forged = { ...token, id: `uti:${this.#name('forged')}`, issuedMs: soonMs - MINUTE };
    const steal = (kind: string, expected: FindingClass) => ({ kind, expected });
    if (at % 7 === 0)
      this.#use(
        { ...forged, session: 'sid:none' },
        soonMs,
        THIEF,
        now,
        steal('forged', 'never_issued'),
      );
    else if (at % 7 === 1)
      this.#use(forged, soonMs, THIEF, {}, steal('forged with a true session', 'never_issued'));
    else if (at % 7 === 2)
      this.#use(token, soonMs, THIEF, {}, steal('replayed from elsewhere', 'other_network'));
    else if (at % 7 === 3)
      this.#use(
        token,
        token.issuedMs + 90 * MINUTE,
        token.asn,
        {},
        steal('kept', 'outside_lifetime'),
      );
    else if (at % 7 === 4)
      this.#use(
        token,
        soonMs,
        token.asn,
        { persons: ['upn:eve'] },
        steal('renamed', 'other_person'),
      );
    else if (at % 7 === 5)
      this.#use(token, soonMs, token.asn, { client: 'tool' }, steal('moved', 'other_client'));
    else this.#useRevoked();
  }

  #useRevoked(): void {
    const [ended] = this.#revoked;
    const token = this.#tokens.findLast(({ session }) => session === ended?.session);
    if (ended === undefined || token === undefined) return;
    const theft = { kind: 'revoked', expected: 'after_revocation' } as const;
    this.#use(token, ended.atMs + 20 * MINUTE, token.asn, {}, theft);
  }

  /** What happens to records on the way: none of it may make a thief of anybody. */
  #spoil(): void {
    const [gap] = this.gaps;
    const kept = this.issued.filter(
      ({ timeMs, facts }) =>
        // Lost, as the gap says; revocations are told in another log.
        (facts.kind === 'revocation' || timeMs < (gap?.fromMs ?? 0) || timeMs > (gap?.toMs ?? 0)) &&
        // Not there yet.
        (timeMs < END_MS - 10 * MINUTE || this.#chance(0.5)),
    );
    const twice = kept.filter(() => this.#chance(0.1));
    const lastMs = END_MS + MINUTE;
    this.issued.splice(0, this.issued.length, ...this.#shuffled([...kept, ...twice]));
    this.#write(START_MS, { kind: 'other', outcome: 'unknown', operation: 'Heartbeat' });
    this.#write(lastMs, { kind: 'other', outcome: 'unknown', operation: 'Heartbeat' });
    const seen = this.used
      .filter(() => this.#chance(0.95))
      .map((each) => ({ ...each, use: this.#stripped(each.use) }));
    const again = seen.filter(() => this.#chance(0.1));
    this.used.splice(0, this.used.length, ...this.#shuffled([...seen, ...again]));
  }

  /** Some records name no token, some nothing at all. */
  #stripped(use: Activity): Activity {
    const facts = { ...use.facts };
    const fate = this.#random();
    if (fate < 0.2) delete facts.tokens;
    if (fate < 0.2) delete facts.tokenIssuedMs;
    if (fate < 0.1) delete facts.sessions;
    return { ...use, facts };
  }

  #shuffled<T>(list: T[]): T[] {
    return list
      .map((each) => ({ each, by: this.#random() }))
      .sort((a, b) => a.by - b.by)
      .map(({ each }) => each);
  }
}
