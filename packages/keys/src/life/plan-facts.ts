// What a plan for the keys of one issuer starts from, and what comes out of it.

import type { CustodyKind } from '../custody/custody.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import type { KeyState } from './key-life.ts';
import type { KeySchedule } from './key-profile.ts';
import type { PublicKeyRecord } from './public-key-record.ts';

export interface PlanFacts {
  /** Tokens of the key that are still alive; undefined while the ledger cannot say. */
  liveTokens(kid: string): number | undefined;
  /** When a verifier last accepted one; undefined when none was reported. */
  lastUseMs(kid: string): number | undefined;
  /** Scheduled rotation is held back until then. */
  pausedUntilMs?: number | undefined;
  /** Somebody asks for it now, whosever turn it is and whether paused or not. */
  rotateNow?: RotationWish | undefined;
  /** Keys that nobody may accept any more, and why: the signer may not know yet. */
  dead: ReadonlyMap<string, string>;
  /**
   * When the clock last jumped, by the clock after it: what was waited for before that is not
   * believed, because it may have been no wait at all.
   */
  clockJumpedMs?: number | undefined;
}

export interface RotationWish {
  /** Default: every algorithm. */
  alg?: SignatureAlg | undefined;
  /** Also with a standby that some verifiers cannot know yet. */
  force?: boolean | undefined;
}

export interface PlanInput {
  /** All keys of one issuer. */
  keys: readonly PublicKeyRecord[];
  nowMs: number;
  schedule: KeySchedule;
  /** What its keys may sign; times are not compared. A key that may sign something else is replaced. */
  scope: KeyScope;
  /** Each algorithm at each signer shall have a key that signs and one that stands by. */
  wanted: readonly KeySeat[];
  facts: PlanFacts;
}

/** Where one key signs and one stands by. */
export interface KeySeat {
  alg: SignatureAlg;
  /** Empty where there is one signer. */
  signer: string;
}

export interface MakeKey extends KeySeat {
  do: 'make';
  /** Absent for the first key: where the signer keeps keys by default. */
  custody?: CustodyKind;
  reason: string;
}

export interface MoveKey {
  do: 'move';
  kid: string;
  to: KeyState;
  reason: string;
}

export type KeyAction = MakeKey | MoveKey;

export interface NextChange {
  to: KeyState;
  atMs: number;
  /** What holds it back although its time has come, or will. */
  waitsFor?: string;
}

export interface KeyPlan {
  /** Everything that is due, in the order in which it is safe. */
  actions: KeyAction[];
  /** By kid, for the keys to which something will happen by itself. */
  next: Map<string, NextChange>;
}

export function signerOf(key: PublicKeyRecord & { signer?: string }): string {
  return key.signer ?? '';
}

export function isAway(key: PublicKeyRecord & { away?: boolean }): boolean {
  return key.away === true;
}
