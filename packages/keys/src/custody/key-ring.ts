// The keys of a running signer, by kid. Makes new ones within what the issuer's older keys allow,
// moves them through their life, and forgets a private half that never signs again (C-01).

import { openReceiptLog, parseVerifierKey } from '@countersign/verifier';
import { type Clock, type Random, toSeconds } from '@countersign/vocabulary';
import { isNoRoom } from '../disk/write-fully.ts';
import { signerRefusal } from '../keys-error.ts';
import { endLife, type KeyLife, type KeyState, startLife, stepLife } from '../life/key-life.ts';
import type { LifeBook } from '../life/life-book.ts';
import { checkAgainstOlder } from '../scope/check-new-scope.ts';
import { ReceiptCheck } from '../scope/check-receipt.ts';
import { checkKeyTime } from '../scope/check-scope.ts';
import { type KeyScope, type SignatureAlg, samePolicy } from '../scope/key-scope.ts';
import type { Custodies } from './custodies.ts';
import type { CustodyKind, SigningHandle } from './custody.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import type { KeyFileRecord } from './key-file.ts';
import type { OpenKeyFolder } from './key-folder.ts';
import type { OpenedKey } from './open-key-file.ts';
import { sealKeyFile } from './seal-key-file.ts';

/** Key files in one folder, old ones included: they are opened one by one at every start. */
export const KEYS_LIMIT = 10_000;
/** Keys of one issuer that are not past their last day. */
export const LIVE_KEYS_PER_ISSUER_LIMIT = 32;

export interface HeldKey {
  readonly record: KeyFileRecord;
  readonly custody: CustodyKind;
  /** Present exactly when the scope requires a receipt. */
  readonly receipts?: ReceiptCheck;
  life: KeyLife;
  /** Gone once the key never signs again. */
  signing?: SigningHandle;
  /** Signatures that its custody had made when it was forgotten. */
  madeBefore: number;
}

export interface KeyRingOptions {
  folder: OpenKeyFolder;
  lives: LifeBook;
  custodies: Custodies;
  clock: Clock;
  random: Random;
  /** See SignerOptions. */
  standIns: readonly string[];
  longestKeyLifeSeconds: number;
}

export class KeyRing {
  readonly #keys = new Map<string, HeldKey>();
  readonly #options: KeyRingOptions;
  #making: Promise<unknown> = Promise.resolve();

  private constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  static async fill(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    for (const opened of options.folder.keys) await ring.#hold(opened);
    return ring;
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid);
    if (key !== undefined && this.#isOver(key.record.scope)) this.#end(key);
    return key;
  }

  /** Every key, or every key of one issuer, in the order they were found or made. */
  list(issuer?: string): HeldKey[] {
    const keys = [...this.#keys.keys()].map((kid) => this.find(kid) as HeldKey);
    return issuer === undefined
      ? keys
      : keys.filter(({ record }) => record.scope.issuer === issuer);
  }

  /**
   * A new key, which is `planned` and signs nothing yet. One is made at a time.
   * @throws CodedError `scope_malformed`, `scope_conflict`, `key_expired`, `key_not_yet_valid`,
   *   `key_limit`, `custody_unsupported`, `custody_not_set_up`, `journal_full` when the disk has no room for the key file
   */
  make(alg: SignatureAlg, scope: KeyScope, custody?: CustodyKind): Promise<HeldKey> {
    return this.#inTurn(() => this.#make(alg, scope, custody));
  }

  /**
   * Moves a key on, durably; a key that is there already stays as it is.
   * @throws CodedError `unknown_key`, `life_conflict`, `journal_full`
   */
  change(kid: string, to: KeyState, reason?: string): HeldKey {
    const key = this.find(kid);
    if (key === undefined) throw signerRefusal('unknown_key', 'This signer has no such key.');
    if (key.life.state === to) return key;
    this.#enter(key, stepLife(key.life, to, this.#options.clock.nowMs(), reason));
    return key;
  }

  /**
   * The active key of this algorithm that allows what `scope` allows, signs now and lives longest;
   * made, and active at once, when there is none that outlives its tokens.
   */
  ensure(alg: SignatureAlg, scope: KeyScope): Promise<HeldKey> {
    return this.#inTurn(async () => {
      const usable = this.#findUsable(alg, scope);
      if (usable !== undefined) return usable;
      const { record } = await this.#make(alg, scope);
      this.change(record.kid, 'published');
      return this.change(record.kid, 'active');
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#making.then(work);
    this.#making = next.catch(() => undefined); // the caller of `next` hears of it
    return next;
  }

  /**
   * Undefined when there is no such key, or when it ends before a token signed now may, and the
   * wanted one would end later: verifiers refuse a key after its end, with all its tokens.
   */
  #findUsable(alg: SignatureAlg, scope: KeyScope): HeldKey | undefined {
    const nowSeconds = toSeconds(this.#options.clock.nowMs());
    const [longest] = this.list(scope.issuer)
      .filter(
        ({ record, life }) =>
          record.alg === alg &&
          life.state === 'active' &&
          samePolicy(record.scope, scope) &&
          record.scope.notBeforeSeconds <= nowSeconds,
      )
      .sort((a, b) => b.record.scope.notAfterSeconds - a.record.scope.notAfterSeconds);
    if (longest === undefined) return undefined;
    const { notAfterSeconds } = longest.record.scope;
    const outlivesItsTokens = notAfterSeconds - nowSeconds > scope.longestLifetimeSeconds;
    return outlivesItsTokens || scope.notAfterSeconds <= notAfterSeconds ? longest : undefined;
  }

  async #make(alg: SignatureAlg, scope: KeyScope, kind?: CustodyKind): Promise<HeldKey> {
    const { folder, lives, custodies, clock, random } = this.#options;
    const createdMs = clock.nowMs();
    this.#checkNew(scope, createdMs);
    const made = await custodies.of(kind ?? custodies.defaultKind).make(alg, scope.issuer);
    const file = sealKeyFile({ ...made, alg, scope, createdMs }, folder.sealing, random);
    const { kid, publicJwk } = file;
    if (this.#keys.has(kid)) {
      throw signerRefusal('key_duplicate', 'The custody gave out a key that it had given before.');
    }
    try {
      // The fingerprint first: no key is kept that a scan of a dump could not find.
      const { place } = made;
      if (place.kind === 'software') {
        folder.fingerprints.add(fingerprintKey(kid, alg, place.privateKey));
      }
      lives.record(kid, startLife(createdMs));
      folder.save(file);
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause;
      throw signerRefusal('journal_full', 'The signer has no room for a new key.', { cause });
    }
    return this.#hold({ record: { kid, alg, scope, publicJwk, createdMs }, ...made });
  }

