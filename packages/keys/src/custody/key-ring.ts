// The keys of a running signer, by kid. Makes new ones within what the issuer's older keys allow,
// moves them through their life, and forgets a private half that never signs again (C-01).

import { type Clock, type Random, toSeconds } from '@countersign/vocabulary';
import { isNoRoom } from '../disk/write-fully.ts';
import { signerRefusal } from '../keys-error.ts';
import {
  endLife,
  isEnded,
  type KeyLife,
  type KeyState,
  laterEnd,
  neverSigns,
  startLife,
  stepLife,
} from '../life/key-life.ts';
import type { LifeBook, LifeEntry } from '../life/life-book.ts';
import { checkAgainstOlder } from '../scope/check-new-scope.ts';
import { openReceiptCheck } from '../scope/check-receipt.ts';
import { checkKeyTime } from '../scope/check-scope.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import { enterLife, fileMissing, type HeldKey, lifeOf } from '../signing/held-key.ts';
import type { SignerOptions } from '../signing/open-folder.ts';
import { BuryKeys } from './bury-keys.ts';
import type { Custodies } from './custodies.ts';
import type { CustodyKind } from './custody.ts';
import type { EndedKey, EndedKeys } from './ended-keys.ts';
import { placeWithoutKey } from './ended-record.ts';
import { fingerprintKey } from './fingerprint-key.ts';
import type { OpenKeyFolder } from './key-folder.ts';
import type { OpenedKey } from './open-key-file.ts';
import { sealKeyFile } from './seal-key-file.ts';
import { openOrTell } from './unusable-key.ts';

/** Keys in one folder that are not over: they are opened one by one at every start. */
export const KEYS_LIMIT = 10_000;
/** Keys of one issuer that sign, or may yet: those that stopped need no bound of their own. */
export const LIVE_KEYS_PER_ISSUER_LIMIT = 32;

export interface KeyRingOptions extends Pick<SignerOptions, 'onUnusable' | 'onUndestroyed'> {
  folder: OpenKeyFolder;
  lives: LifeBook;
  ended: EndedKeys;
  custodies: Custodies;
  clock: Clock;
  random: Random;
  /** See SignerOptions. */
  standIns: readonly string[];
  longestKeyLifeSeconds: number;
  spareLines?: number | undefined;
}

export interface WantedKeys {
  issuer?: string | undefined;
  kid?: string | undefined;
  /** Of the keys that are over, only those that ended then or later; ms since epoch. */
  endedAfterMs?: number | undefined;
}

/** A key in a list; what is over is read when it is looked at. */
export type ListedKey = HeldKey | EndedKey;

export class KeyRing {
  /** Those whose files are here: all that are not over, and some that have just ended. */
  readonly #keys = new Map<string, HeldKey>();
  readonly #options: KeyRingOptions;
  readonly #burials: BuryKeys;
  #nextOrder: number;
  /** Lives of keys that were revoked, or ended, while there was no room to write it down. */
  readonly #unrecorded = new Map<string, KeyLife>();
  #making: Promise<unknown> = Promise.resolve();

