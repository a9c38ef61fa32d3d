// What authenticators know a person by (WebAuthn Level 3 §14.6.1, user handle): random, one a person and
// realm, and not the person's id, because everyone who holds the device can read it.

import { newSecret, type RealmId } from '@countersign/vocabulary';
import { renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';

export async function handleOf(
  { store, random }: DirectoryParts,
  realm: RealmId,
  personId: string,
): Promise<string> {
  const find = () =>
    store.read
      .selectFrom('directory_passkey_handle')
      .select('handle')
      .where('realm', '=', realm)
      .where('person_id', '=', personId)
      .executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known.handle;
  const handle = newSecret(random);
  const write = store.transaction((tx) =>
    tx
      .insertInto('directory_passkey_handle')
      .values({ realm, person_id: personId, handle })
      // Of two that are first at the same time, one is.
      .onConflict((conflict) => conflict.columns(['realm', 'person_id']).doNothing())
      .execute(),
  );
  await renaming(write, {
    storage_constraint: ['person_unknown', 'There is no such person in this realm.'],
  });
  return (await find())?.handle ?? handle;
}
