// Which issuers have something to do, so that a turn over thousands of realms looks at those alone: by
// the time that the plan gave, and at once when their keys are no longer what they were.

import type { KeyPlan, PublicKeyRecord } from '@countersign/keys';

interface KnownIssuer {
  dueMs: number;
  /** The states of its keys when it was last looked at. */
  states: string;
}

export class DueIssuers {
  readonly #known = new Map<string, KnownIssuer>();

  /** All keys, as the signers list them. */
  takeOver(keys: readonly PublicKeyRecord[]): void {
    for (const [issuer, ofIssuer] of byIssuer(keys)) {
      const states = statesOf(ofIssuer);
      if (this.#known.get(issuer)?.states === states) continue;
      this.#known.set(issuer, { states, dueMs: Number.NEGATIVE_INFINITY });
    }
  }

  settled(issuer: string, keys: readonly PublicKeyRecord[], dueMs: number): void {
    this.#known.set(issuer, { states: statesOf(keys), dueMs });
  }

  /** It could not be looked at, or something failed. */
  later(issuer: string, dueMs: number): void {
    this.#known.set(issuer, { states: this.#known.get(issuer)?.states ?? '', dueMs });
  }

  now(issuer: string): void {
    this.later(issuer, Number.NEGATIVE_INFINITY);
  }

  /** Nothing that was said of times holds any more. */
  allNow(): void {
    for (const known of this.#known.values()) known.dueMs = Number.NEGATIVE_INFINITY;
  }

  /** Those that are due longest first. */
  due(nowMs: number, most: number): string[] {
    return [...this.#known]
      .filter(([, { dueMs }]) => dueMs <= nowMs)
      .sort(([, one], [, other]) => one.dueMs - other.dueMs)
      .slice(0, most)
      .map(([issuer]) => issuer);
  }
}

/** When to look again: at the next change, and sooner at what waits for something else than time. */
export function nextLookMs({ next }: KeyPlan, nowMs: number, lookAgainMs: number): number {
  const times = [...next.values()].map(({ atMs, waitsFor }) => {
    // What it waits for may come at any time, and a time that has passed says nothing.
    const isOpen = waitsFor !== undefined || atMs <= nowMs;
    return isOpen ? nowMs + lookAgainMs : atMs;
  });
  return Math.min(...times, nowMs + LONGEST_WITHOUT_LOOK_MS);
}

/** Whatever was forgotten is found by then. */
const LONGEST_WITHOUT_LOOK_MS = 3_600_000;

export function byIssuer(keys: readonly PublicKeyRecord[]): Map<string, PublicKeyRecord[]> {
  return Map.groupBy(keys, ({ scope }) => scope.issuer);
}

function statesOf(keys: readonly PublicKeyRecord[]): string {
  return keys
    .map(({ kid, life, away }) => `${kid} ${life.state}${away === true ? ' away' : ''}`)
    .sort()
    .join('\n');
}
