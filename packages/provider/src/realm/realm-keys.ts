// The public half of a realm's keys: which one signs next, and what its JWKS shows. The private
// half never leaves the signer; each key is bound there to this issuer, this tenant, these token
// types and to tokens the log has seen (controls C-05, C-07, C-08). A key is shown, and signs, only
// once the log holds the entry that says so.

import type { PublicKeyRecord, SignatureAlg, SignerClient, TokenType } from '@countersign/keys';
import { type Clock, type Realm, toSeconds } from '@countersign/vocabulary';
import { type KeyLog, type PublishedJwk, publishedJwk } from '../key-log/log-key-events.ts';
import { roadClosed } from '../road/open-road.ts';

export const SIGNATURE_ALGORITHMS: readonly SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];

const TOKEN_TYPES: TokenType[] = ['at+jwt', 'JWT', 'logout+jwt'];
// Ninety days for a key of one tenant (control C-01).
const KEY_LIFE_SECONDS = 90 * 24 * 3600;
const CLOCK_SKEW_SECONDS = 60;
const RETRY_MS = 1000;

export interface RealmKeysOptions {
  signer: Pick<SignerClient, 'ensureKey' | 'listKeys'>;
  keyLog: KeyLog;
  realm: Realm;
  issuer: string;
  longestLifetimeSeconds: number;
  /** The log whose receipt the signer must see before it signs. */
  receiptKey: string;
  clock: Clock;
  freshnessMs: number;
}

export interface PublishedKey {
  record: PublicKeyRecord;
  jwk: PublishedJwk;
}

export class RealmKeys {
  readonly #options: RealmKeysOptions;
  readonly #signing = new Map<SignatureAlg, PublicKeyRecord>();
  #published: PublishedKey[] = [];
  readonly #activated = new Set<string>();
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: RealmKeysOptions) {
    this.#options = options;
  }

  /**
   * The key that signs next for `alg`. While the signer is away it is the last one known: whether it
   * may still sign is the signer's to say. Before its first signature the log is told.
   * @throws CodedError when no key was ever read; issuance_unavailable while the log has not seen it or
   *   cannot be told
   */
  async signingKey(alg: SignatureAlg): Promise<PublicKeyRecord> {
    await this.#keepFresh();
    const key = this.#signing.get(alg);
    // The log has seen keys of other algorithms, and not this one: that passes.
    if (key === undefined) throw roadClosed(new Error(`no ${alg} key was ensured`));
    if (!this.#activated.has(key.kid)) await this.#activate(key);
    return key;
  }

  /**
   * Keys to publish: those that sign and those whose tokens may still be alive. Verifiers need them
   * also while the signer is away. None is among them whose publication is not in the log.
   */
  async publishedKeys(): Promise<readonly PublishedJwk[]> {
    await this.#keepFresh();
    const now = toSeconds(this.#options.clock.nowMs());
    return this.#published.filter(({ jwk }) => jwk.exp > now).map(({ jwk }) => jwk);
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
      if (this.#published.length === 0) throw error;
      // Asked again soon, but not by each of a thousand waiting requests.
      this.#readMs = clock.nowMs() - freshnessMs + RETRY_MS;
    }
  }

  async #activate(key: PublicKeyRecord): Promise<void> {
    try {
      await this.#options.keyLog.ensure('activated', key);
    } catch (error) {
      throw roadClosed(error);
    }
    this.#activated.add(key.kid);
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
    const own = [...all, ...ensured].filter(
      ({ scope }) => scope.issuer === issuer && scope.notAfterSeconds > now,
    );
    await this.#publish([...new Map(own.map((key) => [key.kid, key])).values()], ensured);
    this.#readMs = startedMs;
  }

  /**
   * Takes over what the log has seen. A key that it has not seen is left out, and for its algorithm
   * the key before it goes on signing. @throws what the log said, after that
   */
  async #publish(keys: PublicKeyRecord[], ensured: readonly PublicKeyRecord[]): Promise<void> {
    const { keyLog } = this.#options;
    const outcomes = await Promise.allSettled(
      keys.map(async (record) => ({
        record,
        jwk: publishedJwk(record, await keyLog.ensure('published', record)),
      })),
    );
    const published = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    );
    const shown = new Set(published.map(({ record }) => record.kid));
    if (published.length > 0) this.#published = published;
    for (const key of ensured) if (shown.has(key.kid)) this.#signing.set(key.alg, key);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
