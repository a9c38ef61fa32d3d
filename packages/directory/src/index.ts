export type { ClientRecord, NewClient } from './clients/client-record.ts';
export type { Clients } from './clients/keep-clients.ts';
export { type ConsentScopes, coversConsent } from './consents/consent.ts';
export type { Consent, Consents, NewConsent } from './consents/keep-consents.ts';
export { createDirectory, type Directory, type DirectoryOptions } from './create-directory.ts';
export {
  type Alongside,
  FIRST_OPERATOR,
  type Operator,
  type Operators,
} from './credentials/operators.ts';
export type { Reporter, Reporters } from './credentials/reporters.ts';
export type { Submitter, Submitters } from './credentials/submitters.ts';
export type { DirectoryCode } from './directory-error.ts';
export { directoryMigrations } from './migrations.ts';
export type { Page } from './parse-input.ts';
export { MOST_PASSKEYS, type PasskeyOwner, type Passkeys } from './passkeys/keep-passkeys.ts';
export type { NewPasskey, Passkey } from './passkeys/passkey.ts';
export type { RemovedPasskey } from './passkeys/removed-passkeys.ts';
export type { People } from './people/keep-people.ts';
export type { NewPerson, Person } from './people/person.ts';
export type { Readers } from './readers/keep-readers.ts';
export type { NewReader, Reader, ReaderKind } from './readers/reader.ts';
export type { SavedSearch, SavedSearches } from './readers/saved-searches.ts';
export type { Resources } from './resources/keep-resources.ts';
export type { NewResource, ResourceServer } from './resources/resource-server.ts';
export { DEMO_RESOURCE } from './seed/demo-tenant.ts';
export { type Seeded, type SeedOptions, seedTenant } from './seed/seed-tenant.ts';
export type { DirectoryTables } from './tables.ts';
export type { Tenant, Tenants } from './tenants/keep-tenants.ts';
