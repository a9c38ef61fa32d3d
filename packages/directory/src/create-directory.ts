// Puts the parts of the room together.

import { type Clients, keepClients } from './clients/keep-clients.ts';
import { type Consents, keepConsents } from './consents/keep-consents.ts';
import { keepCredentials } from './credentials/keep-credentials.ts';
import { keepOperators, type Operators } from './credentials/operators.ts';
import { keepReporters, type Reporters } from './credentials/reporters.ts';
import { keepSubmitters, type Submitters } from './credentials/submitters.ts';
import type { DirectoryParts } from './directory-parts.ts';
import { keepPasskeys, type Passkeys } from './passkeys/keep-passkeys.ts';
import {
  defaultPasswordSettings,
  keepPasswords,
  type PasswordSettings,
} from './passwords/keep-passwords.ts';
import { keepPeople, type People } from './people/keep-people.ts';
import { keepReaders, type Readers } from './readers/keep-readers.ts';
import { keepSavedSearches, type SavedSearches } from './readers/saved-searches.ts';
import { keepResources, type Resources } from './resources/keep-resources.ts';
import { keepTenants, type Tenants } from './tenants/keep-tenants.ts';

export interface Directory {
  tenants: Tenants;
  people: People;
  passkeys: Passkeys;
  clients: Clients;
  resources: Resources;
  reporters: Reporters;
  submitters: Submitters;
  operators: Operators;
  readers: Readers;
  searches: SavedSearches;
  consents: Consents;
}

export interface DirectoryOptions extends DirectoryParts {
  /** Default: OWASP's argon2id cost, two hashes at a time. */
  passwords?: Partial<PasswordSettings>;
}

/** The directory over a store whose migrations include `directoryMigrations`. */
export function createDirectory(options: DirectoryOptions): Directory {
  const { store, clock, random, record } = options;
  const parts: DirectoryParts = { store, clock, random, record };
  const passwords = keepPasswords(parts, { ...defaultPasswordSettings, ...options.passwords });
  return {
    tenants: keepTenants(parts),
    people: keepPeople(parts, passwords),
    passkeys: keepPasskeys(parts),
    clients: keepClients(parts),
    resources: keepResources(parts),
    reporters: keepReporters(keepCredentials(parts, 'reporter')),
    submitters: keepSubmitters(keepCredentials(parts, 'submitter')),
    operators: keepOperators(parts),
    readers: keepReaders(parts),
    searches: keepSavedSearches(parts),
    consents: keepConsents(parts),
  };
}
