// Passkeys of people: enrolled, found at sign-in, counted, stopped when there are two of one. A passkey
// belongs to one person of one realm; whoever is disabled has none that can be used.

import { type ActorFacts, CodedError, type RealmId } from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { parseInput } from '../parse-input.ts';
import { recordChange } from '../record-change.ts';
import { aboutPasskey } from './about-passkey.ts';
import { enrolPasskey } from './enrol-passkey.ts';
import { type NewPasskey, type Passkey, passkeyName, toPasskey } from './passkey.ts';
import { handleOf } from './person-handle.ts';
import { noteRemoval, type RemovedPasskey, removedByOthers } from './removed-passkeys.ts';

export interface Passkeys {
  /**
   * What authenticators know a person by: 32 random bytes as base64url, which say nothing about the
   * person and never change. @throws CodedError person_unknown
   */
  handleOf(realm: RealmId, personId: string): Promise<string>;
  /**
   * The same passkey twice is one. @throws CodedError bad_passkey | passkey_taken | too_many_passkeys |
   * person_unknown
   */
  enrol(input: NewPasskey, by?: ActorFacts): Promise<Passkey>;
  /** One that can be used: not stopped, of a person who may sign in. With the person's handle. */
  findUsable(realm: RealmId, id: string): Promise<(Passkey & { handle: string }) | undefined>;
  /** All of a person, the oldest first; also what an export of the person holds. */
  list(realm: RealmId, personId: string): Promise<Passkey[]>;
  /** How many can be used. */
  countOf(realm: RealmId, personId: string): Promise<number>;
  /**
   * After a signature was found right: keeps its counter. `stopped` when the counter did not go up
   * (WebAuthn Level 3 §7.2): then somebody has a copy, nobody knows who, and the passkey is over.
   */
  use(realm: RealmId, id: string, seen: SeenPasskey): Promise<'used' | 'stopped' | 'unknown'>;
  /** @throws CodedError bad_passkey | passkey_unknown */
  rename(owner: PasskeyOwner, name: string, by?: ActorFacts): Promise<void>;
  /**
   * By the person themselves, or by somebody else: then the person is told of it for 90 days.
   * @throws CodedError passkey_unknown
   */
  remove(owner: PasskeyOwner, by?: ActorFacts): Promise<void>;
  /** What others took away of a person in the last 90 days, the newest first; at most 20. */
  removedByOthers(realm: RealmId, personId: string): Promise<RemovedPasskey[]>;
  /** Erases all of a person, and the handle. @returns how many there were */
  erase(realm: RealmId, personId: string, by?: ActorFacts): Promise<number>;
}

export interface SeenPasskey {
  counter: number;
  backedUp: boolean;
}

export interface PasskeyOwner {
  realm: RealmId;
  personId: string;
  id: string;
}

/** Of one person, stopped ones included. */
export const MOST_PASSKEYS = 20;

export function keepPasskeys(parts: DirectoryParts): Passkeys {
  return {
    handleOf: (realm, personId) => handleOf(parts, realm, personId),
    enrol: (input, by) => enrolPasskey(parts, MOST_PASSKEYS, input, by),
    ...lookups(parts),
    use: (realm, id, seen) => usePasskey(parts, realm, id, seen),
    ...changes(parts),
    removedByOthers: (realm, personId) => removedByOthers(parts, realm, personId),
  };
}

