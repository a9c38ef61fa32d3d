// The keys of a running signer, by kid. Makes new ones within what the issuer's older keys allow,
// moves them through their life, and forgets a private half that never signs again (C-01).

import { type Clock, type Random, toSeconds } from '@countersign/vocabulary';
import { isNoRoom } from '../disk/write-fully.ts';
import { custodyRefusal, signerRefusal } from '../keys-error.ts';
import {
  endLife,
  type KeyLife,
  type KeyState,
  neverSigns,
  startLife,
  stepLife,
} from '../life/key-life.ts';
import type { LifeBook, LifeEntry } from '../life/life-book.ts';
import { checkAgainstOlder } from '../scope/check-new-scope.ts';
import { openReceiptCheck } from '../scope/check-receipt.ts';
import { checkKeyTime } from '../scope/check-scope.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import { enterLife, type HeldKey, lifeOf } from '../signing/held-key.ts';
import type { Custodies } from './custodies.ts';
import type { CustodyKind } from './custody.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import type { OpenKeyFolder } from './key-folder.ts';
import type { OpenedKey } from './open-key-file.ts';
import { sealKeyFile } from './seal-key-file.ts';

/** Key files in one folder, old ones included: they are opened one by one at every start. */
export const KEYS_LIMIT = 10_000;
/** Keys of one issuer that sign, or may yet: those that stopped need no bound of their own. */
export const LIVE_KEYS_PER_ISSUER_LIMIT = 32;

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
  /** Lives of keys that were revoked, or ended, while there was no room to write it down. */
  readonly #unrecorded = new Map<string, KeyLife>();
  #making: Promise<unknown> = Promise.resolve();

  private constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  static async fill(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    for (const opened of options.folder.keys) await ring.#hold(opened);
    for (const [kid, { state }] of options.lives.all()) {
      // A key that is planned and has no file was being made when the process died.
      if (state !== 'planned' && !ring.#keys.has(kid)) throw missing(kid);
    }
    ring.#endAll([...ring.#keys.values()]);
    return ring;
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid);
    if (key !== undefined && this.#isOver(key)) this.#endAll([key]);
    return key;
  }

  /** Every key, or every key of one issuer, in the order they were found or made. */
  list(issuer?: string): HeldKey[] {
    const keys = [...this.#keys.values()];
    this.#endAll(keys);
    return issuer === undefined
      ? keys
      : keys.filter(({ record }) => record.scope.issuer === issuer);
  }

  /**
   * A new key, which is `planned` and signs nothing yet. One is made at a time.
   * @throws CodedError `scope_malformed`, `scope_conflict`, `key_expired`, `key_not_yet_valid`,
   *   `key_limit`, `key_duplicate`, `custody_unsupported`, `custody_not_set_up`, `journal_full` when
   *   the disk has no room for the key
   */
  make(alg: SignatureAlg, scope: KeyScope, custody?: CustodyKind): Promise<HeldKey> {
    const next = this.#making.then(() => this.#make(alg, scope, custody));
    this.#making = next.catch(() => undefined); // the caller of `next` hears of it
    return next;
  }

  /**
   * Moves a key on, durably; a key that is there already stays as it is.
   * @throws CodedError `unknown_key`, `life_conflict`, `journal_full`
   */
  change(kid: string, to: KeyState, reason?: string): HeldKey {
    const key = this.find(kid);
    if (key === undefined) throw signerRefusal('unknown_key', 'This signer has no such key.');
    if (key.life.state === to) {
      if (this.#unrecorded.has(kid)) this.#record([{ kid, life: key.life }]);
      return key;
    }
    const life = stepLife(key.life, to, this.#options.clock.nowMs(), reason);
    if (to === 'revoked') {
      // It stops even while there is no room to write that down, which is tried again and again.
      enterLife(key, life);
      this.#unrecorded.set(kid, life);
    }
    this.#record([{ kid, life }]);
    enterLife(key, life);
    return key;
  }

  async #make(alg: SignatureAlg, scope: KeyScope, kind?: CustodyKind): Promise<HeldKey> {
    const { folder, custodies, clock, random } = this.#options;
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
      this.#record([{ kid, life: startLife(createdMs) }]);
      folder.save(file);
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause;
      throw signerRefusal('journal_full', 'The signer has no room for a new key.', { cause });
    }
    const record = { kid, alg, scope, publicJwk, createdMs };
    return this.#hold({ version: file.version, record, ...made });
  }

  #checkNew(scope: KeyScope, nowMs: number): void {
    const { longestKeyLifeSeconds } = this.#options;
    checkKeyTime(scope, toSeconds(nowMs));
    if (scope.notAfterSeconds - scope.notBeforeSeconds > longestKeyLifeSeconds) {
      throw signerRefusal('scope_malformed', 'The key would live longer than this signer allows.');
    }
    const siblings = this.list(scope.issuer);
    checkAgainstOlder(
      scope,
      siblings.map(({ record }) => record.scope),
    );
    const live = siblings.filter(({ life }) => !neverSigns(life)).length;
    if (this.#keys.size >= KEYS_LIMIT || live >= LIVE_KEYS_PER_ISSUER_LIMIT) {
      throw signerRefusal('key_limit', 'This issuer, or this signer, has as many keys as allowed.');
    }
  }

  async #hold({ version, record, publicKey, place }: OpenedKey): Promise<HeldKey> {
    const { kid, alg, scope } = record;
    const life = lifeOf(record, version, this.#options.lives.find(kid));
    const receipts = await openReceiptCheck(scope, this.#options.standIns);
    const key: HeldKey = {
      record,
      custody: place.kind,
      life,
      failed: 0,
      ...(receipts === undefined ? {} : { receipts }),
    };
    if (!neverSigns(life) && !this.#isOver(key)) {
      const custody = this.#options.custodies.of(place.kind);
      key.signing = await custody.open({ kid, alg, publicKey, place });
      key.counted = key.signing;
    }
    this.#keys.set(kid, key);
    return key;
  }

  /**
   * The end of a key is written down, so that a clock that goes back does not undo it: never in this
   * process, and not after a restart once there was room for it.
   */
  #endAll(keys: readonly HeldKey[]): void {
    for (const key of keys) {
      if (!this.#isOver(key)) continue;
      const ended = endLife(key.life, key.record.scope.notAfterSeconds * 1000);
      if (ended === key.life) continue;
      enterLife(key, ended);
      this.#unrecorded.set(key.record.kid, ended);
    }
    if (this.#unrecorded.size === 0) return;
    const entries = [...this.#unrecorded].map(([kid, life]) => ({ kid, life }));
    try {
      this.#options.lives.record(entries);
      this.#unrecorded.clear();
    } catch (error) {
      if (!isNoRoom(error)) throw error;
    }
  }

  #record(entries: readonly LifeEntry[]): void {
    try {
      this.#options.lives.record(entries);
    } catch (cause) {
      if (!isNoRoom(cause)) throw cause;
      throw signerRefusal('journal_full', 'The signer has no room to change a key.', { cause });
    }
    for (const { kid } of entries) this.#unrecorded.delete(kid);
  }

  #isOver({ record }: HeldKey): boolean {
    return toSeconds(this.#options.clock.nowMs()) >= record.scope.notAfterSeconds;
  }
}

function missing(kid: string): Error {
  return custodyRefusal(
    'key_file_missing',
    `The record of lives has the key ${kid}, and its file is not in keys/. Restore it from a backup: a key that anybody has seen is kept for ever, so that its use can be told.`,
  );
}
