// Keys in a token: an HSM, a smart card, SoftHSM. The token may leave while the signer runs; then its
// keys are away, each with a refusal that says so, and come back with it. No PIN is asked twice.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { CustodyHome } from '../custody/custodies.ts';
import type { Custody, KeptKey, MadeKey, SigningHandle } from '../custody/custody.ts';
import type { EndedPlace } from '../custody/ended-record.ts';
import { custodyRefusal, signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { TOKEN_ALGORITHMS } from './algorithms.ts';
import { findToken, type TokenSettings } from './find-token.ts';
import { loadModule } from './load-module.ts';
import { OpenToken, type TokenAccess } from './open-token.ts';
import { RefusedPin } from './refused-pin.ts';
import { notSupported, tokenAway, tokenSlow } from './token-error.ts';
import { TokenKey } from './token-key.ts';
import { destroyPair, makePair } from './token-keys.ts';

/** The module answers one call at a time on our thread, so a token that is away is asked seldom. */
const SHORTEST_PAUSE_MS = 1000;
const PAUSE_FACTOR = 10;
/** A smart card takes its time for an RSA key. */
const MAKE_MS = 30_000;

export interface Pkcs11Options {
  settings: TokenSettings;
  /** The PIN anew each time; the caller of it overwrites what it gets. */
  readPin(): Uint8Array;
  home: CustodyHome;
  /** See TokenAccess. */
  overdueMs?: number;
  /** A key that takes longer to make is not waited for. Default 30,000. */
  makeMs?: number;
}

export class Pkcs11Custody implements Custody {
  readonly kind = 'pkcs11';
  readonly #access: TokenAccess;
  readonly #makeMs: number;
  /** Undefined while the token is away; `#lost` still runs calls that began before. */
  #token: OpenToken | undefined;
  #lost: OpenToken | undefined;
  #away: CodedError | undefined;
  #nextTryMs = 0;
  #closed = false;
  #writing: Promise<unknown> = Promise.resolve();
  /** Keys to destroy that were not found, and in which opening of the token. */
  readonly #doubted = new Map<string, OpenToken>();

  private constructor(access: TokenAccess, makeMs: number) {
    this.#makeMs = makeMs;
    this.#token = new OpenToken(access);
    // From now on no other token is given the PIN, whatever label it carries.
    const settings = { ...access.settings, tokenSerial: this.#token.serial };
    this.#access = { ...access, settings };
  }

  /**
   * Loads the module and logs in to the token.
   * @throws CodedError `custody_not_installed`, `custody_unreachable`, `pin_wrong`
   */
  static async start(options: Pkcs11Options): Promise<Pkcs11Custody> {
    const { settings, readPin, home, overdueMs, makeMs = MAKE_MS } = options;
    const { cryptoki } = await loadModule(settings.module);
    const refused = new RefusedPin(home);
    return new Pkcs11Custody({ cryptoki, settings, readPin, refused, overdueMs }, makeMs);
  }

  async make(alg: SignatureAlg, label: string): Promise<MadeKey> {
    const away = this.away();
    const token = this.#token;
    if (away !== undefined || token === undefined) throw away ?? this.#gone(undefined);
    const { cryptoki, settings } = this.#access;
    const { makeMechanism, signMechanism } = TOKEN_ALGORITHMS[alg];
    for (const one of [makeMechanism, signMechanism]) {
      if (!token.mechanisms.has(one)) throw this.#unsupported(alg, undefined);
    }
    try {
      const { publicKey } = await this.#soon(
        () => token.hold(() => makePair(cryptoki, token.making, TOKEN_ALGORITHMS[alg], label)),
        ({ kid }) => destroyPair(cryptoki, token.making, kid),
      );
      const reference = { tokenLabel: settings.tokenLabel, tokenSerial: token.serial };
      return { publicKey, place: { kind: 'pkcs11', reference } };
    } catch (cause) {
      if (isCodedError(cause)) throw cause;
      if (notSupported(cause)) throw this.#unsupported(alg, cause);
      throw this.lose(token, cause);
    }
  }

  async open(key: KeptKey): Promise<SigningHandle> {
    const { place } = key;
    const token = this.#token;
    if (place.kind !== 'pkcs11') throw new TypeError(`a key of ${place.kind} is not in a token`);
    if (token === undefined) throw this.#away ?? this.#gone(undefined);
    checkToken(token, key.kid, place.reference);
    const handle = new TokenKey(this, this.#access.cryptoki, key);
    handle.find(token);
    return handle;
  }

  async destroy({ kid, place }: { kid: string; place: EndedPlace }): Promise<void> {
    const token = this.reach();
    if (place.kind !== 'pkcs11') throw new TypeError(`a key of ${place.kind} is not in a token`);
    if (token === undefined) throw this.#away ?? this.#gone(undefined);
    checkToken(token, kid, place.reference);
    const { cryptoki, settings } = this.#access;
    let found: boolean;
    try {
      // Through the session that makes keys, which waits for one that is being made.
      found = await this.#alone(async () => destroyPair(cryptoki, token.making, kid));
    } catch (cause) {
      // One that destroys nothing may sign all the same.
      throw this.#gone(cause);
    }
    if (found) return;
    // A token that was away, if for a moment, may show nothing until it is opened anew.
    const doubted = this.#doubted.get(kid) ?? token;
    this.#doubted.set(kid, doubted);
    if (doubted === token) throw this.lose(token, undefined);
    findToken(cryptoki, settings);
    this.#doubted.delete(kid);
  }

  /** The token, when it is there; looks for it when it is away and the last look is long enough ago. */
  reach(): OpenToken | undefined {
    if (this.#token === undefined && performance.now() >= this.#nextTryMs) this.#reopen();
    return this.#token;
  }

  /** Why nothing can be signed now, if so. */
  away(): CodedError | undefined {
    return this.reach() === undefined ? (this.#away ?? this.#gone(undefined)) : undefined;
  }

  /** Why nothing more should be asked of it now, though it is there. */
  full(): CodedError | undefined {
    return this.#token?.full === true ? tokenSlow(this.#access.settings.tokenLabel) : undefined;
  }

  /** After a call failed: this token is not used again, and another is looked for. */
  lose(token: OpenToken, cause: unknown): CodedError {
    if (this.#token === token) {
      this.#token = undefined;
      this.#lost = token;
      this.#nextTryMs = 0;
      this.#away = this.#gone(cause);
    }
    return this.#gone(cause);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Under a call that runs on another thread the module may not be finalised; the process ends soon.
    const open = this.#token ?? this.#lost;
    if (open?.busy === 0) open.close();
    this.#token = undefined;
    this.#lost = undefined;
  }

  /**
   * A key that does not come in time is not waited for, not begun later, and undone when it comes: a
   * private key that nobody knows of is nobody's to guard.
   */
  async #soon<T>(deed: () => Promise<T>, undo: (done: T) => void): Promise<T> {
    const late = Promise.withResolvers<never>();
    let isLate = false;
    const slow = (): CodedError => tokenSlow(this.#access.settings.tokenLabel);
    const timer = setTimeout(() => {
      isLate = true;
      late.reject(slow());
    }, this.#makeMs);
    const made = this.#alone(async () => {
      if (isLate) throw slow();
      const done = await deed();
      if (isLate) undo(done);
      return done;
    });
    // Too late it is heard by nobody: what is wrong with the token then, the next deed on it meets.
    made.catch(() => undefined);
    try {
      return await Promise.race([made, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One deed at a time on the session that writes. */
  #alone<T>(deed: () => Promise<T>): Promise<T> {
    const next = this.#writing.then(deed);
    this.#writing = next.catch(() => undefined); // the caller of `next` hears of it
    return next;
  }

  #reopen(): void {
    // The module may not be finalised under a call that runs on another thread.
    if (this.#closed || (this.#lost?.busy ?? 0) > 0) return;
    this.#lost?.close();
    this.#lost = undefined;
    const startedMs = performance.now();
    try {
      this.#token = new OpenToken(this.#access);
      this.#away = undefined;
    } catch (error) {
      this.#away = this.#gone(error);
      const endedMs = performance.now();
      this.#nextTryMs = endedMs + Math.max(SHORTEST_PAUSE_MS, PAUSE_FACTOR * (endedMs - startedMs));
    }
  }

  #gone(cause: unknown): CodedError {
    return tokenAway(this.#access.settings.tokenLabel, cause);
  }

  #unsupported(alg: SignatureAlg, cause: unknown): CodedError {
    return signerRefusal(
      'custody_unsupported',
      `The token "${this.#access.settings.tokenLabel}" makes no keys for ${alg}. Use another algorithm for this issuer, or another custody.`,
      { cause },
    );
  }
}

/** @throws CodedError `custody_unreachable` when the key is in another token */
function checkToken(
  token: OpenToken,
  kid: string,
  { tokenLabel, tokenSerial }: { tokenLabel: string; tokenSerial: string },
): void {
  if (tokenSerial === token.serial) return;
  throw custodyRefusal(
    'custody_unreachable',
    `The key ${kid} is in the token "${tokenLabel}" (${tokenSerial}), and custody.pkcs11 names the one with serial ${token.serial}. Plug in the right one.`,
  );
}
