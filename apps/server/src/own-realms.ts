// Which tenant an issuer or an audience belongs to: what a reporter may speak about.

import type { Ownership } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { isPopulation, isTenantName, realmId } from '@countersign/vocabulary';

export function describeOwnership(
  baseUrl: string,
  directory: Pick<Directory, 'resources'>,
): Ownership {
  return {
    realmOfIssuer: (issuer) => {
      if (!issuer.startsWith(`${baseUrl}/`)) return undefined;
      const [tenant = '', population = '', ...rest] = issuer.slice(baseUrl.length + 1).split('/');
      if (rest.length > 0 || !isTenantName(tenant) || !isPopulation(population)) return undefined;
      return realmId({ tenant, population });
    },
    ownsAudience: async (tenant, audience) =>
      (await directory.resources.find(tenant, audience)) !== undefined,
  };
}
