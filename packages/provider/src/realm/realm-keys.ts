// The public half of a realm's keys: which one signs next, and what its JWKS shows. The private
// half never leaves the signer; each key is bound there to this issuer, this tenant, these token
// types and to tokens the log has seen (controls C-05, C-07, C-08).

import type { PublicKeyRecord, SignatureAlg, SignerClient, TokenType } from '@countersign/keys';
import { type Clock, type Realm, toSeconds } from '@countersign/vocabulary';

export const SIGNATURE_ALGORITHMS: readonly SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];

const TOKEN_TYPES: TokenType[] = ['at+jwt', 'JWT', 'logout+jwt'];
// Ninety days for a key of one tenant (control C-01).
const KEY_LIFE_SECONDS = 90 * 24 * 3600;
const CLOCK_SKEW_SECONDS = 60;
const RETRY_MS = 1000;

export interface RealmKeysOptions {
  signer: Pick<SignerClient, 'ensureKey' | 'listKeys'>;
  realm: Realm;
  issuer: string;
  longestLifetimeSeconds: number;
  /** The log whose receipt the signer must see before it signs. */
  receiptKey: string;
  clock: Clock;
  freshnessMs: number;
}

export class RealmKeys {
  readonly #options: RealmKeysOptions;
  #signing = new Map<SignatureAlg, PublicKeyRecord>();
  #known: PublicKeyRecord[] = [];
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: RealmKeysOptions) {
    this.#options = options;
  }

  /**
   * The key that signs next for `alg`. While the signer is away it is the last one known: whether it
   * may still sign is the signer's to say. @throws CodedError when no key was ever read.
   */
  async signingKey(alg: SignatureAlg): Promise<PublicKeyRecord> {
    await this.#keepFresh();
    const key = this.#signing.get(alg);
    if (key === undefined) throw new Error(`no ${alg} key was ensured`);
    return key;
  }

  /**
   * Keys to publish: those that sign and those whose tokens may still be alive. Verifiers need them
   * also while the signer is away.
   */
  async publishedKeys(): Promise<readonly PublicKeyRecord[]> {
    await this.#keepFresh();
    const now = toSeconds(this.#options.clock.nowMs());
    return this.#known.filter(({ scope }) => scope.notAfterSeconds > now);
  }

  /** The keys as last read, for the parts of the engine that cannot wait. */
  get known(): readonly PublicKeyRecord[] {
    return [...this.#signing.values()];
  }

  async #keepFresh(): Promise<void> {
    const { clock, freshnessMs } = this.#options;
    const ageMs = clock.nowMs() - this.#readMs;
    if (ageMs >= 0 && ageMs < freshnessMs) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    try {
      await this.#reading;
    } catch (error) {
      if (this.#known.length === 0) throw error;
      // Asked again soon, but not by each of a thousand waiting requests.
      this.#readMs = clock.nowMs() - freshnessMs + RETRY_MS;
    }
  }

  async #read(): Promise<void> {
    const { signer, realm, issuer, clock } = this.#options;
    const startedMs = clock.nowMs();
    const now = toSeconds(startedMs);
    const scope = {
      issuer,
      tenant: realm.tenant,
      population: realm.population,
      audiences: '*' as const,
      tokenTypes: TOKEN_TYPES,
      longestLifetimeSeconds: this.#options.longestLifetimeSeconds,
      notBeforeSeconds: now - CLOCK_SKEW_SECONDS,
      notAfterSeconds: now + KEY_LIFE_SECONDS,
      requireReceiptFrom: this.#options.receiptKey,
    };
    const ensured = await Promise.all(
      SIGNATURE_ALGORITHMS.map((alg) => signer.ensureKey(alg, scope)),
    );
    const all = await signer.listKeys();
    this.#signing = new Map(ensured.map((key) => [key.alg, key]));
    this.#known = all.filter((key) => key.scope.issuer === issuer);
    this.#readMs = startedMs;
  }
}