function lookups({ store }: DirectoryParts): Pick<Passkeys, 'findUsable' | 'list' | 'countOf'> {
  const usable = (realm: RealmId) =>
    store.read
      .selectFrom('directory_passkey')
      .innerJoin('directory_person', (join) =>
        join
          .onRef('directory_person.realm', '=', 'directory_passkey.realm')
          .onRef('directory_person.id', '=', 'directory_passkey.person_id'),
      )
      .where('directory_passkey.realm', '=', realm)
      .where('directory_passkey.stopped_ms', 'is', null)
      .where('directory_person.disabled', '=', 0);
  return {
    async findUsable(realm, id) {
      const row = await usable(realm)
        .innerJoin('directory_passkey_handle', (join) =>
          join
            .onRef('directory_passkey_handle.realm', '=', 'directory_passkey.realm')
            .onRef('directory_passkey_handle.person_id', '=', 'directory_passkey.person_id'),
        )
        .selectAll('directory_passkey')
        .select('directory_passkey_handle.handle')
        .where('directory_passkey.id', '=', id)
        .executeTakeFirst();
      return row === undefined ? undefined : { ...toPasskey(row), handle: row.handle };
    },
    async list(realm, personId) {
      const rows = await store.read
        .selectFrom('directory_passkey')
        .selectAll()
        .where('realm', '=', realm)
        .where('person_id', '=', personId)
        .orderBy('created_ms')
        .orderBy('id')
        .execute();
      return rows.map(toPasskey);
    },
    async countOf(realm, personId) {
      const rows = await usable(realm)
        .select('directory_passkey.id')
        .where('directory_passkey.person_id', '=', personId)
        .execute();
      return rows.length;
    },
  };
}

async function usePasskey(
  parts: DirectoryParts,
  realm: RealmId,
  id: string,
  seen: SeenPasskey,
): Promise<'used' | 'stopped' | 'unknown'> {
  const { store, clock } = parts;
  return store.transaction(async (tx) => {
    const row = await tx
      .selectFrom('directory_passkey')
      .selectAll()
      .where('realm', '=', realm)
      .where('id', '=', id)
      .where('stopped_ms', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return 'unknown';
    const change = tx.updateTable('directory_passkey').where('realm', '=', realm);
    const goesUp = seen.counter > row.counter || (seen.counter === 0 && row.counter === 0);
    if (goesUp) {
      const used = await change
        .set({
          counter: seen.counter,
          backed_up: seen.backedUp ? 1 : 0,
          last_used_ms: clock.nowMs(),
        })
        .where('id', '=', id)
        // Of two uses at the same time one finds the counter of the other.
        .where('counter', '=', row.counter)
        .executeTakeFirst();
      if (used.numUpdatedRows === 1n) return 'used';
    }
    await change.set({ stopped_ms: clock.nowMs() }).where('id', '=', id).execute();
    const counters = { counter: row.counter, seen: seen.counter };
    const event = { ...aboutPasskey(row, 'factor_stopped'), severity: 'high' as const };
    await recordChange(parts, tx, { ...event, reason: 'passkey_cloned', extra: counters });
    return 'stopped';
  });
}

function changes(parts: DirectoryParts): Pick<Passkeys, 'rename' | 'remove' | 'erase'> {
  const { store } = parts;
  return {
    async rename({ realm, personId, id }, name, by) {
      const accepted = parseInput(passkeyName, 'bad_passkey', name);
      await store.transaction(async (tx) => {
        const row = await tx
          .updateTable('directory_passkey')
          .set({ name: accepted })
          .where('realm', '=', realm)
          .where('person_id', '=', personId)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw passkeyUnknown();
        await recordChange(parts, tx, aboutPasskey(row, 'factor_changed'), by);
      });
    },
    async remove({ realm, personId, id }, by) {
      await store.transaction(async (tx) => {
        const row = await tx
          .deleteFrom('directory_passkey')
          .where('realm', '=', realm)
          .where('person_id', '=', personId)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw passkeyUnknown();
        await noteRemoval(parts, tx, row, by);
        await recordChange(parts, tx, aboutPasskey(row, 'factor_removed'), by);
      });
    },
    erase: (realm, personId, by) =>
      store.transaction(async (tx) => {
        const rows = await tx
          .deleteFrom('directory_passkey')
          .where('realm', '=', realm)
          .where('person_id', '=', personId)
          .returningAll()
          .execute();
        for (const table of ['directory_passkey_handle', 'directory_removed_passkey'] as const) {
          await tx
            .deleteFrom(table)
            .where('realm', '=', realm)
            .where('person_id', '=', personId)
            .execute();
        }
        for (const row of rows) {
          await recordChange(parts, tx, aboutPasskey(row, 'factor_removed'), by);
        }
        return rows.length;
      }),
  };
}

function passkeyUnknown(): CodedError<DirectoryCode> {
  return new CodedError('passkey_unknown', 'This person has no such passkey.');
}
