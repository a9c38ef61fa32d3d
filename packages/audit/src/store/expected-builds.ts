// Builds this process has announced and not finished. A leaf or signature of one of them that has no
// ledger row is our own unfinished work, however slow signer, log or disk are, and whether or not an
// answer that got lost had been carried out: nobody else can know such a hash before it is in the log.

import type { Clock } from '@countersign/vocabulary';

export interface ExpectedBuild {
  /** Lower-case hex; announced before the leaf is sent to the log. */
  leafHash: string;
  /** Lower-case hex; announced before the signer is asked. */
  signingInputHash?: string;
}

/** An unfinished build is remembered so long; log and journal have shown it to us before. */
const REMEMBERED_MS = 600_000;
/** Then the oldest is forgotten. Finished builds do not count. */
const MOST_REMEMBERED = 20_000;

export class ExpectedBuilds {
  readonly #clock: Clock;
  /** By leaf hash, oldest first. */
  readonly #builds = new Map<string, { sinceMs: number; signingInputHash: string | undefined }>();
  readonly #inputs = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#builds.size;
  }

  expect({ leafHash, signingInputHash }: ExpectedBuild): void {
    this.#forgetOld();
    const known = this.#builds.get(leafHash);
    if (known !== undefined) {
      known.signingInputHash = signingInputHash ?? known.signingInputHash;
    } else {
      this.#builds.set(leafHash, { sinceMs: this.#clock.nowMs(), signingInputHash });
    }
    if (signingInputHash !== undefined) this.#inputs.add(signingInputHash);
  }

  /** Its ledger row is durable. */
  finish(leafHash: string): void {
    const known = this.#builds.get(leafHash);
    if (known === undefined) return;
    this.#builds.delete(leafHash);
    if (known.signingInputHash !== undefined) this.#inputs.delete(known.signingInputHash);
  }

  hasLeaf(leafHash: string): boolean {
    return this.#builds.has(leafHash);
  }

  hasSigningInput(signingInputHash: string): boolean {
    return this.#inputs.has(signingInputHash);
  }

  #forgetOld(): void {
    const nowMs = this.#clock.nowMs();
    for (const [leafHash, { sinceMs }] of this.#builds) {
      if (this.#builds.size < MOST_REMEMBERED && nowMs - sinceMs < REMEMBERED_MS) return;
      this.finish(leafHash);
    }
  }
}
