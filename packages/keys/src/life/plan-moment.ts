// The keys of one issuer at one moment: what each can still do, and how long it has done what it does.

import { samePolicy } from '../scope/key-scope.ts';
import { isAway, type PlanInput } from './plan-facts.ts';
import type { PublicKeyRecord } from './public-key-record.ts';

/** Verifiers allow for that much difference of clocks. */
export const CLOCK_SKEW_SECONDS = 60;

export class Moment {
  readonly input: PlanInput;
  readonly nowMs: number;

  constructor(input: PlanInput) {
    this.input = input;
    this.nowMs = input.nowMs;
  }

  isOver({ scope }: PublicKeyRecord): boolean {
    return this.nowMs >= scope.notAfterSeconds * 1000;
  }

  isDead({ kid, life }: PublicKeyRecord): boolean {
    return life.state === 'revoked' || this.input.facts.dead.has(kid);
  }

  /** Allowed to sign what this issuer's tokens say, and from now on. */
  fits({ scope }: PublicKeyRecord): boolean {
    return samePolicy(scope, this.input.scope) && scope.notBeforeSeconds * 1000 <= this.nowMs;
  }

  /** Would sign now if it were active. */
  isUsable(key: PublicKeyRecord): boolean {
    return this.fits(key) && !this.isOver(key) && !this.isDead(key);
  }

  /** A token signed now would live its whole life: verifiers refuse it from the end of its key on. */
  outlivesItsTokens({ scope }: PublicKeyRecord): boolean {
    return this.nowMs < (scope.notAfterSeconds - scope.longestLifetimeSeconds) * 1000;
  }

  signs(key: PublicKeyRecord): boolean {
    return key.life.state === 'active' && this.isUsable(key) && !isAway(key);
  }

  /** How long that has been so for certain. */
  elapsedMs(sinceMs: number): number {
    return this.nowMs - this.#countsFromMs(sinceMs);
  }

  /** When it will have been so for that long. */
  afterMs(sinceMs: number, waitMs: number): number {
    return this.#countsFromMs(sinceMs) + waitMs;
  }

  #countsFromMs(sinceMs: number): number {
    const { clockJumpedMs } = this.input.facts;
    if (clockJumpedMs === undefined) return sinceMs;
    // What is said to have been in the future was before the clock went back.
    return sinceMs > this.nowMs ? clockJumpedMs : Math.max(sinceMs, clockJumpedMs);
  }

  /** When its turn to sign ends: after one turn of signing, or at two thirds of its age. */
  turnEndMs(key: PublicKeyRecord): number {
    const turnMs = this.input.schedule.rotateEverySeconds * 1000;
    return Math.min(activeSinceMs(key) + turnMs, lastTurnEndMs(key, turnMs));
  }

  /** Stood by for so long that its own turn would be over at once. */
  isStale(key: PublicKeyRecord): boolean {
    return this.nowMs >= lastTurnEndMs(key, this.input.schedule.rotateEverySeconds * 1000);
  }

  ripeMs(key: PublicKeyRecord): number {
    return this.afterMs(publishedSinceMs(key), this.input.schedule.publishLeadSeconds * 1000);
  }
}

function lastTurnEndMs({ scope }: PublicKeyRecord, turnMs: number): number {
  return scope.notBeforeSeconds * 1000 + 2 * turnMs;
}

/** Keys of before there were states have signed since they were made. */
export function activeSinceMs({ life, createdMs }: PublicKeyRecord): number {
  return life.sinceMs.active ?? createdMs;
}

export function publishedSinceMs({ life, createdMs }: PublicKeyRecord): number {
  return life.sinceMs.published ?? createdMs;
}

export function byAge(one: PublicKeyRecord, other: PublicKeyRecord): number {
  return one.createdMs - other.createdMs || (one.kid < other.kid ? -1 : 1);
}

/** The one that began to sign last. */
export function newestActive(keys: readonly PublicKeyRecord[]): PublicKeyRecord | undefined {
  return keys
    .toSorted((one, other) => activeSinceMs(one) - activeSinceMs(other) || byAge(one, other))
    .at(-1);
}
