// `GET /api/v1/key-status?issuer=…`: how old the keys of an issuer are, what happens to them next, and
// whether somebody holds their rotation back and why. For everybody: a pause that nobody sees is how a
// key grew seven years old. Names nobody, and tells nothing that helps a thief.

import type { KeyLives, KeyPauses, KeyView } from '@countersign/provider';
import type { Clock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { z } from 'zod';
import type { RecentKeys } from '../keys/share-key-list.ts';
import { readQuery } from './read-json.ts';

export interface KeyStatusParts {
  keyLives: Pick<KeyLives, 'heartbeat'>;
  /** Everybody may ask, so that nothing may be read for each who does. */
  recentKeys: RecentKeys;
  pauses: Pick<KeyPauses, 'list' | 'countPauses'>;
  clock: Clock;
  /** @throws CodedError `not_found` for an issuer that is not ours */
  checkIssuer(issuer: string): Promise<unknown>;
}

const CACHE_SECONDS = 30;
const MOST_PAUSES = 20;
const MOST_ENDED_KEYS = 20;
const statusQuery = z.strictObject({ issuer: z.string().min(1).max(512) });

export function keyStatusRoutes(parts: KeyStatusParts): Hono {
  const { keyLives, recentKeys, pauses, clock, checkIssuer } = parts;
  const routes = new Hono();
  routes.get('/key-status', async (context) => {
    const { issuer } = readQuery(context, statusQuery);
    const keys = (await recentKeys()).filter((key) => key.issuer === issuer);
    // A realm gets its first keys when somebody first asks for one: until then it is well without.
    if (keys.length === 0) await checkIssuer(issuer);
    const [list, paused] = await Promise.all([
      pauses.list({ issuer, limit: 5 * MOST_PAUSES }),
      pauses.countPauses(issuer),
    ]);
    // What nobody agreed to was no pause.
    const agreed = list.filter(({ fromMs }) => fromMs !== null).slice(0, MOST_PAUSES);
    const running = agreed.find(({ state }) => state === 'running');
    const { lastTickMs, nextTickMs, failed } = keyLives.heartbeat();
    const status = {
      issuer,
      atMs: clock.nowMs(),
      // For whoever watches from elsewhere. What failed is the operator's business; that it did, everybody's.
      rotator: {
        lastTickMs,
        nextTickMs,
        ...(failed === undefined ? {} : { failed: 'the last turn' }),
      },
      keys: shownKeys(keys),
      paused:
        running === undefined
          ? null
          : { fromMs: running.fromMs, untilMs: running.untilMs, reason: running.reason },
      pausesEver: paused,
      pauses: agreed.map(({ state, reason, fromMs, untilMs, endedMs }) => ({
        ...{ state, reason, fromMs, untilMs, endedMs },
      })),
    };
    return context.json(status, 200, {
      'cache-control': `public, max-age=${CACHE_SECONDS}`,
      // A page that shows how an issuer keeps its keys may stand anywhere.
      'access-control-allow-origin': '*',
    });
  });
  return routes;
}

/** What stands in the key set, whole; of what stood there once, the newest. */
function shownKeys(keys: readonly KeyView[]): object[] {
  const live = keys.filter(({ state }) => ['published', 'active', 'retiring'].includes(state));
  const ended = keys
    .filter(({ state }) => state === 'retired' || state === 'revoked')
    .toSorted((one, other) => other.notAfterSeconds - one.notAfterSeconds)
    .slice(0, MOST_ENDED_KEYS);
  return [...live, ...ended].map((key) => ({
    kid: key.kid,
    alg: key.alg,
    state: key.state,
    sinceMs: key.sinceMs[key.state] ?? null,
    notBeforeSeconds: key.notBeforeSeconds,
    notAfterSeconds: key.notAfterSeconds,
    ageShare: Math.round(key.ageShare * 1000) / 1000,
    nextChange: key.nextChange === undefined ? null : shownChange(key.nextChange),
  }));
}

/** What it waits for may say how many tokens a tenant has, and how our house is built. */
function shownChange({ to, atMs, waitsFor }: NonNullable<KeyView['nextChange']>): object {
  return { to, atMs, ...(waitsFor === undefined ? {} : { waits: true }) };
}
