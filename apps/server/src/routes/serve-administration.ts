// `/api/v1/…` for the operator: tenants, people, clients, resource servers and credentials. The
// directory checks every field; this file only carries it there and back.

import type { Directory, NewClient, NewPerson, NewResource } from '@countersign/directory';
import { type ActorFacts, parseRealmId, type RealmId, realmId } from '@countersign/vocabulary';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { readJson } from './read-json.ts';

const realm = z.string().transform((text): RealmId => realmId(parseRealmId(text)));
const rest = z.record(z.string(), z.unknown());
const name = z.string().min(1).max(120);

export function administrationRoutes(directory: Directory, operatorOnly: MiddlewareHandler): Hono {
  const routes = new Hono();
  for (const path of [
    '/tenants',
    '/people',
    '/clients',
    '/resources',
    '/reporters',
    '/reporters/:id',
    '/submitters',
    '/submitters/:id',
  ]) {
    routes.use(path, operatorOnly);
  }
  routes.post('/tenants', async (context) => {
    const { tenant } = await readJson(context, z.strictObject({ tenant: z.string() }));
    return context.json(await directory.tenants.create({ name: tenant }, actorOf(context)), 201);
  });
  routes.post('/people', async (context) => {
    const body = await readJson(context, rest.and(z.looseObject({ realm })));
    // The directory's own schema refuses members it does not know and values out of bounds.
    const person = body as unknown as NewPerson;
    return context.json(await directory.people.create(person, actorOf(context)), 201);
  });
  routes.post('/clients', async (context) => {
    const { realm: owner, ...metadata } = await readJson(context, z.looseObject({ realm }));
    const { client, secret } = await directory.clients.register(
      owner,
      metadata as NewClient,
      actorOf(context),
    );
    return context.json(
      {
        clientId: client.client_id,
        ...(secret === undefined ? {} : { clientSecret: secret }),
        client,
      },
      201,
    );
  });
  routes.post('/resources', async (context) => {
    const body = await readJson(context, rest);
    const resource = body as unknown as NewResource;
    return context.json(await directory.resources.register(resource, actorOf(context)), 201);
  });
  routes.post('/reporters', async (context) => {
    const input = await readJson(context, z.strictObject({ tenant: z.string(), name }));
    return context.json(await directory.reporters.create(input, actorOf(context)), 201);
  });
  routes.post('/submitters', async (context) => {
    const input = await readJson(context, z.strictObject({ name }));
    return context.json(await directory.submitters.create(input.name, actorOf(context)), 201);
  });
  // A credential that was taken back stays on record; it only opens nothing any more.
  routes.delete('/reporters/:id', async (context) => {
    await directory.reporters.revoke(context.req.param('id'), actorOf(context));
    return context.body(null, 204);
  });
  routes.delete('/submitters/:id', async (context) => {
    await directory.submitters.revoke(context.req.param('id'), actorOf(context));
    return context.body(null, 204);
  });
  return routes;
}

/** Which operator, for the record. */
function actorOf(context: Context): ActorFacts {
  return { kind: 'operator', id: context.get('operator') };
}
