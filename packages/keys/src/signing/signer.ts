// The signer itself: policy, then the journal, then the signature, in that order. One batch is one
// durable write; no signature exists before its number is on disk.

import { hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Clock,
  type CodedError,
  isCodedError,
  type Random,
  systemClock,
  systemRandom,
} from '@countersign/vocabulary';
import { Custodies, type OpenCustodies } from '../custody/custodies.ts';
import type { CustodyKind, SigningHandle } from '../custody/custody.ts';
import { hasCustody } from '../custody/custody-file.ts';
import type { KdfParameters } from '../custody/derive-key.ts';
import { openKeyFolder } from '../custody/key-folder.ts';
import { type HeldKey, KeyRing } from '../custody/key-ring.ts';
import { FolderClaim } from '../disk/claim-folder.ts';
import { Journal, type JournalPlace, type NewSignature } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/read-entries.ts';
import { signerRefusal } from '../keys-error.ts';
import type { KeyState } from '../life/key-life.ts';
import { LifeBook } from '../life/life-book.ts';
import { describeKey, type PublicKeyRecord } from '../life/public-key-record.ts';
import { checkScope } from '../scope/check-scope.ts';
import {
  type KeyScope,
  LONGEST_KEY_LIFETIME_SECONDS,
  type SignatureAlg,
} from '../scope/key-scope.ts';
import { checkLife } from './check-life.ts';

export interface SignRequest {
  kid: string;
  /** ASCII bytes `header.payload`. */
  input: Uint8Array;
}

/** What became of one request: signed under its numbers, or refused. */
export type SignOutcome =
  | { place: JournalPlace; signature: Uint8Array | Promise<Uint8Array> }
  | { refused: unknown };

export interface SignerStatus {
  lastNumber: number;
  keys: number;
  /** True when this start cut an unfinished group off the journal. */
  cutAtOpen: boolean;
  /** Requests refused since this process started, by code. They are not in the journal. */
  refusals: Record<string, number>;
}

export interface SignerOptions {
  folder: string;
  /** Left as it was; the caller overwrites it. */
  passphrase: Uint8Array;
  clock?: Clock;
  random?: Random;
  /** Only for a new folder. */
  kdf?: KdfParameters;
  /**
   * Receipt keys (vkey) of logs that stand in for each other: a key bound to one of them signs with a
   * receipt of any. Whoever starts the signer says so, not whoever asks it. Default none.
   */
  standIns?: readonly string[];
  /** Who holds keys. Default: this process alone. */
  openCustodies?: OpenCustodies;
  /** No key is made that lives longer; it never prolongs one. Default: 366 days. */
  longestKeyLifeSeconds?: number;
  /** How long to wait for a signer that is leaving. Default 3,000. */
  claimWaitMs?: number;
}

export interface MakeKeyOptions {
  /** Default: what the signer was started with for new keys. */
  custody?: CustodyKind;
}

export interface ChangeKeyOptions {
  /** Of a revocation: one line, at most 200 characters. */
  reason?: string;
}

interface Accepted {
  index: number;
  entry: NewSignature;
  signing: SigningHandle;
  input: Uint8Array;
}

export class Signer {
  readonly #claim: FolderClaim;
  readonly #journal: Journal;
  readonly #keys: KeyRing;
  readonly #clock: Clock;
  readonly #refusals = new Map<string, number>();
  /** Signatures in the journal before this start, by kid. */
  readonly #countsBefore: ReadonlyMap<string, number>;

  private constructor(claim: FolderClaim, journal: Journal, keys: KeyRing, clock: Clock) {
    this.#claim = claim;
    this.#journal = journal;
    this.#keys = keys;
    this.#clock = clock;
    this.#countsBefore = new Map(journal.counts);
  }

  /**
   * Opens a folder, which is then this process's alone, or starts an empty one.
   * @throws CodedError with a `CustodyRefusal` code; nothing was changed but a torn journal tail
   */
  static async open(options: SignerOptions): Promise<Signer> {
    const { folder, passphrase, kdf, clock = systemClock, random = systemRandom } = options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const claim = FolderClaim.take(folder, options.claimWaitMs);
    try {
      // The journal is made before the custody, so where there is a custody there was a journal.
      const mustExist = hasCustody(folder);
      const journal = new Journal({
        folder: join(folder, 'journal'),
        mustExist,
        epoch: claim.epoch,
        holdsFolder: () => claim.holds(),
      });
      const opened = openKeyFolder({
        folder,
        passphrase,
        random,
        signedKids: journal.counts.keys(),
        ...(kdf === undefined ? {} : { kdf }),
      });
      const custodies =
        (await options.openCustodies?.({ folder, sealingKey: opened.sealing.key })) ??
        new Custodies();
      const keys = await KeyRing.fill({
        folder: opened,
        lives: new LifeBook(),
        clock,
        random,
        custodies,
        standIns: options.standIns ?? [],
        longestKeyLifeSeconds: options.longestKeyLifeSeconds ?? LONGEST_KEY_LIFETIME_SECONDS,
      });
      return new Signer(claim, journal, keys, clock);
    } catch (error) {
      claim.release();
      throw error;
    }
  }

