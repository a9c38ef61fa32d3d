// `/api/v1/risk/policy` and `/api/v1/risk/simulations`: what a tenant wants done about risk, and what that
// would have done last week. Read by readers of the tenant, changed by those who may manage.

import type { Audit } from '@countersign/audit';
import {
  DETECTOR_CODES,
  defaultPolicy,
  parsePolicy,
  type RiskError,
  type RiskPolicy,
} from '@countersign/risk';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { actorOf } from '../reading/record-read.ts';
import { refuseLockout } from '../risk/refuse-lockout.ts';
import type { RiskHouse } from '../risk/risk-house.ts';
import { tryPolicy } from '../risk/try-policy.ts';
import { type LogReader, oneTenant } from './authenticate-reader.ts';
import { readJson, readQuery } from './read-json.ts';
import { NO_STORE, tell } from './serve-risk-assessments.ts';

export interface RiskPolicyParts {
  house: Pick<RiskHouse, 'memory' | 'policies' | 'canSignIn'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const tenant = z.string().min(1).max(63).optional();
const tenantQuery = z.strictObject({ tenant });
const putQuery = z.strictObject({
  tenant,
  /** Refuses what would be refused, and puts nothing in force. */
  dryRun: z.enum(['true', 'false']).default('false'),
});
const WEEK_MS = 7 * 86_400_000;
const simulation = z.strictObject({
  tenant,
  /** Default: the policy that is in force. */
  policy: z.record(z.string(), z.unknown()).optional(),
  /** Default: seven days ago. */
  sinceMs: z.int().min(0).optional(),
});

export function riskPolicyRoutes(parts: RiskPolicyParts): Hono {
  const { house, clock, readerOnly } = parts;
  const { memory, policies } = house;
  const running = new Set<string>();
  const routes = new Hono();
  for (const path of ['/risk/policy', '/risk/simulations']) routes.use(path, readerOnly);

  routes.get('/risk/policy', (context) => {
    const { tenant: asked } = readQuery(context, tenantQuery);
    const owner = wholeTenant(context.get('reader'), asked);
    return context.json({ tenant: owner, ...policies.of(owner), default: defaultPolicy }, 200, {
      ...NO_STORE,
    });
  });

  routes.put('/risk/policy', async (context) => {
    const { tenant: asked, dryRun } = readQuery(context, putQuery);
    const owner = managedTenant(context, asked);
    const given = await readJson(context, z.record(z.string(), z.unknown()));
    const policy = understood(given);
    await refuseLockout(house, owner, policy);
    const inForce =
      dryRun === 'true'
        ? policies.of(owner)
        : await policies.put(owner, policy, actorOf(context.get('reader')));
    return context.json({ tenant: owner, dryRun: dryRun === 'true', ...inForce }, 200, NO_STORE);
  });

  routes.post('/risk/simulations', async (context) => {
    const { tenant: asked, policy, sinceMs } = await readJson(context, simulation);
    const owner = wholeTenant(context.get('reader'), asked);
    const tried: RiskPolicy = policy === undefined ? policies.of(owner).policy : understood(policy);
    const since = sinceMs ?? clock.nowMs() - WEEK_MS;
    const simulated = await oneAtATime(running, owner, () =>
      tryPolicy({ memory }, owner, tried, since),
    );
    // Its examples name people.
    const filter = `risk simulation of ${tried.name}`;
    await tell(parts, context, { owner, count: simulated.acts, filter });
    return context.json({ tenant: owner, sinceMs: since, simulation: simulated }, 200, NO_STORE);
  });
  return routes;
}

/** Each goes through a week of acts and holds them. @throws CodedError `too_many_simulations` */
async function oneAtATime<T>(
  running: Set<string>,
  owner: string,
  work: () => Promise<T>,
): Promise<T> {
  if (running.has(owner)) {
    const message = 'A policy is being tried for this tenant already. Wait until that is done.';
    throw new CodedError('too_many_simulations', message, { retryAfterSeconds: 5 });
  }
  running.add(owner);
  try {
    return await work();
  } finally {
    running.delete(owner);
  }
}

/** A policy that is wrong is the caller's to mend. @throws CodedError `bad_request` */
function understood(given: unknown): RiskPolicy {
  try {
    return parsePolicy(given, { detections: DETECTOR_CODES });
  } catch (error) {
    const { code, message } = error as Partial<RiskError>;
    if (code !== 'bad_policy' || message === undefined) throw error;
    throw new CodedError('bad_request', message, { cause: error });
  }
}

/** @throws CodedError `not_allowed` for a person, and as `oneTenant` */
export function wholeTenant(reader: LogReader, asked: string | undefined): string {
  if (reader.kind === 'person') {
    throw new CodedError('not_allowed', 'This credential is for what is one person’s.');
  }
  return oneTenant(reader, asked);
}

/** @throws CodedError `not_allowed` for whoever may only read */
export function managedTenant(context: Context, asked: string | undefined): string {
  const reader = context.get('reader');
  const owner = wholeTenant(reader, asked);
  if (reader.manage && reader.kind !== 'responder') return owner;
  const message = 'This takes an operator, or a reader of the tenant that may manage.';
  throw new CodedError('not_allowed', message);
}
