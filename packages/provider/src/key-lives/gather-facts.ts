// Reads what a plan needs to know beyond the keys themselves: only for keys whose time has come, so that
// a turn over thousands of keys asks the ledger for a handful.

import type { QuarantinedKey } from '@countersign/audit';
import type { PlanFacts, PublicKeyRecord, RotationWish } from '@countersign/keys';
import { toSeconds } from '@countersign/vocabulary';
import type { KeyLivesOptions } from './key-lives-options.ts';

/** Verifiers allow for that much: a token that is over by less may still be accepted somewhere. */
const CLOCK_SKEW_SECONDS = 60;

export interface IssuerFacts extends PlanFacts {
  pause: { untilMs: number; reason: string } | undefined;
  quarantined: ReadonlyMap<string, QuarantinedKey>;
}

export interface FactsAsked {
  issuer: string;
  keys: readonly PublicKeyRecord[];
  clockJumpedMs: number | undefined;
  rotateNow?: RotationWish | undefined;
}

/** What the ledger cannot say now is left unknown: whatever waits for it waits on. */
export async function gatherFacts(
  { audit, clock, pausedUntil }: Pick<KeyLivesOptions, 'audit' | 'clock' | 'pausedUntil'>,
  { issuer, keys, clockJumpedMs, rotateNow }: FactsAsked,
): Promise<IssuerFacts> {
  const nowMs = clock.nowMs();
  const alive = new Map<string, number>();
  const lastUses = new Map<string, number>();
  const fading = keys.filter(({ life }) => life.state === 'retiring');
  const [quarantined, pause] = await Promise.all([
    audit.listQuarantined(),
    pausedUntil?.(issuer),
    ...fading.map(async ({ kid, scope, life }) => {
      const stoppedMs = life.sinceMs.retiring ?? 0;
      if (nowMs < stoppedMs + scope.longestLifetimeSeconds * 1000) return;
      const lastMs = await audit.lastAcceptedUseMs(kid);
      if (lastMs !== undefined) lastUses.set(kid, lastMs);
      alive.set(kid, await audit.countLiveTokens(kid, toSeconds(nowMs) - CLOCK_SKEW_SECONDS));
    }),
  ]);
  const ours = quarantined.filter((key) => key.issuer === issuer);
  return {
    liveTokens: (kid) => alive.get(kid),
    lastUseMs: (kid) => lastUses.get(kid),
    pausedUntilMs: pause?.untilMs,
    rotateNow,
    dead: new Map(ours.map(({ kid, reason }) => [kid, reason])),
    clockJumpedMs,
    pause,
    quarantined: new Map(ours.map((key) => [key.kid, key])),
  };
}
