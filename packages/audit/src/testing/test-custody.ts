// For tests and the simulation: what a signer knows of its keys. A journal that numbers, and a custody
// that makes signatures and counts them; whoever is inside can make one without a number.

import { createHash } from 'node:crypto';
import type { JournalledSignature, KeyCounts, OwnKey } from '../reconcile/sources.ts';

export const ISSUER = 'https://id.example/acme/workforce';
export const KID = 'es-1';

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

export class TestCustody {
  /** When true, the signer tells how often its keys have signed. */
  tells = false;
  readonly #journal: JournalledSignature[];
  /** By kid, since the signer started. */
  readonly #counts = new Map<string, { before: number; made: number; failed: number }>();

  constructor(journal: JournalledSignature[]) {
    this.#journal = journal;
  }

  /** Numbers a signature without making it. Resolves with its number in the journal. */
  number(signingInput: string, kid = KID): number {
    const number = this.#journal.length + 1;
    this.#of(kid);
    const keyNumber = this.#last(kid) + 1;
    this.#journal.push({ number, keyNumber, kid, signingInputHash: sha256(signingInput) });
    return number;
  }

  make(kid = KID, signatures = 1): void {
    this.#of(kid).made += signatures;
  }

  fail(kid = KID): void {
    this.#of(kid).failed += 1;
  }

  counts(kid = KID): KeyCounts {
    const { before, made, failed } = this.#of(kid);
    const journalled = this.#last(kid);
    return { journalled, sinceStart: journalled - before, made, failed };
  }

  list(): OwnKey[] {
    if (!this.tells) return [];
    return [...this.#counts.keys()].map((kid) => ({
      ...{ issuer: ISSUER, kid, thumbprint: kid, state: 'active' },
      counts: this.counts(kid),
    }));
  }

  restart(): void {
    for (const kid of this.#counts.keys()) {
      this.#counts.set(kid, { before: this.#last(kid), made: 0, failed: 0 });
    }
  }

  #of(kid: string) {
    const known = this.#counts.get(kid) ?? { before: this.#last(kid), made: 0, failed: 0 };
    this.#counts.set(kid, known);
    return known;
  }

  #last(kid: string): number {
    return this.#journal.findLast((entry) => entry.kid === kid)?.keyNumber ?? 0;
  }
}