  #checkNew(scope: KeyScope, nowMs: number): void {
    const { longestKeyLifeSeconds } = this.#options;
    checkKeyTime(scope, toSeconds(nowMs));
    if (scope.notAfterSeconds - scope.notBeforeSeconds > longestKeyLifeSeconds) {
      throw signerRefusal('scope_malformed', 'The key would live longer than this signer allows.');
    }
    const siblings = this.list(scope.issuer).map(({ record }) => record.scope);
    checkAgainstOlder(scope, siblings);
    const live = siblings.filter((sibling) => !this.#isOver(sibling)).length;
    if (this.#keys.size >= KEYS_LIMIT || live >= LIVE_KEYS_PER_ISSUER_LIMIT) {
      throw signerRefusal('key_limit', 'This issuer, or this signer, has as many keys as allowed.');
    }
  }

  async #hold({ record, publicKey, place }: OpenedKey): Promise<HeldKey> {
    const { kid, alg, scope } = record;
    const life = this.#options.lives.find(kid) ?? lifeBeforeLives(record.createdMs);
    const receipts = await receiptCheckFor(scope, this.#options.standIns);
    const key: HeldKey = {
      record,
      custody: place.kind,
      life,
      madeBefore: 0,
      ...(receipts === undefined ? {} : { receipts }),
    };
    if (maySign(life) && !this.#isOver(scope)) {
      key.signing = await this.#options.custodies
        .of(place.kind)
        .open({ kid, alg, publicKey, place });
    }
    this.#keys.set(kid, key);
    return key;
  }

  /** The end of a key is written down too, so that a clock that goes back does not undo it. */
  #end(key: HeldKey): void {
    const ended = endLife(key.life, key.record.scope.notAfterSeconds * 1000);
    if (ended !== key.life) this.#enter(key, ended);
  }

  #enter(key: HeldKey, life: KeyLife): void {
    this.#options.lives.record(key.record.kid, life);
    key.life = life;
    if (maySign(life) || key.signing === undefined) return;
    key.madeBefore += key.signing.made;
    key.signing.forget();
    delete key.signing;
  }

  #isOver(scope: KeyScope): boolean {
    return toSeconds(this.#options.clock.nowMs()) >= scope.notAfterSeconds;
  }
}

/** False once a key will never sign again. */
function maySign({ state }: KeyLife): boolean {
  return state === 'planned' || state === 'published' || state === 'active';
}

/** Keys that are older than the record of lives signed as soon as they were made. */
function lifeBeforeLives(createdMs: number): KeyLife {
  const sinceMs = { planned: createdMs, published: createdMs, active: createdMs };
  return { state: 'active', sinceMs };
}

async function receiptCheckFor(
  { requireReceiptFrom: bond }: KeyScope,
  standIns: readonly string[],
): Promise<ReceiptCheck | undefined> {
  if (bond === undefined) return undefined;
  // A key that is bound to none of those logs stays bound to its own alone.
  const accepted = standIns.includes(bond) ? standIns : [bond];
  const logs = accepted.map((vkey) => {
    const key = parseVerifierKey(vkey);
    return openReceiptLog(key.name, key);
  });
  return new ReceiptCheck(await Promise.all(logs));
}
