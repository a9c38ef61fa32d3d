// Tells the record that an issuer shows other keys than before, and until when a cache may still hold the
// ones before. Behind what verifiers see, never in its way: what could not be told is told with the next
// reading, and a restart tells nothing anew that is on record already.

import type { Audit } from '@countersign/audit';
import type { Clock, RealmId } from '@countersign/vocabulary';

export interface KeySetTellerParts {
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  realm: RealmId;
  issuer: string;
  /** How long others may keep a key set. */
  maxAgeSeconds: number;
}

const LONGEST_LIST = 3_000;

export class KeySetTeller {
  readonly #parts: KeySetTellerParts;
  #seen: string | undefined;
  #told: string | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: KeySetTellerParts) {
    this.#parts = parts;
  }

  /** The key set is this now. */
  shows(kids: readonly string[]): void {
    const text = kids.toSorted().join(' ').slice(0, LONGEST_LIST);
    if (text === this.#seen) return;
    this.#seen = text;
    this.#turn = this.#turn
      .then(() => this.#tell(text))
      .catch(() => {
        // The store cannot take it now: the next reading of the keys brings it again.
        this.#seen = undefined;
      });
  }

  /** For tests: all that was shown is told, as far as it could be. */
  settled(): Promise<void> {
    return this.#turn;
  }

  async #tell(kids: string): Promise<void> {
    const { audit, clock, realm, issuer, maxAgeSeconds } = this.#parts;
    this.#told ??= await this.#lastTold();
    if (this.#told === kids) return;
    const timeMs = clock.nowMs();
    await audit.record([
      {
        name: 'jwks.published',
        timeMs,
        realm,
        token: { kind: 'other', issuer },
        item: { kind: 'jwks', id: issuer },
        change: { before: { kids: this.#told }, after: { kids } },
        extra: { cachedUntilMs: timeMs + maxAgeSeconds * 1000 },
      },
    ]);
    this.#told = kids;
  }

  async #lastTold(): Promise<string> {
    const { audit, realm } = this.#parts;
    const [last] = await audit.listEvents({
      ...{ names: ['jwks.published'], realm, limit: 1 },
      beforeSequence: Number.MAX_SAFE_INTEGER,
    });
    const { countersign } = (last?.ocsf['unmapped'] ?? {}) as {
      countersign?: { change?: { after?: { kids?: string } } };
    };
    return countersign?.change?.after?.kids ?? '';
  }
}
