// The public half of a realm's keys: which one signs next, and what its JWKS shows. Only reads: what
// becomes of keys is decided by the lives of keys (key-lives/). The private half never leaves the signer.
// A key is shown, and signs, only once the log holds the entry that says so.

import {
  type PublicKeyRecord,
  type SignatureAlg,
  type SignerClient,
  signerOf,
} from '@countersign/keys';
import { type Clock, type Realm, toSeconds } from '@countersign/vocabulary';
import type { KeyLives } from '../key-lives/key-lives.ts';
import { SIGNATURE_ALGORITHMS } from '../key-lives/realm-scope.ts';
import { type KeyLog, type PublishedJwk, publishedJwk } from '../key-log/log-key-events.ts';
import { roadClosed } from '../road/open-road.ts';

const RETRY_MS = 1000;
/** A signer that does not say by then which keys there are is not waited for with a key set. */
const PATIENCE_MS = 1000;
/** What a verifier may see of a key: those that sign, will sign, or have tokens that may be alive. */
const SHOWN: ReadonlySet<string> = new Set(['published', 'active', 'retiring']);

export interface RealmKeysOptions {
  signer: Pick<SignerClient, 'listKeys'>;
  keyLog: KeyLog;
  keyLives: Pick<KeyLives, 'ensureRealm' | 'isDead'>;
  realm: Realm;
  issuer: string;
  algorithms?: readonly SignatureAlg[];
  clock: Clock;
  freshnessMs: number;
  /** Told of the kids that are shown, each time they were read. */
  onShown?: (kids: readonly string[]) => void;
  /** Longest wait of a key set for the signer; default a second. */
  patienceMs?: number;
}

export interface PublishedKey {
  record: PublicKeyRecord;
  jwk: PublishedJwk;
}

export class RealmKeys {
  readonly #options: RealmKeysOptions;
  readonly #algorithms: readonly SignatureAlg[];
  #published: PublishedKey[] = [];
  readonly #activated = new Set<string>();
  #readMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** Grows when the keys are known to have changed: what was asked before that is asked again. */
  #edition = 0;

  constructor(options: RealmKeysOptions) {
    this.#options = options;
    this.#algorithms = options.algorithms ?? SIGNATURE_ALGORITHMS;
  }

  /**
   * The key that signs next for `alg`: of a signer that answers, if there is one. While all are away it
   * is the last one known: whether it may still sign is the signer's to say.
   * @throws CodedError when no key was ever read; issuance_unavailable while the log has not seen it or
   *   cannot be told
   */
  async signingKey(alg: SignatureAlg): Promise<PublicKeyRecord> {
    await this.#keepFresh();
    let key = this.#choose(alg);
    if (key === undefined && this.#algorithms.includes(alg)) {
      // The clock was set, or the last key was revoked: no need to wait until what is known is old.
      this.#expire();
      await this.#keepFresh();
      key = this.#choose(alg);
    }
    if (key === undefined) throw roadClosed(new Error(`no ${alg} key may sign`));
    if (!this.#activated.has(key.kid)) await this.#noteFirstUse(key);
    return key;
  }

  /**
   * Another key instead of one that the signer refuses, or whose signer is away; undefined when there
   * is none. @throws as `signingKey`
   */
  async replacementOf(refused: PublicKeyRecord): Promise<PublicKeyRecord | undefined> {
    this.#expire();
    const key = await this.signingKey(refused.alg);
    return key.kid === refused.kid ? undefined : key;
  }

  /**
   * Keys to publish: those that sign, will sign, and whose tokens may still be alive. Verifiers need
   * them also while the signer is away. None is among them whose publication is not in the log.
   */
  async publishedKeys(): Promise<readonly PublishedJwk[]> {
    if (this.#published.length === 0) await this.#keepFresh();
    else await this.#keepFreshSoon();
    return this.#alive().map(({ jwk }) => jwk);
  }

  /** The keys as last read, for the parts of the engine that cannot wait: one of each algorithm. */
  get known(): readonly PublicKeyRecord[] {
    return this.#algorithms.flatMap((alg) => this.#choose(alg) ?? []);
  }

  /** They are not what they were: read again before the next answer. */
  changed(): void {
    this.#edition += 1;
    this.#readMs = Number.NEGATIVE_INFINITY;
  }

  #alive(): PublishedKey[] {
    const { clock, issuer, keyLives } = this.#options;
    const now = toSeconds(clock.nowMs());
    return this.#published.filter(
      ({ jwk, record }) => jwk.exp > now && !keyLives.isDead(issuer, record.kid),
    );
  }