  /**
   * Judges a batch, journals what may be signed with one durable write, then signs it.
   * @throws whatever broke the journal: the process must end, and nothing was signed
   */
  signBatch(requests: readonly SignRequest[]): SignOutcome[] {
    const nowMs = this.#clock.nowMs();
    const outcomes: SignOutcome[] = [];
    const accepted: Accepted[] = [];
    requests.forEach((request, index) => {
      try {
        accepted.push({ index, ...this.#judge(request, nowMs) });
      } catch (error) {
        outcomes[index] = { refused: this.#counted(error) };
      }
    });
    const places = this.#journalled(accepted);
    accepted.forEach(({ index, signing, input }, at) => {
      const place = places instanceof Error ? undefined : places[at];
      outcomes[index] =
        place === undefined ? { refused: this.#counted(places) } : signed(place, signing, input);
    });
    return outcomes;
  }

  /** See `KeyRing.make`. */
  makeKey(
    alg: SignatureAlg,
    scope: KeyScope,
    options: MakeKeyOptions = {},
  ): Promise<PublicKeyRecord> {
    return this.#administer(() => this.#keys.make(alg, scope, options.custody));
  }

  /** See `KeyRing.change`. What was asked before this returns is signed; what is asked after is not. */
  changeKey(kid: string, to: KeyState, options: ChangeKeyOptions = {}): PublicKeyRecord {
    try {
      return this.#described(this.#keys.change(kid, to, options.reason));
    } catch (error) {
      throw this.#counted(error);
    }
  }

  /** See `KeyRing.ensure`. */
  ensureKey(alg: SignatureAlg, scope: KeyScope): Promise<PublicKeyRecord> {
    return this.#administer(() => this.#keys.ensure(alg, scope));
  }

  listKeys(issuer?: string): PublicKeyRecord[] {
    return this.#keys.list(issuer).map((key) => this.#described(key));
  }

  readJournal(fromNumber: number, limit: number): { entries: JournalEntry[]; lastNumber: number } {
    return this.#journal.read(fromNumber, limit);
  }

  status(): SignerStatus {
    return {
      lastNumber: this.#journal.lastNumber,
      keys: this.#keys.list().length,
      cutAtOpen: this.#journal.cutAtOpen,
      refusals: Object.fromEntries(this.#refusals),
    };
  }

  close(): void {
    this.#journal.close();
    this.#claim.release();
  }

  async #administer(work: () => Promise<HeldKey>): Promise<PublicKeyRecord> {
    try {
      const key = await work();
      if (this.#claim.holds()) return this.#described(key);
      throw signerRefusal('signer_unavailable', 'Another signer has taken over.');
    } catch (error) {
      throw this.#counted(error);
    }
  }

  #described(key: HeldKey): PublicKeyRecord {
    const { kid } = key.record;
    return describeKey(key, this.#journal.counts.get(kid) ?? 0, this.#countsBefore.get(kid) ?? 0);
  }

  #judge({ kid, input }: SignRequest, nowMs: number): Omit<Accepted, 'index'> {
    const key = this.#keys.find(kid);
    if (key === undefined) throw signerRefusal('unknown_key', 'This signer has no such key.');
    const signing = checkLife(key, nowMs);
    checkScope(key, input, nowMs);
    const inputHash = hash('sha256', input, 'buffer');
    const entry = { kid, alg: key.record.alg, timeMs: nowMs, inputHash };
    return { entry, signing, input };
  }

  /** Their places, or the refusal that holds for all of them while there is no room. */
  #journalled(accepted: readonly Accepted[]): JournalPlace[] | CodedError {
    try {
      return this.#journal.append(accepted.map(({ entry }) => entry));
    } catch (error) {
      if (isCodedError(error) && error.retryAfterSeconds !== undefined) return error;
      throw error;
    }
  }

  #counted(error: unknown): unknown {
    const code = isCodedError(error) ? error.code : 'internal_error';
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
    return error;
  }
}

/** A custody that fails now has spent a number: the journal counts what may have been signed. */
function signed(place: JournalPlace, signing: SigningHandle, input: Uint8Array): SignOutcome {
  try {
    return { place, signature: signing.sign(input) };
  } catch (error) {
    return { refused: error };
  }
}
