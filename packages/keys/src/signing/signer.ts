// The signer itself: policy, then the journal, then the signature, in that order. One batch is one
// durable write; no signature exists before its number is on disk.

import { hash } from 'node:crypto';
import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { AccessFacts, AccessPage } from '../access/access-record.ts';
import type { CustodyKind } from '../custody/custody.ts';
import type { ListedKey, WantedKeys } from '../custody/key-ring.ts';
import type { JournalPlace, NewSignature } from '../journal/journal.ts';
import type { JournalEntry } from '../journal/read-entries.ts';
import { signerRefusal } from '../keys-error.ts';
import type { KeyState } from '../life/key-life.ts';
import { describeKey, type PublicKeyRecord } from '../life/public-key-record.ts';
import { checkScope } from '../scope/check-scope.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import { checkLife } from './check-life.ts';
import type { HeldKey } from './held-key.ts';
import { type OpenedFolder, openFolder, type SignerOptions } from './open-folder.ts';
import { type SignOutcome, signWith } from './sign-with.ts';
import { isTripwire, type TrippedKey, Tripwires } from './tripwires.ts';

export interface SignRequest {
  kid: string;
  /** ASCII bytes `header.payload`. */
  input: Uint8Array;
}

export interface SignerStatus {
  lastNumber: number;
  keys: number;
  /** True when this start cut an unfinished group off the journal. */
  cutAtOpen: boolean;
  /** Requests refused since this process started, by code. They are not in the journal. */
  refusals: Record<string, number>;
  /** Retired and revoked keys that somebody wanted to sign with since this process started. */
  tripped: TrippedKey[];
}

export interface WhoAsks {
  /** The person behind it, as the asking process tells it; at most 200 characters. */
  by?: string;
  /** One line, at most 200 characters. Of a revocation it is kept with the key. */
  reason?: string;
}

export interface MakeKeyOptions extends WhoAsks {
  /** Default: what the signer was started with for new keys. */
  custody?: CustodyKind;
}

export type ChangeKeyOptions = WhoAsks;

export interface ListKeysOptions {
  /** This key alone. */
  kid?: string;
  /**
   * Of the keys that are over, only those that retired or were revoked then or later (ms since epoch, by
   * the signer's clock; one that just ran out retired at its last second). Default: those of all times,
   * which are many.
   */
  endedAfterMs?: number;
}

/** For the record of access, when nobody says which connection asks. */
const THIS_PROCESS = 'this process';

interface Accepted {
  index: number;
  entry: NewSignature;
  key: HeldKey;
  input: Uint8Array;
}

export class Signer {
  readonly #folder: OpenedFolder;
  readonly #refusals = new Map<string, number>();
  readonly #tripwires = new Tripwires();
  /** Signatures in the journal before this start, by kid. */
  readonly #countsBefore: ReadonlyMap<string, number>;

  private constructor(folder: OpenedFolder) {
    this.#folder = folder;
    this.#countsBefore = new Map(folder.journal.counts);
  }

  /** See `openFolder`. */
  static async open(options: SignerOptions): Promise<Signer> {
    return new Signer(await openFolder(options));
  }

  /**
   * Judges a batch, journals what may be signed with one durable write, then signs it.
   * @throws whatever broke the journal: the process must end, and nothing was signed
   */
  signBatch(requests: readonly SignRequest[]): SignOutcome[] {
    const outcomes: SignOutcome[] = [];
    this.signEach(requests, (index, outcome) => {
      outcomes[index] = outcome;
    });
    return outcomes;
  }

