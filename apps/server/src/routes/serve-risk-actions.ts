// `/api/v1/risk/…` for who acts: feedback about an assessment, setting a memory back, forgetting a person.
// Each is on record with who did it, in the transaction that does it.

import type { Audit } from '@countersign/audit';
import type { KeptAct } from '@countersign/memory';
import { type Clock, parseRealmId, type RealmId } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { actorOf } from '../reading/record-read.ts';
import { giveFeedback } from '../risk/give-feedback.ts';
import { forgetSessions } from '../risk/recall-session.ts';
import { recordAlongside } from '../risk/record-alongside.ts';
import type { RiskHouse } from '../risk/risk-house.ts';
import { shapes } from '../risk/shapes.ts';
import { readJson } from './read-json.ts';
import {
  NO_STORE,
  noAssessment,
  ownerOf,
  ownerOfPerson,
  personIn,
} from './serve-risk-assessments.ts';
import { managedTenant } from './serve-risk-policy.ts';

export interface RiskActionParts {
  house: RiskHouse;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const feedback = z.strictObject({
  assessment: z.string().min(1).max(128),
  verb: z.enum(['confirm_compromised', 'confirm_safe', 'dismiss', 'was_me', 'was_not_me']),
});
const rollback = z.strictObject({
  realm: z.string().min(1).max(80),
  /** Absent: everybody in the realm. */
  subject: z.string().min(1).max(256).optional(),
  beforeMs: z.int().min(0),
});

export function riskActionRoutes(parts: RiskActionParts): Hono {
  const { house, readerOnly } = parts;
  const routes = new Hono();
  for (const path of ['/risk/feedback', '/risk/rollback', '/risk/people/*']) {
    routes.use(path, readerOnly);
  }

  routes.post('/risk/feedback', async (context) => {
    const { assessment, verb } = await readJson(context, feedback);
    const reader = context.get('reader');
    const act = await house.memory.acts.find(assessment);
    const { tenant } = act === undefined ? {} : parseRealmId(act.realm);
    if (act === undefined && reader.tenant === undefined) throw noAssessment();
    const { owner, own } = ownerOf(context, reader.tenant ?? tenant);
    const isTheirs =
      tenant === owner &&
      (!('subject' in own) || (act?.realm === own.realm && act.subject === own.subject));
    if (act === undefined || !isTheirs) {
      throw noAssessment();
    }
    const isPerson = reader.kind === 'person';
    if (!isPerson) managedTenant(context, owner);
    // A credential from before the act is not of whoever acted; one from after it may be.
    const isOlder = reader.madeMs !== undefined && reader.madeMs < act.timeMs;
    const effect = await giveFeedback(house, {
      ...{ act, verb, actor: actorOf(reader), by: isPerson ? 'person' : 'analyst' },
      ...{ fromSameSession: isPerson && !isOlder, withOldFactor: isOlder },
    });
    return context.json({ assessment, verb, effect, ...(await nowOf(parts, act)) }, 200, NO_STORE);
  });

  routes.post('/risk/rollback', async (context) => {
    const { realm: named, subject, beforeMs } = await readJson(context, rollback);
    const { tenant } = parseRealmId(named);
    managedTenant(context, tenant);
    const done = await setBack(parts, context, { realm: named as RealmId, subject, beforeMs });
    return context.json(done, 200, NO_STORE);
  });

  routes.delete('/risk/people/:tenant/:population/:subject', async (context) => {
    const { realm, subject } = personIn(context);
    const { owner } = ownerOfPerson(context, realm, subject);
    managedTenant(context, owner);
    const erased = await forget(parts, context, realm, subject);
    return context.json({ realm, subject, ...erased }, 200, NO_STORE);
  });
  return routes;
}

/** What is thought of them after it: other acts may speak against them still. */
async function nowOf({ house, clock }: RiskActionParts, { realm, subject }: KeptAct) {
  if (subject === undefined) return {};
  const { standing } = await house.memory.open(realm, subject);
  if (standing === undefined) return { realm, subject };
  return { realm, subject, now: shapes.describeStanding(standing, clock.nowMs()) };
}

async function setBack(
  { house, audit, clock }: RiskActionParts,
  context: Context,
  { realm, subject, beforeMs }: { realm: RealmId; subject: string | undefined; beforeMs: number },
) {
  const actor = actorOf(context.get('reader'));
  const eventOf = (profiles: number) => ({
    name: 'risk.rolled_back' as const,
    ...{ timeMs: clock.nowMs(), realm, actor },
    ...(subject === undefined ? {} : { subject }),
    extra: { toMs: beforeMs, profiles },
  });
  const { people } = house.memory;
  if (subject !== undefined) {
    await people.rollBack(realm, subject, beforeMs, (tx) =>
      recordAlongside(audit, [eventOf(1)], tx),
    );
    return { realm, subject, beforeMs, profiles: 1 };
  }
  return await people.rollBackRealm(realm, beforeMs, (profiles, tx) =>
    recordAlongside(audit, [eventOf(profiles)], tx),
  );
}

/** Nothing is told of who it was but that somebody asked: the record of it would keep what is to go. */
async function forget(
  { house, audit, clock }: RiskActionParts,
  context: Context,
  realm: RealmId,
  subject: string,
): Promise<{ acts: number }> {
  const event = {
    name: 'audit.erased' as const,
    ...{ timeMs: clock.nowMs(), realm, actor: actorOf(context.get('reader')) },
    item: { kind: 'risk memory', id: realm },
    reason: 'risk_memory',
  };
  // Under the key of now and the one before; what older keys made is found by nobody, and goes when it is old.
  const keys = await house.memory.keys.of(parseRealmId(realm).tenant);
  const { value, alias } = keys.hash('subject', subject);
  const erased = await house.memory.people.erase(realm, subject, {
    alongside: (tx) => recordAlongside(audit, [event], tx),
    forget: (detectors) => {
      for (const key of [value, alias]) detectors.forget(key);
    },
  });
  forgetSessions(house.memory, realm, subject);
  house.standings.forget(realm, subject);
  return erased;
}
