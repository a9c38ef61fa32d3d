// The first start creates tenant acme and writes what it drew (passwords, client secrets) into one
// file that only the owner can read. Later starts complete what is missing and change nothing.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Directory, type Seeded, seedTenant } from '@countersign/directory';

export const DEMO_TENANT = 'acme';

/** Also returns where the passwords and secrets are. */
export async function seedDemo(
  directory: Directory,
  dataFolder: string,
  baseUrl: string,
): Promise<{ seeded: Seeded; file: string }> {
  const file = join(dataFolder, 'secrets', 'demo.json');
  const seeded = await seedTenant(directory, { tenant: DEMO_TENANT, baseUrl });
  if (seeded.changed || !existsSync(file)) {
    const merged = existsSync(file)
      ? mergeSecrets(JSON.parse(readFileSync(file, 'utf8')) as Seeded, seeded)
      : seeded;
    const fresh = `${file}.new`;
    writeFileSync(fresh, `${JSON.stringify(merged, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, file);
  }
  return { seeded, file };
}

/** A secret drawn by an earlier start stands, unless this one drew it anew. */
function mergeSecrets(before: Seeded, now: Seeded): Seeded {
  const people = now.people.map((person) => ({
    ...before.people.find(
      ({ realm, username }) => realm === person.realm && username === person.username,
    ),
    ...person,
  }));
  const clients = now.clients.map((client) => ({
    ...before.clients.find(
      ({ realm, clientId }) => realm === client.realm && clientId === client.clientId,
    ),
    ...client,
  }));
  return { ...now, people, clients };
}
