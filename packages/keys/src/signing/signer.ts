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
import type { SigningHandle } from '../custody/custody.ts';
import { hasCustody } from '../custody/custody-file.ts';
import type { KdfParameters } from '../custody/derive-key.ts';
import type { PublicKeyRecord } from '../custody/key-file.ts';
import { openKeyFolder } from '../custody/key-folder.ts';
import { KeyRing } from '../custody/key-ring.ts';
import { FolderClaim } from '../disk/claim-folder.ts';
import { Journal, type JournalPlace, type NewSignature } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/read-entries.ts';
import { signerRefusal } from '../keys-error.ts';
import { checkScope } from '../scope/check-scope.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';

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
  /** How long to wait for a signer that is leaving. Default 3,000. */
  claimWaitMs?: number;
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

  private constructor(claim: FolderClaim, journal: Journal, keys: KeyRing, clock: Clock) {
    this.#claim = claim;
    this.#journal = journal;
    this.#keys = keys;
    this.#clock = clock;
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
      return new Signer(
        claim,
        journal,
        await KeyRing.fill(opened, clock, random, options.standIns),
        clock,
      );
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
        place === undefined
          ? { refused: this.#counted(places) }
          : { place, signature: signing.sign(input) };
    });
    return outcomes;
  }

  /** See `KeyRing.ensure`. */
  async ensureKey(alg: SignatureAlg, scope: KeyScope): Promise<PublicKeyRecord> {
    try {
      const record = await this.#keys.ensure(alg, scope);
      if (this.#claim.holds()) return record;
      throw signerRefusal('signer_unavailable', 'Another signer has taken over.');
    } catch (error) {
      throw this.#counted(error);
    }
  }

  listKeys(issuer?: string): PublicKeyRecord[] {
    return this.#keys.list(issuer);
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

  #judge({ kid, input }: SignRequest, nowMs: number): Omit<Accepted, 'index'> {
    const key = this.#keys.find(kid);
    if (key === undefined) throw signerRefusal('unknown_key', 'This signer has no such key.');
    checkScope(key, input, nowMs);
    // The scope's own check of time comes first; without it this would be a bug.
    if (key.signing === undefined) throw signerRefusal('key_expired', 'The key signs no more.');
    const away = key.signing.away();
    if (away !== undefined) throw away;
    const inputHash = hash('sha256', input, 'buffer');
    const entry = { kid, alg: key.record.alg, timeMs: nowMs, inputHash };
    return { entry, signing: key.signing, input };
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
