// One passkey more for a person, within the bound. Whoever enrols knows that the authenticator has the
// key (provider); here it is known that no other person has it.

import { type ActorFacts, CodedError } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { parseInput } from '../parse-input.ts';
import { recordChange } from '../record-change.ts';
import type { DirectoryTables, PasskeyRow } from '../tables.ts';
import { aboutPasskey } from './about-passkey.ts';
import { type NewPasskey, newPasskeySchema, type Passkey, toPasskey } from './passkey.ts';

export async function enrolPasskey(
  parts: DirectoryParts,
  most: number,
  input: NewPasskey,
  by: ActorFacts | undefined,
): Promise<Passkey> {
  const parsed = parseInput(newPasskeySchema, 'bad_passkey', input);
  const row: PasskeyRow = {
    realm: input.realm,
    id: parsed.id,
    person_id: parsed.personId,
    public_key: parsed.publicKey,
    counter: parsed.counter,
    transports: parsed.transports.join(' '),
    multi_device: parsed.multiDevice ? 1 : 0,
    backed_up: parsed.backedUp ? 1 : 0,
    aaguid: parsed.aaguid,
    name: parsed.name,
    created_ms: parts.clock.nowMs(),
    last_used_ms: null,
    stopped_ms: null,
  };
  const write = parts.store.transaction(async (tx) => {
    const known = await knownPasskey(tx, row);
    if (known !== undefined) return known;
    await requireRoom(tx, row, most);
    await tx.insertInto('directory_passkey').values(row).execute();
    await recordChange(parts, tx, aboutPasskey(row, 'factor_enrolled'), by);
    return row;
  });
  const stored = await renaming(write, {
    storage_conflict: ['passkey_taken', TAKEN],
    storage_constraint: ['person_unknown', 'There is no such person in this realm.'],
  });
  return toPasskey(stored);
}

const TAKEN = 'This passkey belongs to an account already.';

/** The same passkey of the same person: enrolled before, perhaps by an answer that was lost. */
async function knownPasskey(
  tx: Kysely<DirectoryTables>,
  row: PasskeyRow,
): Promise<PasskeyRow | undefined> {
  const known = await tx
    .selectFrom('directory_passkey')
    .selectAll()
    .where('realm', '=', row.realm)
    .where('id', '=', row.id)
    .executeTakeFirst();
  if (known === undefined) return undefined;
  if (known.person_id === row.person_id && known.public_key === row.public_key) return known;
  throw new CodedError<DirectoryCode>('passkey_taken', TAKEN);
}

async function requireRoom(
  tx: Kysely<DirectoryTables>,
  row: PasskeyRow,
  most: number,
): Promise<void> {
  const held = await tx
    .selectFrom('directory_passkey')
    .select('id')
    .where('realm', '=', row.realm)
    .where('person_id', '=', row.person_id)
    .execute();
  if (held.length < most) return;
  throw new CodedError<DirectoryCode>(
    'too_many_passkeys',
    `An account has at most ${most} passkeys. Remove one first.`,
  );
}
