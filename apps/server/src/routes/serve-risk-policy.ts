// `/api/v1/risk/policy` and `/api/v1/risk/simulations`: what a tenant wants done about risk, and what that
// would have done last week. Read by readers of the tenant, changed by those who may manage.

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
import type { Policies, PolicyInForce } from '../risk/keep-policies.ts';
import type { HouseMemory } from '../risk/risk-house.ts';
import { tryPolicy } from '../risk/try-policy.ts';
import { type LogReader, oneTenant } from './authenticate-reader.ts';
import { readJson, readQuery } from './read-json.ts';
import { NO_STORE } from './serve-risk-assessments.ts';

export interface RiskPolicyParts {
  memory: HouseMemory;
  policies: Policies;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const tenant = z.string().min(1).max(63).optional();
const tenantQuery = z.strictObject({ tenant });
const WEEK_MS = 7 * 86_400_000;
const simulation = z.strictObject({
  tenant,
  /** Default: the policy that is in force. */
  policy: z.record(z.string(), z.unknown()).optional(),
  /** Default: seven days ago. */
  sinceMs: z.int().min(0).optional(),
});

export function riskPolicyRoutes(parts: RiskPolicyParts): Hono {
  const { memory, policies, clock, readerOnly } = parts;
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
    const owner = managedTenant(context, readQuery(context, tenantQuery).tenant);
    const given = await readJson(context, z.record(z.string(), z.unknown()));
    const put = (): Promise<PolicyInForce> =>
      policies.put(owner, given, actorOf(context.get('reader')));
    return context.json({ tenant: owner, ...(await refusing(put)) }, 200, NO_STORE);
  });

  routes.post('/risk/simulations', async (context) => {
    const { tenant: asked, policy, sinceMs } = await readJson(context, simulation);
    const owner = wholeTenant(context.get('reader'), asked);
    const tried: RiskPolicy =
      policy === undefined
        ? policies.of(owner).policy
        : await refusing(async () => parsePolicy(policy, { detections: DETECTOR_CODES }));
    const since = sinceMs ?? clock.nowMs() - WEEK_MS;
    const simulated = await tryPolicy({ memory }, owner, tried, since);
    return context.json({ tenant: owner, sinceMs: since, simulation: simulated }, 200, NO_STORE);
  });
  return routes;
}

/** A policy that is wrong is the caller's to mend. @throws CodedError `bad_request` */
async function refusing<T>(job: () => Promise<T>): Promise<T> {
  try {
    return await job();
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
