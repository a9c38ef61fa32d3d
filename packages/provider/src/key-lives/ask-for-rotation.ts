// A rotation that a person asks for: what stands in its way, and what it needs first.

import {
  type CustodyKind,
  type KeySeat,
  type PublicKeyRecord,
  type RotationWish,
  type SignatureAlg,
  signerOf,
} from '@countersign/keys';
import { CodedError, type Realm } from '@countersign/vocabulary';
import type { KeyLivesCode } from './key-lives.ts';
import type { IssuerSettler, Settled } from './settle-issuer.ts';
import type { AskedBy } from './tell-change.ts';

/** Undefined when each seat that is meant has a standby that may sign now. */
export function standbyProblem(
  seats: readonly KeySeat[],
  { keys, plan }: Pick<Settled, 'keys' | 'plan'>,
  { alg }: RotationWish,
  nowMs: number,
): CodedError<KeyLivesCode> | undefined {
  const activated = new Set(
    plan.actions.flatMap((action) =>
      action.do === 'move' && action.to === 'active' ? [action.kid] : [],
    ),
  );
  for (const seat of seats.filter((other) => alg === undefined || other.alg === alg)) {
    const ofSeat = keys.filter((key) => key.alg === seat.alg && signerOf(key) === seat.signer);
    if (ofSeat.some(({ kid }) => activated.has(kid)) || ofSeat.some(({ away }) => away)) continue;
    const waiting = ofSeat.find(({ life }) => life.state === 'published');
    const atMs = waiting === undefined ? undefined : plan.next.get(waiting.kid)?.atMs;
    const when = atMs === undefined ? 'soon' : new Date(atMs).toISOString();
    return new CodedError<KeyLivesCode>(
      'standby_too_fresh',
      `Verifiers cannot know the next ${seat.alg} key yet; it may sign from ${when} on. ` +
        'To have it sign now although some will refuse its tokens for a while, force it.',
      { retryAfterSeconds: Math.max(1, Math.ceil(((atMs ?? nowMs) - nowMs) / 1000)) },
    );
  }
  return undefined;
}

/**
 * The next keys are made in another custody, where none is there yet: they wait their turn as standbys.
 * A seat whose algorithm that custody does not have keeps what it has.
 */
export async function moveToCustody(
  settler: Pick<IssuerSettler, 'make' | 'seats'>,
  realm: Realm,
  keys: readonly PublicKeyRecord[],
  { alg, custody, asked }: { alg: SignatureAlg | undefined; custody: CustodyKind; asked: AskedBy },
): Promise<{ made: number; failures: unknown[] }> {
  const failures: unknown[] = [];
  let made = 0;
  for (const seat of settler.seats) {
    if (alg !== undefined && seat.alg !== alg) continue;
    const ofSeat = keys.filter((key) => key.alg === seat.alg && signerOf(key) === seat.signer);
    const isThere = ofSeat.some((key) => key.custody === custody && canStillSign(key));
    if (isThere || ofSeat.some(({ away }) => away)) continue;
    try {
      await settler.make(realm, { ...seat, custody }, asked);
      made += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  return { made, failures };
}

function canStillSign({ life }: PublicKeyRecord): boolean {
  return life.state === 'planned' || life.state === 'published' || life.state === 'active';
}

/** The keys that signed last where the one before still signs too. */
export function findRollbacks(
  keys: readonly PublicKeyRecord[],
  nowMs: number,
  alg: SignatureAlg | undefined,
): PublicKeyRecord[] {
  const active = keys.filter(
    ({ life, scope, ...key }) =>
      life.state === 'active' &&
      nowMs < scope.notAfterSeconds * 1000 &&
      (alg === undefined || key.alg === alg),
  );
  const bySeat = Map.groupBy(active, (key) => `${key.alg} ${signerOf(key)}`);
  return [...bySeat.values()].flatMap((ofSeat) => {
    const newest = ofSeat.toSorted((one, other) => sinceOf(one) - sinceOf(other)).at(-1);
    return newest === undefined || ofSeat.length < 2 ? [] : [newest];
  });
}

function sinceOf({ life, createdMs }: PublicKeyRecord): number {
  return life.sinceMs.active ?? createdMs;
}
