// The timetable of an issuer's keys (controls C-01, C-04; decision 0017): what is due now, and what
// comes next for each key. Pure, so that a simulation can try every order of crashes and clock jumps;
// whoever carries it out looks again and plans anew after each step.

import {
  isAway,
  type KeyPlan,
  type KeySeat,
  type MoveKey,
  type NextChange,
  type PlanInput,
  signerOf,
} from './plan-facts.ts';
import {
  activeSinceMs,
  byAge,
  CLOCK_SKEW_SECONDS,
  Moment,
  newestActive,
  publishedSinceMs,
} from './plan-moment.ts';
import type { PublicKeyRecord } from './public-key-record.ts';

/** A key that was seen in use so lately is not taken out of the key set. */
const QUIET_MS = 10 * 60_000;

export function planKeyLives(input: PlanInput): KeyPlan {
  const plan: KeyPlan = { actions: [], next: new Map() };
  const moment = new Moment(input);
  endDead(moment, plan);
  for (const seat of input.wanted) planSeat(moment, seat, plan);
  for (const key of input.keys) if (key.life.state === 'retiring') planEnd(moment, key, plan);
  return plan;
}

/** Nobody accepts them any more: their signer must know, and stop. */
function endDead({ input }: Moment, plan: KeyPlan): void {
  for (const key of input.keys) {
    const reason = input.facts.dead.get(key.kid);
    if (reason === undefined || key.life.state === 'revoked') continue;
    if (isAway(key))
      plan.next.set(key.kid, { to: 'revoked', atMs: input.nowMs, waitsFor: 'its signer' });
    else plan.actions.push(move(key, 'revoked', reason));
  }
}

interface Seat extends KeySeat {
  /** Keys of this seat, whatever became of them. */
  all: readonly PublicKeyRecord[];
  /** Of those, in order of age, what may still do something. */
  live: readonly PublicKeyRecord[];
  /** Signs at this seat now. */
  current: PublicKeyRecord | undefined;
  /** Somebody signs with this algorithm, here or at another signer, and goes on for a token's life. */
  served: boolean;
}

function planSeat(moment: Moment, { alg, signer }: KeySeat, plan: KeyPlan): void {
  const ofAlg = moment.input.keys.filter((key) => key.alg === alg);
  const all = ofAlg.filter((key) => signerOf(key) === signer).toSorted(byAge);
  const live = all.filter((key) => !moment.isOver(key) && !moment.isDead(key));
  if (all.some(isAway)) {
    tellAway(moment, live, plan);
    return;
  }
  const seat: Seat = {
    ...{ alg, signer, all, live },
    current: newestActive(live.filter((key) => moment.signs(key))),
    served: ofAlg.some((key) => moment.signs(key) && moment.outlivesItsTokens(key)),
  };
  const standby = chooseStandby(moment, seat);
  planTurn(moment, seat, standby, plan);
  planFading(moment, seat, standby, plan);
  planSupply(moment, seat, standby, plan);
}

function tellAway(moment: Moment, live: readonly PublicKeyRecord[], plan: KeyPlan): void {
  for (const key of live) {
    if (key.life.state !== 'active') continue;
    plan.next.set(key.kid, { to: 'retiring', atMs: moment.turnEndMs(key), waitsFor: 'its signer' });
  }
}

interface Standby {
  /** Lives where the newest key lives, and has most of its age before it. */
  good: PublicKeyRecord | undefined;
  /** The one to take when nobody signs: rather one that verifiers know. */
  inNeed: PublicKeyRecord | undefined;
}

function chooseStandby(moment: Moment, { all, live }: Seat): Standby {
  const published = live
    .filter((key) => key.life.state === 'published' && moment.isUsable(key))
    .filter((key) => moment.outlivesItsTokens(key))
    .toSorted((one, other) => publishedSinceMs(one) - publishedSinceMs(other) || byAge(one, other));
  const custody = all.at(-1)?.custody;
  const good = published.find((key) => key.custody === custody && !moment.isStale(key));
  const known = published.filter((key) => moment.nowMs >= moment.ripeMs(key)).at(-1);
  return { good, inNeed: known ?? good ?? published.at(-1) };
}

/** Whose turn it is to sign. */
function planTurn(moment: Moment, seat: Seat, { good, inNeed }: Standby, plan: KeyPlan): void {
  const { current, served } = seat;
  if (!served && inNeed !== undefined) {
    plan.actions.push(move(inNeed, 'active', 'no other key may sign'));
    return;
  }
  const turn = describeTurn(moment, seat, good);
  const handoverMs = moment.input.schedule.handoverSeconds * 1000;
  if (current !== undefined)
    plan.next.set(current.kid, { ...turn, to: 'retiring', atMs: turn.atMs + handoverMs });
  if (good === undefined) return;
  plan.next.set(good.kid, { ...turn, to: 'active' });
  if (moment.nowMs < turn.atMs) return;
  plan.actions.push(move(good, 'active', current === undefined ? 'an empty seat' : 'its turn'));
}

