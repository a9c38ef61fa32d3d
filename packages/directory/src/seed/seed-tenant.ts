// Creates the demo tenant on the first start. Each thing is created only where it is missing, so a
// start that was cut short is completed by the next one. Passwords and secrets are drawn, not known.

import {
  type ActorFacts,
  newSecret,
  POPULATIONS,
  type Random,
  type RealmId,
  realmId,
  realmIssuer,
  systemRandom,
} from '@countersign/vocabulary';
import type { Directory } from '../create-directory.ts';
import { demoClients, demoPeople, demoResource } from './demo-tenant.ts';

/** Who made what the seed makes, in the record. */
const FIRST_RUN: ActorFacts = { kind: 'system', id: 'first run' };

export interface SeedOptions {
  tenant: string;
  /** Without trailing slash. */
  baseUrl: string;
  random?: Random;
}

export interface Seeded {
  tenant: string;
  /** False when nothing was missing. */
  changed: boolean;
  realms: { realm: RealmId; issuer: string }[];
  /** `password` only for people created now: it is not kept and cannot be shown again. */
  people: { realm: RealmId; username: string; password?: string }[];
  /** `secret` likewise. */
  clients: { realm: RealmId; clientId: string; purpose: string; secret?: string }[];
  resource: { identifier: string; scopes: readonly string[] };
}

/** Creates what is missing of the demo tenant. @throws CodedError DirectoryCode */
export async function seedTenant(directory: Directory, options: SeedOptions): Promise<Seeded> {
  const { tenant, baseUrl, random = systemRandom } = options;
  const before = await directory.tenants.find(tenant);
  if (before === undefined) await directory.tenants.create({ name: tenant }, FIRST_RUN);
  const resource = demoResource(tenant);
  const resourceBefore = await directory.resources.find(tenant, resource.identifier);
  const { identifier, scopes } =
    resourceBefore ?? (await directory.resources.register(resource, FIRST_RUN));
  const people = await seedPeople(directory, tenant, random);
  const clients = await seedClients(directory, tenant);
  const changed =
    before === undefined ||
    resourceBefore === undefined ||
    people.some(({ created }) => created) ||
    clients.some(({ created }) => created);
  const realms = POPULATIONS.map((population) => ({
    realm: realmId({ tenant, population }),
    issuer: realmIssuer(baseUrl, { tenant, population }),
  }));
  return {
    tenant,
    changed,
    realms,
    people: people.map(({ person }) => person),
    clients: clients.map(({ client }) => client),
    resource: { identifier, scopes },
  };
}

async function seedPeople(directory: Directory, tenant: string, random: Random) {
  const people: { created: boolean; person: Seeded['people'][number] }[] = [];
  for (const { population, username, name } of demoPeople) {
    const realm = realmId({ tenant, population });
    const known = await directory.people.findByUsername(realm, username);
    if (known !== undefined) {
      people.push({ created: false, person: { realm, username } });
      continue;
    }
    // 144 bits in 24 characters that can be typed.
    const password = newSecret(random).slice(0, 24);
    await directory.people.create({ realm, username, name, password }, FIRST_RUN);
    people.push({ created: true, person: { realm, username, password } });
  }
  return people;
}

async function seedClients(directory: Directory, tenant: string) {
  const clients: { created: boolean; client: Seeded['clients'][number] }[] = [];
  for (const { population, purpose, client } of demoClients) {
    const realm = realmId({ tenant, population });
    const shown = { realm, clientId: client.client_id, purpose };
    const known = await directory.clients.find(realm, client.client_id);
    if (known !== undefined) {
      clients.push({ created: false, client: shown });
      continue;
    }
    const { secret } = await directory.clients.register(realm, client, FIRST_RUN);
    clients.push({ created: true, client: secret === undefined ? shown : { ...shown, secret } });
  }
  return clients;
}
