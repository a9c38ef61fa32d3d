// What the risk engine asks the directory: how many factors somebody has, since when, and which clients are
// servers.

import type { Directory } from '@countersign/directory';
import type { RiskHouse } from './risk-house.ts';

export function factorsAndClients({
  passkeys,
  people,
  clients,
}: Pick<Directory, 'passkeys' | 'people' | 'clients'>): Pick<
  RiskHouse,
  'countFactors' | 'enrolledMs' | 'canSignIn' | 'hasServers'
> {
  return {
    countFactors: (realm, subject) => passkeys.countOf(realm, subject),
    enrolledMs: async (realm, subject, factorId) => {
      const own = await passkeys.list(realm, subject);
      return own.find(({ id }) => id === factorId)?.createdMs;
    },
    canSignIn: async (realm, subject) => (await people.find(realm, subject))?.disabled === false,
    hasServers: async (realm, clientId) => {
      const client = await clients.find(realm, clientId);
      return client !== undefined && client.token_endpoint_auth_method !== 'none';
    },
  };
}
