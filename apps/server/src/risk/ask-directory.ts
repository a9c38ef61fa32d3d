// What the risk engine asks the directory: who somebody is, how many factors they have, since when, and
// which clients are servers.

import type { Directory } from '@countersign/directory';
import { parseRealmId, type RealmId, type SubjectKind } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

/** What the subject of a token is in its realm; undefined for nobody. */
export function subjectKindOf({
  people,
  clients,
}: Pick<Directory, 'people' | 'clients'>): (
  realm: RealmId,
  subject: string,
) => Promise<SubjectKind | undefined> {
  return async (realm, subject) => {
    if ((await people.find(realm, subject)) !== undefined) {
      return parseRealmId(realm).population === 'device' ? 'device' : 'person';
    }
    return (await clients.find(realm, subject)) === undefined ? undefined : 'workload';
  };
}

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
