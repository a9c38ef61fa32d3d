// Submitters: other issuer instances that may submit leaves to our log over HTTP.

import type { ActorFacts } from '@countersign/vocabulary';
import type { Page } from '../parse-input.ts';
import type { CredentialHolder, Credentials } from './keep-credentials.ts';

export type Submitter = Omit<CredentialHolder, 'tenant'>;

export interface Submitters {
  /** `credential` is shown here and never again. @throws CodedError bad_credential_name */
  create(name: string, by?: ActorFacts): Promise<Submitter & { credential: string }>;
  /** Undefined for a wrong, revoked or malformed credential. */
  authenticate(credential: string): Promise<Submitter | undefined>;
  /** @throws CodedError credential_unknown */
  revoke(id: string, by?: ActorFacts): Promise<void>;
  list(page?: Page): Promise<Submitter[]>;
}

export function keepSubmitters(credentials: Credentials): Submitters {
  return {
    create: (name, by) => credentials.create(null, name, by),
    authenticate: (credential) => credentials.authenticate(credential),
    revoke: (id, by) => credentials.revoke(id, by),
    list: (page) => credentials.list(null, page),
  };
}
