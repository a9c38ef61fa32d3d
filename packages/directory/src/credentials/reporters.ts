// Reporters: verifiers that may report uses of one tenant's tokens.

import { type ActorFacts, CodedError } from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';
import type { Page } from '../parse-input.ts';
import type { CredentialHolder, Credentials } from './keep-credentials.ts';

export interface Reporter extends CredentialHolder {
  tenant: string;
}

export interface Reporters {
  /** `credential` is shown here and never again. @throws bad_credential_name | tenant_unknown */
  create(
    input: { tenant: string; name: string },
    by?: ActorFacts,
  ): Promise<Reporter & { credential: string }>;
  /** Undefined for a wrong, revoked or malformed credential. */
  authenticate(credential: string): Promise<Reporter | undefined>;
  /** @throws CodedError credential_unknown */
  revoke(id: string, by?: ActorFacts): Promise<void>;
  list(tenant: string, page?: Page): Promise<Reporter[]>;
}

export function keepReporters(credentials: Credentials): Reporters {
  return {
    async create({ tenant, name }, by) {
      return { ...(await credentials.create(tenant, name, by)), tenant };
    },
    async authenticate(credential) {
      const holder = await credentials.authenticate(credential);
      return holder === undefined ? undefined : ofTenant(holder);
    },
    revoke: (id, by) => credentials.revoke(id, by),
    list: async (tenant, page) => (await credentials.list(tenant, page)).map(ofTenant),
  };
}

function ofTenant(holder: CredentialHolder): Reporter {
  const { tenant } = holder;
  if (tenant === null) {
    throw new CodedError<DirectoryCode>('record_damaged', 'A stored reporter has no tenant.');
  }
  return { ...holder, tenant };
}
