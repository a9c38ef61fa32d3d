// A person of the directory in OpenID's words (OpenID Connect Core §5.1, §5.4). A disabled person is
// nobody: their codes and refresh tokens stop working at once.

import type { RealmContext } from './realm-context.ts';

export const OPENID_CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'preferred_username', 'updated_at'],
  email: ['email', 'email_verified'],
};

export interface Account {
  accountId: string;
  claims(): { sub: string; [claim: string]: unknown };
  [member: string]: unknown;
}

export async function findAccount(realm: RealmContext, id: string): Promise<Account | undefined> {
  const person = await realm.directory.people.find(realm.id, id);
  if (person === undefined || person.disabled) return undefined;
  return {
    accountId: person.id,
    claims: () => ({
      sub: person.id,
      preferred_username: person.username,
      updated_at: Math.floor(person.updatedMs / 1000),
      ...(person.name === undefined ? {} : { name: person.name }),
      ...(person.email === undefined
        ? {}
        : { email: person.email, email_verified: person.emailVerified }),
    }),
  };
}