  /** The signer named first is preferred; of its keys, the one that began to sign last. */
  #choose(alg: SignatureAlg): PublicKeyRecord | undefined {
    const now = toSeconds(this.#options.clock.nowMs());
    const signing = this.#alive()
      .map(({ record }) => record)
      .filter(({ alg: its, life }) => its === alg && life.state === 'active')
      .filter(({ scope }) => scope.notBeforeSeconds <= now);
    const answering = signing.filter(({ away }) => away !== true);
    const [first] = answering.length > 0 ? answering : signing;
    return signing
      .filter((key) => first !== undefined && signerOf(key) === signerOf(first))
      .sort((one, other) => activeMs(one) - activeMs(other))
      .at(-1);
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

  /** As far as the signer answers soon: what was read last is a key set too, without what died since. */
  async #keepFreshSoon(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.patienceMs ?? PATIENCE_MS);
    try {
      await Promise.race([this.#keepFresh(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asked again soon, but not by each of a thousand waiting requests. */
  #expire(): void {
    const { clock, freshnessMs } = this.#options;
    const ageMs = clock.nowMs() - this.#readMs;
    if (ageMs < 0 || ageMs >= Math.min(RETRY_MS, freshnessMs))
      this.#readMs = Number.NEGATIVE_INFINITY;
  }

  /** Keys of before their lives were kept have signed without that entry. */
  async #noteFirstUse(key: PublicKeyRecord): Promise<void> {
    try {
      await this.#options.keyLog.ensure('activated', key);
    } catch (error) {
      throw roadClosed(error);
    }
    this.#activated.add(key.kid);
  }

  async #read(): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.nowMs();
    const edition = this.#edition;
    const keys = await this.#listKeys();
    await this.#publish(keys.filter(({ life }) => SHOWN.has(life.state)));
    // What changed while it was read is read again by the next who asks.
    if (edition === this.#edition) this.#readMs = startedMs;
  }

  /** With the first keys of the realm, where it has none that sign. */
  async #listKeys(): Promise<PublicKeyRecord[]> {
    const { signer, issuer, keyLives, realm, clock } = this.#options;
    const now = toSeconds(clock.nowMs());
    const signs = ({ life, scope, kid }: PublicKeyRecord): boolean =>
      life.state === 'active' &&
      scope.notBeforeSeconds <= now &&
      scope.notAfterSeconds > now &&
      !keyLives.isDead(issuer, kid);
    const list = async (): Promise<PublicKeyRecord[]> =>
      (await signer.listKeys(issuer, { endedAfterMs: clock.nowMs() })).filter(
        ({ scope }) => scope.issuer === issuer && scope.notAfterSeconds > now,
      );
    const keys = await list();
    const missing = this.#algorithms.filter(
      (alg) => !keys.some((key) => key.alg === alg && signs(key)),
    );
    if (missing.length === 0) return keys;
    try {
      await keyLives.ensureRealm(realm);
    } catch (error) {
      // What there is goes on; the rest is asked for again shortly.
      if (missing.length === this.#algorithms.length) throw error;
      return keys;
    }
    return list();
  }

  /**
   * Takes over what the log has seen. A key that it has not seen is left out. @throws what the log said,
   * after that
   */
  async #publish(keys: PublicKeyRecord[]): Promise<void> {
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
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (published.length > 0 || failed === undefined) this.#published = published;
    this.#options.onShown?.(this.#alive().map(({ record }) => record.kid));
    if (failed !== undefined) throw failed.reason;
  }
}

function activeMs({ life, createdMs }: PublicKeyRecord): number {
  return life.sinceMs.active ?? createdMs;
}
