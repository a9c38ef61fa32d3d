// What the records that name a token or key say of it, learned in a first reading: its sessions, people
// and clients, and when it was about. By these a second reading knows records that name it less clearly.

import type { Activity } from '../activity.ts';
import { holdersOf } from '../issues/issue-index.ts';
import type { Confidence } from '../judge/judgement.ts';
import { namesIt, type Question, spellAddress } from './question.ts';

/** A token of so many sessions is none; what is beyond is not followed, and told. */
const MOST_IDS = 10_000;

export class Trace {
  readonly #question: Question;
  readonly tokens = new Set<string>();
  readonly sessions = new Set<string>();
  readonly holders = new Set<string>();
  readonly clients = new Set<string>();
  readonly addresses = new Set<string>();
  fromMs: number | null = null;
  toMs: number | null = null;
  /** More ids than are followed. */
  overflowed = false;

  constructor(question: Question) {
    const { kind, value } = question;
    this.#question = kind === 'ip' ? { kind, value: spellAddress(value) } : question;
  }

  learn(activity: Activity): void {
    if (!namesIt(this.#question, activity)) return;
    const { facts, timeMs } = activity;
    for (const id of facts.tokens ?? []) this.#keep(this.tokens, id);
    for (const id of facts.sessions ?? []) this.#keep(this.sessions, id);
    for (const id of holdersOf(facts)) this.#keep(this.holders, id);
    if (facts.client !== undefined) this.#keep(this.clients, facts.client);
    if (facts.ip !== undefined) this.#keep(this.addresses, facts.ip);
    this.#reach(timeMs);
    if (facts.tokenIssuedMs !== undefined) this.#reach(facts.tokenIssuedMs);
    if (facts.tokenExpiresMs !== undefined) this.#reach(facts.tokenExpiresMs);
  }

  /**
   * How surely a record is of what is asked: it names it (high); it names a token of the key that was
   * asked for (high), or no token but the session of the one that was asked for (medium); or it names
   * nothing and is of the same person and client in the same time (low). Undefined: not at all.
   */
  linkOf(activity: Activity): Confidence | undefined {
    const { kind } = this.#question;
    if (namesIt(this.#question, activity)) return 'high';
    if (kind !== 'token' && kind !== 'key') return undefined;
    const { tokens = [], sessions = [], client } = activity.facts;
    if (tokens.length > 0)
      return kind === 'key' && tokens.some((id) => this.tokens.has(id)) ? 'high' : undefined;
    if (sessions.some((id) => this.sessions.has(id))) return 'medium';
    if (sessions.length > 0 || !this.#isWithin(activity.timeMs)) return undefined;
    const known = holdersOf(activity.facts).some((id) => this.holders.has(id));
    return known && (client === undefined || this.clients.has(client)) ? 'low' : undefined;
  }

  #isWithin(timeMs: number): boolean {
    return (
      this.fromMs !== null && this.toMs !== null && timeMs >= this.fromMs && timeMs <= this.toMs
    );
  }

  #keep(ids: Set<string>, id: string): void {
    if (ids.size < MOST_IDS) ids.add(id);
    else if (!ids.has(id)) this.overflowed = true;
  }

  #reach(timeMs: number): void {
    this.fromMs = Math.min(this.fromMs ?? timeMs, timeMs);
    this.toMs = Math.max(this.toMs ?? timeMs, timeMs);
  }
}

export const LINK_REASONS: Readonly<Record<Confidence, string>> = {
  high: 'The record names it.',
  medium: 'The record names the session, but no token: it may be of another token of that session.',
  low: 'The record names neither; it is of the same person and client in the same time.',
};
