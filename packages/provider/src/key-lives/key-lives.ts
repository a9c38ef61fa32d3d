// The life of every key of every realm, moved along its one way: made, shown, signing, fading, kept as
// a tripwire; or revoked from anywhere. The signer holds the states, the log is told before each takes
// effect, and every step left half done is finished by the next turn.

import type {
  CustodyKind,
  KeyLife,
  KeyState,
  PublicKeyRecord,
  SignatureAlg,
} from '@countersign/keys';
import type { Population, Realm } from '@countersign/vocabulary';

/** Why a request about keys was refused. */
export type KeyLivesCode =
  /** No key of that kid is ours. */
  | 'key_unknown'
  | 'realm_unknown'
  /** The standby was not shown for long enough; the message and `retryAfterSeconds` say when it was. */
  | 'standby_too_fresh'
  /** Nothing to undo: the key before signs no more. */
  | 'rollback_too_late'
  /** Something must still be done and is tried again by itself; the message says what. */
  | 'key_change_unfinished'
  /** Two persons paused the rotation of this issuer. */
  | 'keys_paused'
  /** Another server moves the keys of this issuer at the moment. */
  | 'keys_busy';

export interface RotateOptions {
  /** Default: every algorithm. */
  alg?: SignatureAlg;
  /** Where the next key shall live; when it lives elsewhere now, one is made there and waits its turn. */
  custody?: CustodyKind;
  /** Also with a standby that some verifiers cannot know yet: their tokens fail until they read again. */
  force?: boolean;
  /** Who asked, as it is recorded. */
  by: string;
  reason?: string;
}

export interface KeyLives {
  /**
   * The first keys of a realm: logged, published and active at once, because no cache can hold an older
   * set; and those that stand by. Safe to ask at once from anywhere.
   * @throws CodedError of the signer, the log or the store
   */
  ensureRealm(realm: Realm): Promise<void>;
  /**
   * One turn of the rotator: whatever is due, for a bounded number of issuers. Needs the lease of all
   * servers; without it nothing is done. @throws what the first of its failures was, after the turn
   */
  tick(): Promise<void>;
  /**
   * The standby signs from now on. Resolves with the keys of the issuer as they then are.
   * @throws CodedError `standby_too_fresh`, `keys_paused`, `realm_unknown`, `keys_busy`; of signer, log or store
   */
  rotate(issuer: string, options: RotateOptions): Promise<KeyView[]>;
  /**
   * Undoes the last rotation while the key before still signs: it goes on, the new one fades.
   * @throws CodedError `rollback_too_late`
   */
  rollBack(
    issuer: string,
    options: { alg?: SignatureAlg; by: string; reason?: string },
  ): Promise<KeyView[]>;
  /**
   * The kill switch: key sets here, the signer, and the ledger with the feed at once; then the log, and
   * the standby signs. One that fails or hangs holds up no other. Safe to repeat; what is unfinished is
   * tried again by each turn. @throws CodedError `key_unknown`; `key_change_unfinished` after everything possible
   */
  revoke(kid: string, options: { reason: string; by: string }): Promise<KeyView>;
  /** Every key, or every key of one issuer, retired ones included. */
  list(issuer?: string): Promise<KeyView[]>;
  /**
   * Every key whose kid begins so. Also while its signer does not answer: then as it was known last, and
   * `away`. @throws CodedError of the signer where no such key is known and it cannot be asked
   */
  find(beginning: string): Promise<KeyView[]>;
  heartbeat(): RotatorHeartbeat;
  /** Calls with the issuer whenever its keys changed here, so that key sets follow at once. */
  onChange(listener: (issuer: string) => void): void;
  /** Learns which keys are dead from the ledger: before the first key set is shown. */
  recallDead(): Promise<void>;
  /** Whether the key was revoked or quarantined, as far as this process knows. */
  isDead(issuer: string, kid: string): boolean;
}

export interface RotatorHeartbeat {
  /** When some server last ended a turn; 0 before the first that is known here. */
  lastTickMs: number;
  nextTickMs: number;
  /** Whether this process takes the turns. */
  mine: boolean;
  /** What failed in the last turn, one line. */
  failed?: string;
}

export interface KeyView {
  kid: string;
  issuer: string;
  tenant: string;
  population: Population;
  alg: SignatureAlg;
  state: KeyState;
  /** When each state was reached, by the signer's clock. */
  sinceMs: KeyLife['sinceMs'];
  /** Why it was revoked. */
  reason?: string;
  custody: CustodyKind;
  /** Which of several signers holds it; empty where there is one. */
  signer: string;
  /** The signer that holds it does not answer: this is what it last said. */
  away?: true;
  notBeforeSeconds: number;
  notAfterSeconds: number;
  /** Share of its longest age that is over: alarm at 0.8, refused everywhere at 1. */
  ageShare: number;
  /** What comes next, when, and what it may still have to wait for. */
  nextChange?: { to: KeyState; atMs: number; waitsFor?: string };
  counts: PublicKeyRecord['counts'];
  /** Rotation of its realm is held back (it ends as ever): until when and why. */
  paused?: { untilMs: number; reason: string };
}
