// The keys of a running signer, by kid. Makes new ones within what the issuer's older keys allow,
// and forgets the private half of a key when its last day has passed (C-01).

import type { KeyObject } from 'node:crypto';
import { openReceiptLog, parseVerifierKey } from '@countersign/verifier';
import { type Clock, type Random, toSeconds } from '@countersign/vocabulary';
import { isNoRoom } from '../disk/write-fully.ts';
import { signerRefusal } from '../keys-error.ts';
import { checkAgainstOlder } from '../scope/check-new-scope.ts';
import { ReceiptCheck } from '../scope/check-receipt.ts';
import { checkKeyTime } from '../scope/check-scope.ts';
import { type KeyScope, type SignatureAlg, samePolicy } from '../scope/key-scope.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import type { PublicKeyRecord } from './key-file.ts';
import type { OpenKeyFolder } from './key-folder.ts';
import { makePrivateKey } from './make-key.ts';
import type { OpenedKey } from './open-key-file.ts';
import { sealKeyFile } from './seal-key-file.ts';
import { SigningKey } from './signing-key.ts';

/** Key files in one folder, old ones included: they are opened one by one at every start. */
export const KEYS_LIMIT = 10_000;
/** Keys of one issuer that are not past their last day. */
export const LIVE_KEYS_PER_ISSUER_LIMIT = 32;

export interface HeldKey {
  readonly record: PublicKeyRecord;
  /** Present exactly when the scope requires a receipt. */
  readonly receipts?: ReceiptCheck;
  /** Gone once the key is past its last day. */
  signing?: SigningKey;
}

export class KeyRing {
  readonly #keys = new Map<string, HeldKey>();
  readonly #folder: OpenKeyFolder;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #standIns: readonly string[];
  #making: Promise<unknown> = Promise.resolve();

  private constructor(
    folder: OpenKeyFolder,
    clock: Clock,
    random: Random,
    standIns: readonly string[],
  ) {
    this.#folder = folder;
    this.#clock = clock;
    this.#random = random;
    this.#standIns = standIns;
  }

  /** @param standIns receipt keys of logs that stand in for each other: see SignerOptions */
  static async fill(
    folder: OpenKeyFolder,
    clock: Clock,
    random: Random,
    standIns: readonly string[] = [],
  ): Promise<KeyRing> {
    const ring = new KeyRing(folder, clock, random, standIns);
    for (const opened of folder.keys) await ring.#hold(opened);
    return ring;
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid);
    if (key?.signing !== undefined && this.#isOver(key.record.scope)) delete key.signing;
    return key;
  }

  /** Every key, or every key of one issuer, in the order they were found or made. */
  list(issuer?: string): PublicKeyRecord[] {
    const records = [...this.#keys.values()].map(({ record }) => record);
    return issuer === undefined
      ? records
      : records.filter((record) => record.scope.issuer === issuer);
  }

  /**
   * The key of this algorithm that allows what `scope` allows, signs now and lives longest; made when
   * there is none that outlives its tokens. One at a time, so that two callers get one key.
   * @throws CodedError `scope_conflict`, `key_expired`, `key_not_yet_valid`, `key_limit`,
   *   `journal_full` when the disk has no room for the key file
   */
  ensure(alg: SignatureAlg, scope: KeyScope): Promise<PublicKeyRecord> {
    const next = this.#making.then(() => this.#findUsable(alg, scope) ?? this.#make(alg, scope));
    this.#making = next.catch(() => undefined); // the caller of `next` hears of it
    return next;
  }

  /**
   * Undefined when there is no such key, or when it ends before a token signed now may, and the
   * wanted one would end later: verifiers refuse a key after its end, with all its tokens.
   */
  #findUsable(alg: SignatureAlg, scope: KeyScope): PublicKeyRecord | undefined {
    const nowSeconds = toSeconds(this.#clock.nowMs());
    const [longest] = this.list(scope.issuer)
      .filter(
        (record) =>
          record.alg === alg &&
          samePolicy(record.scope, scope) &&
          record.scope.notBeforeSeconds <= nowSeconds &&
          nowSeconds < record.scope.notAfterSeconds,
      )
      .sort((a, b) => b.scope.notAfterSeconds - a.scope.notAfterSeconds);
    if (longest === undefined) return undefined;
    const { notAfterSeconds } = longest.scope;
    const outlivesItsTokens = notAfterSeconds - nowSeconds > scope.longestLifetimeSeconds;
    return outlivesItsTokens || scope.notAfterSeconds <= notAfterSeconds ? longest : undefined;
  }

  async #make(alg: SignatureAlg, scope: KeyScope): Promise<PublicKeyRecord> {
    const createdMs = this.#clock.nowMs();
    checkKeyTime(scope, toSeconds(createdMs));
    const siblings = this.list(scope.issuer);
    checkAgainstOlder(
      scope,
      siblings.map((record) => record.scope),
    );
    const live = siblings.filter((record) => !this.#isOver(record.scope)).length;
    if (this.#keys.size >= KEYS_LIMIT || live >= LIVE_KEYS_PER_ISSUER_LIMIT) {
      throw signerRefusal('key_limit', 'This issuer, or this signer, has as many keys as allowed.');
    }
    const privateKey = await makePrivateKey(alg);
    const file = sealKeyFile(
      { privateKey, alg, scope, createdMs },
      this.#folder.sealing,
      this.#random,
    );
    this.#save(file, privateKey);
    const { kid, publicJwk } = file;
    return this.#hold({ record: { kid, alg, scope, publicJwk, createdMs }, privateKey });
  }

  /** The fingerprint first: no key is kept that a scan of a dump could not find. */
  #save(file: Parameters<OpenKeyFolder['save']>[0], privateKey: KeyObject): void {
    try {
      this.#folder.fingerprints.add(fingerprintKey(file.kid, file.alg, privateKey));
      this.#folder.save(file);
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause;
      throw signerRefusal('journal_full', 'The signer has no room for a new key.', { cause });
    }
  }

  async #hold({ record, privateKey }: OpenedKey): Promise<PublicKeyRecord> {
    const { kid, alg, scope } = record;
    const receipts = await receiptCheckFor(scope, this.#standIns);
    const signing = this.#isOver(scope) ? {} : { signing: new SigningKey(privateKey, alg) };
    this.#keys.set(kid, { record, ...(receipts === undefined ? {} : { receipts }), ...signing });
    return record;
  }

  #isOver(scope: KeyScope): boolean {
    return toSeconds(this.#clock.nowMs()) >= scope.notAfterSeconds;
  }
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
