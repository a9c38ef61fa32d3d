// Passkeys that somebody else took away from a person: an administrator on the telephone, for one. The
// person is told on their account page, for a while; who did it, and why, is on record.

import type { ActorFacts, RealmId } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { DirectoryParts } from '../directory-parts.ts';
import type { DirectoryTables, PasskeyRow } from '../tables.ts';

export interface RemovedPasskey {
  /** As the person had named it. */
  name: string;
  removedMs: number;
}

const TOLD_FOR_MS = 90 * 86_400_000;
const MOST_TOLD = 20;

/** Notes a removal unless the person did it; what nobody is told of any more goes. */
export async function noteRemoval(
  { clock }: DirectoryParts,
  tx: Kysely<DirectoryTables>,
  { realm, person_id, id, name }: PasskeyRow,
  by: ActorFacts | undefined,
): Promise<void> {
  if (by?.kind === 'person' && by.id === person_id) return;
  const removed_ms = clock.nowMs();
  const told = { realm, person_id, id, name, removed_ms };
  await tx
    .insertInto('directory_removed_passkey')
    .values(told)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .deleteFrom('directory_removed_passkey')
    .where('realm', '=', realm)
    .where('person_id', '=', person_id)
    .where('removed_ms', '<', removed_ms - TOLD_FOR_MS)
    .execute();
}

export async function removedByOthers(
  { store, clock }: DirectoryParts,
  realm: RealmId,
  personId: string,
): Promise<RemovedPasskey[]> {
  const rows = await store.read
    .selectFrom('directory_removed_passkey')
    .select(['name', 'removed_ms'])
    .where('realm', '=', realm)
    .where('person_id', '=', personId)
    .where('removed_ms', '>=', clock.nowMs() - TOLD_FOR_MS)
    .orderBy('removed_ms', 'desc')
    .limit(MOST_TOLD)
    .execute();
  return rows.map(({ name, removed_ms }) => ({ name, removedMs: removed_ms }));
}