  private constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#nextOrder = options.ended.size;
    this.#burials = new BuryKeys({
      ...options,
      held: this.#keys,
      isDurable: (kid) => !this.#unrecorded.has(kid),
    });
  }

  static async fill(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    for (const opened of options.folder.keys) await ring.#hold(opened);
    for (const [kid, { state }] of options.lives.all()) {
      // A key that is planned and has no file was being made when the process died.
      const isKnown = ring.#keys.has(kid) || options.ended.find(kid) !== undefined;
      if (state !== 'planned' && !isKnown) throw fileMissing(kid);
    }
    ring.#endAll([...ring.#keys.values()]);
    ring.#burials.shortenLives();
    return ring;
  }

  /** Number of keys of all times. */
  count(): number {
    this.#endAll([...this.#keys.values()]);
    return this.#keys.size + this.#options.ended.size;
  }

  find(kid: string): HeldKey | undefined {
    const key = this.#keys.get(kid);
    if (key === undefined) return this.#readEnded(kid);
    this.noticeEnd(key);
    return key;
  }

  /** Ends a key that is past its last second. */
  noticeEnd(key: HeldKey): void {
    if (this.#isOver(key)) this.#endAll([key]);
  }

  /** In the order they were found or made, which lasts as long as this process. */
  list({ issuer, kid, endedAfterMs }: WantedKeys = {}): ListedKey[] {
    const held = [...this.#keys.values()];
    this.#endAll(held);
    const { ended } = this.#options;
    if (kid !== undefined) {
      const only = this.#keys.get(kid) ?? ended.find(kid);
      return only === undefined || issuerOf(only) !== (issuer ?? issuerOf(only)) ? [] : [only];
    }
    const over = issuer === undefined ? [...ended.all()] : ended.ofIssuer(issuer);
    const isWanted = (key: ListedKey): boolean =>
      (issuer === undefined || issuerOf(key) === issuer) &&
      (endedAfterMs === undefined || this.#isLiveOrEnded(key, endedAfterMs));
    return [...over, ...held].filter(isWanted).sort((one, other) => one.order - other.order);
  }

  /** What a list named, with all that is known of it. @throws CodedError `ended_keys_corrupt` */
  look(key: ListedKey): HeldKey {
    return 'record' in key ? key : (this.#readEnded(key.kid) as HeldKey);
  }

  /** See `BuryKeys`. */
  bury(graceMs?: number): Promise<void> {
    return this.#burials.bury(graceMs);
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
    return this.find(kid) ?? key;
  }

  async #make(alg: SignatureAlg, scope: KeyScope, kind?: CustodyKind): Promise<HeldKey> {
    const { folder, custodies, clock, random } = this.#options;
    const createdMs = clock.nowMs();
    this.#checkNew(scope, createdMs);
    const made = await custodies.of(kind ?? custodies.defaultKind).make(alg, scope.issuer);
    const file = sealKeyFile({ ...made, alg, scope, createdMs }, folder.sealing, random);
    const { kid, publicJwk } = file;
    if (this.#keys.has(kid) || this.#options.ended.find(kid) !== undefined) {
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
    const held = [...this.#keys.values()];
    this.#endAll(held);
    const siblings = held.filter(({ record }) => record.scope.issuer === scope.issuer);
    checkAgainstOlder(scope, [
      ...this.#options.ended.bondsOf(scope.issuer),
      ...siblings.map(({ record }) => record.scope),
    ]);
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
      place: placeWithoutKey(place),
      life,
      order: this.#nextOrder,
      failed: 0,
      ...(receipts === undefined ? {} : { receipts }),
    };
    if (!neverSigns(life) && !this.#isOver(key)) {
      key.signing = await openOrTell({ kid, alg, publicKey, place }, this.#options);
      key.counted = key.signing;
    }
    this.#nextOrder += 1;
    this.#keys.set(kid, key);
    return key;
  }

  #readEnded(kid: string): HeldKey | undefined {
    const { ended, lives } = this.#options;
    const key = ended.find(kid);
    if (key === undefined) return undefined;
    const { life, place, fingerprints: _, ...record } = ended.read(kid);
    const { order, past = { failed: 0 } } = key;
    const known = this.#unrecorded.get(kid) ?? lives.find(kid);
    return { record, place, life: laterEnd(life, known), order, ...past };
  }

  #isLiveOrEnded(key: ListedKey, sinceMs: number): boolean {
    if ('record' in key) {
      return !isEnded(key.life) || (key.life.sinceMs[key.life.state] ?? 0) >= sinceMs;
    }
    const { kid, atMs } = key;
    const known = this.#unrecorded.get(kid) ?? this.#options.lives.find(kid);
    return Math.max(atMs, known?.sinceMs.revoked ?? 0) >= sinceMs;
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

function issuerOf(key: ListedKey): string {
  return 'record' in key ? key.record.scope.issuer : key.issuer;
}