  /**
   * The same; each outcome is told as soon as there is one, so that whoever asked goes on with it while
   * the next signature is made. Everything is journalled before the first.
   */
  signEach(
    requests: readonly SignRequest[],
    tell: (index: number, outcome: SignOutcome) => void,
  ): void {
    const nowMs = this.#folder.clock.nowMs();
    const refused: [index: number, outcome: SignOutcome][] = [];
    const accepted: Accepted[] = [];
    requests.forEach((request, index) => {
      try {
        accepted.push({ index, ...this.#judge(request, nowMs) });
      } catch (error) {
        refused.push([index, { refused: this.#counted(error) }]);
      }
    });
    const places = this.#journalled(accepted);
    for (const [index, outcome] of refused) tell(index, outcome);
    const noticeEnd = (key: HeldKey): void => this.#folder.keys.noticeEnd(key);
    accepted.forEach(({ index, key, input }, at) => {
      const place = places instanceof Error ? undefined : places[at];
      const outcome =
        place === undefined
          ? { refused: this.#counted(places) }
          : signWith(key, place, input, noticeEnd);
      tell(index, outcome);
    });
  }

  /** See `KeyRing.make`. @param caller which connection asks */
  makeKey(
    alg: SignatureAlg,
    scope: KeyScope,
    options: MakeKeyOptions = {},
    caller = THIS_PROCESS,
  ): Promise<PublicKeyRecord> {
    const { custody, ...who } = options;
    return this.#administer(() => {
      this.#folder.access.tell({ what: 'make', caller, issuer: scope.issuer, ...who });
      return this.#folder.keys.make(alg, scope, custody);
    });
  }

  /**
   * See `KeyRing.change`. What was judged before this is signed; what is judged after is not.
   * @param caller which connection asks
   */
  changeKey(
    kid: string,
    to: KeyState,
    options: ChangeKeyOptions = {},
    caller = THIS_PROCESS,
  ): PublicKeyRecord {
    try {
      const { access, keys } = this.#folder;
      const facts = { what: 'change', caller, kid, to, ...options } as const;
      // A key that must stop does so even while there is no room to record who wanted it.
      if (to === 'revoked') access.tellIfRoom(facts);
      else access.tell(facts);
      return this.#described(keys.change(kid, to, to === 'revoked' ? options.reason : undefined));
    } catch (error) {
      throw this.#counted(error);
    }
  }

  /** @param caller which connection asks */
  listKeys(
    issuer?: string,
    caller = THIS_PROCESS,
    wanted: ListKeysOptions = {},
  ): PublicKeyRecord[] {
    return this.pageOfKeys({ issuer, ...wanted }, caller).keys;
  }

  /**
   * Keys from the place `from` of the list on, as many as fit into `bytes` and at least one; the order
   * of the list lasts as long as this process.
   */
  pageOfKeys(
    wanted: WantedKeys,
    caller: string,
    { from = 0, bytes = Number.POSITIVE_INFINITY } = {},
  ): { keys: PublicKeyRecord[]; next: number | null } {
    const { access, keys } = this.#folder;
    if (from === 0) access.tellListing(caller);
    const all = keys.list(wanted);
    const page: PublicKeyRecord[] = [];
    let used = 0;
    for (let at = from; at < all.length; at += 1) {
      const key = this.#described(keys.look(all[at] as ListedKey));
      used += bytes === Number.POSITIVE_INFINITY ? 0 : JSON.stringify(key).length;
      if (used > bytes && page.length > 0) return { keys: page, next: at };
      page.push(key);
    }
    return { keys: page, next: null };
  }

  /**
   * Does away with private halves of keys that are over: a bounded number each time, so it is called
   * again and again.
   * @param graceMs time after which a key that is over is done away with; default 5,000
   * @throws what broke a record: the process must end
   */
  bury(graceMs?: number): Promise<void> {
    return this.#folder.keys.bury(graceMs);
  }

  readJournal(fromNumber: number, limit: number): { entries: JournalEntry[]; lastNumber: number } {
    return this.#folder.journal.read(fromNumber, limit);
  }

  /** Who touched the keys, besides signing, from `fromNumber` on; at most 1000 lines. */
  readAccess(fromNumber: number, limit: number): AccessPage {
    return this.#folder.access.read(fromNumber, limit);
  }

  status(): SignerStatus {
    const { journal, keys } = this.#folder;
    return {
      lastNumber: journal.lastNumber,
      keys: keys.count(),
      cutAtOpen: journal.cutAtOpen,
      refusals: Object.fromEntries(this.#refusals),
      tripped: this.#tripwires.list(),
    };
  }

  /** Set when nobody knows what one of the records holds: the process must end. */
  get broken(): unknown {
    const { lives, access, ended } = this.#folder;
    return lives.broken ?? access.broken ?? ended.broken;
  }

  close(): void {
    const { claim, journal, lives, access, ended, custodies } = this.#folder;
    journal.close();
    lives.close();
    access.close();
    ended.close();
    void custodies.close().catch(() => undefined); // the process ends, and with it every session
    claim.release();
  }

  async #administer(work: () => Promise<HeldKey>): Promise<PublicKeyRecord> {
    try {
      const key = await work();
      if (this.#folder.claim.holds()) return this.#described(key);
      throw signerRefusal('signer_unavailable', 'Another signer has taken over.');
    } catch (error) {
      throw this.#counted(error);
    }
  }

  #described(key: HeldKey): PublicKeyRecord {
    const { kid } = key.record;
    const journalled = this.#folder.journal.counts.get(kid) ?? 0;
    return describeKey(key, journalled, this.#countsBefore.get(kid) ?? 0);
  }

  #judge({ kid, input }: SignRequest, nowMs: number): Omit<Accepted, 'index'> {
    const key = this.#folder.keys.find(kid);
    if (key === undefined) throw signerRefusal('unknown_key', 'This signer has no such key.');
    if (isTripwire(key, nowMs)) this.#tripped(kid, nowMs);
    checkLife(key, nowMs);
    checkScope(key, input, nowMs);
    const inputHash = hash('sha256', input, 'buffer');
    return { entry: { kid, alg: key.record.alg, timeMs: nowMs, inputHash }, key, input };
  }

  /** Written down once a start: whoever follows the status counts the rest. */
  #tripped(kid: string, nowMs: number): void {
    if (!this.#tripwires.trip(kid, nowMs)) return;
    const facts: Omit<AccessFacts, 'atMs' | 'host'> = { what: 'tripwire', caller: 'sign', kid };
    this.#folder.access.tellIfRoom(facts);
  }

  /** Their places, or the refusal that holds for all of them while there is no room. */
  #journalled(accepted: readonly Accepted[]): JournalPlace[] | CodedError {
    try {
      return this.#folder.journal.append(accepted.map(({ entry }) => entry));
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
