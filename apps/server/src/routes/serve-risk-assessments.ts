// `/api/v1/risk/…` for who wants to see: what was judged and why, who is at risk, what is remembered of a
// person. Readers see their tenant's, people their own; each read is on record as other reads are.

import type { Audit } from '@countersign/audit';
import { Standing } from '@countersign/risk';
import { type Clock, CodedError, parseRealmId, type RealmId } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { recordRead } from '../reading/record-read.ts';
import { explainAct, showAct } from '../risk/describe-assessment.ts';
import { describeProfile } from '../risk/describe-profile.ts';
import { describeStanding } from '../risk/describe-standing.ts';
import type { HouseMemory } from '../risk/risk-house.ts';
import { oneTenant, scopeOf } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readQuery } from './read-json.ts';

export interface RiskReadingParts {
  memory: HouseMemory;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const tenant = z.string().min(1).max(63).optional();
const listQuery = z.strictObject({
  tenant,
  subject: z.string().min(1).max(256).optional(),
  score: z.coerce.number().min(0).max(100).optional(),
  sinceMs: z.coerce.number().int().min(0).optional(),
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const standingsQuery = z.strictObject({
  tenant,
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const READ = ['/risk/assessments', '/risk/assessments/:id', '/risk/standings', '/risk/people/*'];

export const NO_STORE = { 'cache-control': 'no-store' };

export function riskReadingRoutes(parts: RiskReadingParts): Hono {
  const { memory, clock, readerOnly } = parts;
  const routes = new Hono();
  for (const path of READ) routes.use(path, readerOnly);

  routes.get('/risk/assessments', async (context) => {
    const { tenant: asked, ...query } = readQuery(context, listQuery);
    const { owner, own } = ownerOf(context, asked);
    const found = await memory.acts.list({ ...given(query), tenant: owner, ...own });
    await tell(parts, context, { owner, count: found.length, filter: 'risk assessments' });
    const next = found.at(-1)?.sequence;
    return context.json(
      { assessments: found.map(showAct), ...(next === undefined ? {} : { next }) },
      200,
      NO_STORE,
    );
  });

  routes.get('/risk/assessments/:id', async (context) => {
    const id = context.req.param('id');
    const act = await memory.acts.find(id);
    const { tenant: of } = act === undefined ? {} : parseRealmId(act.realm);
    const whose = context.get('reader').tenant ?? of;
    // Of an operator, who has no tenant: there is no record to put the look into.
    if (whose === undefined) throw noAssessment();
    const { owner, own } = ownerOf(context, whose);
    const isTheirs = act !== undefined && of === owner && isOf(act, own);
    await tell(parts, context, { owner, count: isTheirs ? 1 : 0, filter: `risk assessment ${id}` });
    if (!isTheirs) throw noAssessment();
    return context.json(explainAct(act, await memory.acts.about(id)), 200, NO_STORE);
  });

  routes.get('/risk/standings', async (context) => {
    const { tenant: asked, limit } = readQuery(context, standingsQuery);
    const { owner, own } = ownerOf(context, asked);
    // A person is looked up, not searched for among all who are at risk.
    const found =
      'subject' in own
        ? [{ ...own, standing: await standingOf(memory, own) }]
        : await memory.standings.list(owner, limit);
    const described = await Promise.all(
      found.map(async (one) => ({
        ...one,
        ...(await describeStanding(memory.acts, one, clock.nowMs())),
      })),
    );
    const standings = described.filter(({ score }) => score > 0);
    await tell(parts, context, { owner, count: standings.length, filter: 'risk standings' });
    return context.json({ standings }, 200, NO_STORE);
  });

  addPeople(routes, parts);
  return routes;
}

async function standingOf(
  memory: HouseMemory,
  { realm, subject }: { realm: RealmId; subject: string },
): Promise<Standing> {
  return (await memory.open(realm, subject)).standing ?? new Standing();
}

function addPeople(routes: Hono, parts: RiskReadingParts): void {
  const { memory, clock } = parts;
  routes.get('/risk/people/:tenant/:population/:subject', async (context) => {
    const { realm, subject } = personIn(context);
    const { owner } = ownerOfPerson(context, realm, subject);
    const kept = await memory.people.export(realm, subject);
    const filter = `what the risk engine remembers of ${subject}`;
    await tell(parts, context, { owner, count: kept.acts.length, filter });
    const { profile, standing, snapshots, said } = kept;
    return context.json(
      {
        ...{ realm, subject, standing, snapshots },
        ...(await describeStanding(memory.acts, { realm, subject, standing }, clock.nowMs())),
        profile: describeProfile(profile, kept.acts, clock.nowMs()),
        detectors: await keptByDetectors(memory, realm, subject),
        assessments: kept.acts.map(showAct),
        said: said.map(({ about, kind, word, timeMs }) => ({
          assessment: about,
          kind,
          word,
          timeMs,
        })),
      },
      200,
      NO_STORE,
    );
  });
}

/** Under the key of now, or the one before. Absent: they keep nothing. */
async function keptByDetectors(memory: HouseMemory, realm: RealmId, subject: string) {
  const keys = await memory.keys.of(parseRealmId(realm).tenant);
  const { value, alias } = keys.hash('subject', subject);
  const { detectors } = await memory.open(realm);
  return detectors.tell(value) ?? detectors.tell(alias);
}

export function noAssessment(): CodedError {
  return new CodedError('not_found', 'There is no such assessment.');
}

interface Owner {
  owner: string;
  /** Of a person: whose alone may be seen. */
  own: { realm: RealmId; subject: string } | Record<never, never>;
}

/** Whose risk a reader may see. @throws CodedError as `scopeOf` */
export function ownerOf(context: Context, asked: string | undefined): Owner {
  const reader = context.get('reader');
  const owner = oneTenant(reader, asked);
  const { person } = scopeOf(reader, owner);
  if (person === undefined) return { owner, own: {} };
  return { owner, own: { realm: person.realm as RealmId, subject: person.subject } };
}

/** @throws CodedError `not_found` for a person who is not theirs to see */
export function ownerOfPerson(context: Context, realm: RealmId, subject: string): Owner {
  const found = ownerOf(context, parseRealmId(realm).tenant);
  if (isOf({ realm, subject }, found.own)) return found;
  throw new CodedError('not_found', 'There is no such person.');
}

export function personIn(context: Context): { realm: RealmId; subject: string } {
  const { tenant: name, population, subject } = context.req.param() as Record<string, string>;
  const realm = `${name}/${population}` as RealmId;
  parseRealmId(realm);
  return { realm, subject: subject ?? '' };
}

function isOf(one: { realm: string; subject?: string }, own: Owner['own']): boolean {
  if (!('subject' in own)) return true;
  return one.realm === own.realm && one.subject === own.subject;
}

/** On record before it is answered: who saw what of a tenant's risk. */
export function tell(
  parts: Pick<RiskReadingParts, 'audit' | 'clock'>,
  context: Context,
  { owner, count, filter }: { owner: string; count: number; filter: string },
): Promise<string[]> {
  return recordRead(parts, {
    reader: context.get('reader'),
    request: describeRequest(context),
    operation: 'search',
    filter,
    counts: new Map([[owner, count]]),
  });
}

function given<T extends object>(query: T): { [Name in keyof T]: NonNullable<T[Name]> } {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]: NonNullable<T[Name]> };
}
