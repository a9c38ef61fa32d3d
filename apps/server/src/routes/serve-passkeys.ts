// `/api/v1/people/…/passkeys`: of a person who lost theirs, or whose are looked into. For operators, and
// for readers of the tenant that may manage; each read and each removal is on record with who and why,
// and the person's account page says what was taken away. No key of one goes out, nor what opens one.

import type { Audit } from '@countersign/audit';
import type { Directory, Passkey, Person } from '@countersign/directory';
import {
  type Clock,
  CodedError,
  parseRealmId,
  type RealmId,
  realmId,
} from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { actorOf, recordRead } from '../reading/record-read.ts';
import { describeRequest } from './describe-request.ts';
import { NO_STORE } from './serve-risk-assessments.ts';
import { managedTenant } from './serve-risk-policy.ts';

export interface PasskeyRouteParts {
  directory: Pick<Directory, 'passkeys' | 'people'>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
}

const PASSKEYS = '/people/:tenant/:population/:person/passkeys';

export function passkeyRoutes(parts: PasskeyRouteParts): Hono {
  const { directory, readerOnly } = parts;
  const { passkeys } = directory;
  const routes = new Hono();
  for (const path of [PASSKEYS, `${PASSKEYS}/:id`]) routes.use(path, readerOnly);

  routes.get(PASSKEYS, async (context) => {
    const { owner, person } = await personOf(parts, context);
    const all = await passkeys.list(owner, person.id);
    await recordRead(parts, {
      reader: context.get('reader'),
      request: describeRequest(context),
      ...{ operation: 'list', filter: `passkeys of ${person.id}` },
      counts: new Map([[parseRealmId(owner).tenant, all.length]]),
    });
    const shown = { person: describe(person), passkeys: all.map(withoutKey) };
    return context.json(shown, 200, NO_STORE);
  });

  routes.delete(`${PASSKEYS}/:id`, async (context) => {
    const { owner, person } = await personOf(parts, context);
    const id = context.req.param('id');
    const passkey = { realm: owner, personId: person.id, id };
    await passkeys.remove(passkey, actorOf(context.get('reader')));
    const left = await passkeys.countOf(owner, person.id);
    return context.json({ person: describe(person), removed: id, left }, 200, NO_STORE);
  });
  return routes;
}

/**
 * By id, else by username: whoever lost a passkey knows the one, and hardly the other.
 * @throws CodedError `not_allowed` before anything is looked up; `person_unknown`
 */
async function personOf(
  { directory }: PasskeyRouteParts,
  context: Context,
): Promise<{ owner: RealmId; person: Person }> {
  const { tenant, population, person: named = '' } = context.req.param() as Record<string, string>;
  const owner = realmId(parseRealmId(`${tenant}/${population}`));
  managedTenant(context, tenant);
  const { people } = directory;
  const person = (await people.find(owner, named)) ?? (await people.findByUsername(owner, named));
  if (person !== undefined) return { owner, person };
  throw new CodedError('person_unknown', 'There is no such person in this realm.');
}

function describe({ realm, id, username, disabled }: Person) {
  return { realm, id, username, disabled };
}

function withoutKey({ publicKey: _, ...facts }: Passkey): Omit<Passkey, 'publicKey'> {
  return facts;
}