/** When the next key of a seat signs, and what that waits for beyond its time. */
function describeTurn(
  moment: Moment,
  { alg, current }: Seat,
  good: PublicKeyRecord | undefined,
): Omit<NextChange, 'to'> {
  const { pausedUntilMs = 0, rotateNow } = moment.input.facts;
  const isAsked = rotateNow !== undefined && (rotateNow.alg ?? alg) === alg;
  const dueMs =
    current === undefined || isAsked ? moment.nowMs : turnChangeMs(moment, current, good);
  if (good === undefined) return { atMs: dueMs, waitsFor: 'a standby' };
  const ripeMs = isAsked && rotateNow.force === true ? dueMs : moment.ripeMs(good);
  if (current !== undefined && !isAsked && pausedUntilMs > dueMs) {
    return { atMs: Math.max(pausedUntilMs, ripeMs), waitsFor: 'the end of the pause' };
  }
  if (ripeMs <= Math.max(dueMs, moment.nowMs)) return { atMs: dueMs };
  return { atMs: ripeMs, waitsFor: 'verifiers to learn of it' };
}

/** A standby that lives elsewhere is one that somebody asked for: it need not wait for a turn. */
function turnChangeMs(
  moment: Moment,
  current: PublicKeyRecord,
  good: PublicKeyRecord | undefined,
): number {
  if (good !== undefined && good.custody !== current.custody) return publishedSinceMs(good);
  return moment.turnEndMs(current);
}

/** What stops, without having been taken back from anybody. */
function planFading(moment: Moment, seat: Seat, { good }: Standby, plan: KeyPlan): void {
  const { current, live } = seat;
  const handoverMs = moment.input.schedule.handoverSeconds * 1000;
  if (current !== undefined) {
    const atMs = moment.afterMs(activeSinceMs(current), handoverMs);
    for (const key of live) {
      if (key.life.state !== 'active' || key === current) continue;
      plan.next.set(key.kid, { to: 'retiring', atMs });
      if (moment.nowMs >= atMs) plan.actions.push(move(key, 'retiring', 'another signs'));
    }
  }
  if (good === undefined || moment.nowMs < moment.ripeMs(good)) return;
  for (const key of live) {
    if (key.life.state !== 'published' || key === good) continue;
    plan.actions.push(move(key, 'retiring', 'another stands by'));
  }
}

/** There is always one that stands by. */
function planSupply(moment: Moment, seat: Seat, { good }: Standby, plan: KeyPlan): void {
  if (good !== undefined) return;
  const { alg, signer, all, live } = seat;
  const turnMs = moment.input.schedule.rotateEverySeconds * 1000;
  const custody = all.at(-1)?.custody;
  const made = live.find(
    (key) =>
      key.life.state === 'planned' &&
      moment.isUsable(key) &&
      key.custody === custody &&
      moment.nowMs < key.scope.notBeforeSeconds * 1000 + turnMs,
  );
  if (made !== undefined) plan.actions.push(move(made, 'published', 'verifiers shall learn of it'));
  else {
    const reason = live.length === 0 ? 'the first key' : 'a standby';
    const place = custody === undefined ? {} : { custody };
    plan.actions.push({ do: 'make', alg, signer, reason, ...place });
  }
}

/** Out of the key set, once nothing of it can still be seen (C-04). */
function planEnd(moment: Moment, key: PublicKeyRecord, plan: KeyPlan): void {
  if (moment.isDead(key) || isAway(key)) return;
  const { facts } = moment.input;
  const { longestLifetimeSeconds, notAfterSeconds } = key.scope;
  // What is past its end no verifier accepts, whoever still uses it.
  const endMs = notAfterSeconds * 1000;
  const stoppedMs = key.life.sinceMs.retiring ?? key.createdMs;
  const tailMs = (longestLifetimeSeconds + CLOCK_SKEW_SECONDS) * 1000;
  const atMs = Math.min(endMs, moment.afterMs(stoppedMs, tailMs));
  const waitsFor = moment.nowMs >= endMs ? undefined : describeUse(moment, key.kid, facts);
  const isOut = moment.nowMs >= atMs;
  plan.next.set(key.kid, {
    to: 'retired',
    atMs,
    ...(waitsFor !== undefined && isOut ? { waitsFor } : {}),
  });
  if (isOut && waitsFor === undefined)
    plan.actions.push(move(key, 'retired', 'nothing of it is alive'));
}

function describeUse(moment: Moment, kid: string, facts: PlanInput['facts']): string | undefined {
  const alive = facts.liveTokens(kid);
  if (alive === undefined) return 'the ledger';
  if (alive > 0) return `${alive} live ${alive === 1 ? 'token' : 'tokens'}`;
  const lastMs = facts.lastUseMs(kid);
  return lastMs !== undefined && moment.nowMs - lastMs < QUIET_MS
    ? 'verifiers that still see it used'
    : undefined;
}

function move({ kid }: PublicKeyRecord, to: MoveKey['to'], reason: string): MoveKey {
  return { do: 'move', kid, to, reason };
}
