// People of a realm: found by id or username, signed in by password.

import {
  type ActorFacts,
  CodedError,
  newId,
  parseRealmId,
  type RealmId,
} from '@countersign/vocabulary';
import type { DirectoryCode } from '../directory-error.ts';
import { renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { type Page, parseInput, parsePage } from '../parse-input.ts';
import type { Passwords } from '../passwords/keep-passwords.ts';
import { recordChange } from '../record-change.ts';
import type { PersonRow } from '../tables.ts';
import { unknownRealm } from '../tenants/keep-tenants.ts';
import { acceptPassword } from './accept-password.ts';
import { foldUsername } from './fold-username.ts';
import { type NewPerson, newPersonSchema, type Person, toPerson } from './person.ts';

export interface People {
  /** @throws CodedError bad_person | bad_password | username_taken | realm_unknown | too_busy */
  create(input: NewPerson, by?: ActorFacts): Promise<Person>;
  find(realm: RealmId, id: string): Promise<Person | undefined>;
  /** By username in any case or width. */
  findByUsername(realm: RealmId, username: string): Promise<Person | undefined>;
  /** In order of id. */
  list(realm: RealmId, page?: Page): Promise<Person[]>;
  /**
   * The person, when username and password belong together and the person is not disabled.
   * Takes the same time for an unknown username. Counting failures is the caller's.
   * @throws CodedError `too_busy` with retryAfterSeconds
   */
  verifyPassword(realm: RealmId, username: string, password: string): Promise<Person | undefined>;
  /** @throws CodedError bad_password | person_unknown | too_busy */
  setPassword(realm: RealmId, id: string, password: string, by?: ActorFacts): Promise<void>;
  /** @throws CodedError person_unknown */
  setDisabled(realm: RealmId, id: string, disabled: boolean, by?: ActorFacts): Promise<void>;
  /** Removes the person, the password and the consents. @throws CodedError person_unknown */
  remove(realm: RealmId, id: string, by?: ActorFacts): Promise<void>;
}

export function keepPeople(parts: DirectoryParts, passwords: Passwords): People {
  const { store } = parts;
  const findRow = (realm: RealmId, column: 'id' | 'username_key', value: string) =>
    store.read
      .selectFrom('directory_person')
      .selectAll()
      .where('realm', '=', realm)
      .where(column, '=', value)
      .executeTakeFirst();
  const find = async (realm: RealmId, id: string): Promise<Person | undefined> => {
    const row = await findRow(realm, 'id', id);
    return row === undefined ? undefined : toPerson(row);
  };
  return {
    create: (input, by) => createPerson(parts, passwords, input, by),
    find,
    async findByUsername(realm, username) {
      const key = foldUsername(username);
      const row = key === undefined ? undefined : await findRow(realm, 'username_key', key);
      return row === undefined ? undefined : toPerson(row);
    },
    async list(realm, page) {
      const { after, limit } = parsePage(page);
      const rows = await store.read
        .selectFrom('directory_person')
        .selectAll()
        .where('realm', '=', realm)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toPerson);
    },
    verifyPassword: (realm, username, password) =>
      verifyPassword(parts, passwords, realm, username, password),
    setPassword: (realm, id, password, by) =>
      setPassword(parts, passwords, { realm, id, password, by }),
    setDisabled: (realm, id, disabled, by) => setDisabled(parts, { realm, id, disabled, by }),
    async remove(realm, id, by) {
      await store.transaction(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('directory_person')
          .where('realm', '=', realm)
          .where('id', '=', id)
          .executeTakeFirst();
        if (numDeletedRows === 0n) throw personUnknown();
        await recordChange(parts, tx, { name: 'account.removed', realm, subject: id }, by);
      });
    },
  };
}

async function createPerson(
  parts: DirectoryParts,
  passwords: Passwords,
  input: NewPerson,
  by: ActorFacts | undefined,
): Promise<Person> {
  const { store, clock, random } = parts;
  const parsed = parseInput(newPersonSchema, 'bad_person', input);
  const { realm, username } = { realm: input.realm, username: parsed.username.normalize('NFKC') };
  parseRealmId(realm);
  const key = foldUsername(parsed.username);
  if (key === undefined) {
    throw new CodedError<DirectoryCode>(
      'bad_person',
      'username: at most 128 letters, digits and . _ - + @, beginning with a letter or digit.',
    );
  }
  const row: PersonRow = {
    realm,
    id: newId(random),
    username,
    username_key: key,
    email: parsed.email ?? null,
    email_verified: parsed.emailVerified ? 1 : 0,
    name: parsed.name ?? null,
    disabled: 0,
    created_ms: clock.nowMs(),
    updated_ms: clock.nowMs(),
  };
  const accepted =
    parsed.password === undefined
      ? undefined
      : acceptPassword(parsed.password, contextOf({ realm, username }));
  const hash = accepted === undefined ? undefined : await passwords.hash(accepted);
  const write = store.transaction(async (tx) => {
    await tx.insertInto('directory_person').values(row).execute();
    // Not the name: what is said here of a person stays longer than the person may want.
    const after = { enabled: true, password: hash !== undefined };
    const event = { name: 'account.created' as const, realm, subject: row.id, change: { after } };
    await recordChange(parts, tx, event, by);
    if (hash === undefined) return;
    const password = { realm, person_id: row.id, hash, set_ms: row.created_ms };
    await tx.insertInto('directory_password').values(password).execute();
  });
  await renaming(write, {
    storage_conflict: ['username_taken', 'This username is taken.'],
    storage_constraint: unknownRealm,
  });
  return toPerson(row);
}

async function verifyPassword(
  { store }: DirectoryParts,
  passwords: Passwords,
  realm: RealmId,
  username: string,
  password: string,
): Promise<Person | undefined> {
  // An impossible username is looked up like any other, so that it takes the same time.
  const key = foldUsername(username) ?? '';
  const row = await store.read
    .selectFrom('directory_person')
    .leftJoin('directory_password', (join) =>
      join
        .onRef('directory_password.realm', '=', 'directory_person.realm')
        .onRef('directory_password.person_id', '=', 'directory_person.id'),
    )
    .selectAll('directory_person')
    .select('directory_password.hash')
    .where('directory_person.realm', '=', realm)
    .where('directory_person.username_key', '=', key)
    .executeTakeFirst();
  const hash = row?.hash ?? null;
  const owner = row === undefined || hash === null ? undefined : { realm, personId: row.id, hash };
  const good = await passwords.matches(password, owner);
  return good && row !== undefined && row.disabled === 0 ? toPerson(row) : undefined;
}

async function setPassword(
  parts: DirectoryParts,
  passwords: Passwords,
  {
    realm,
    id,
    password,
    by,
  }: { realm: RealmId; id: string; password: string; by: ActorFacts | undefined },
): Promise<void> {
  const { store, clock } = parts;
  const person = await store.read
    .selectFrom('directory_person')
    .select('username')
    .where('realm', '=', realm)
    .where('id', '=', id)
    .executeTakeFirst();
  if (person === undefined) throw personUnknown();
  const accepted = acceptPassword(password, contextOf({ realm, username: person.username }));
  const hash = await passwords.hash(accepted);
  const set_ms = clock.nowMs();
  const write = store.transaction(async (tx) => {
    await tx
      .insertInto('directory_password')
      .values({ realm, person_id: id, hash, set_ms })
      .onConflict((conflict) =>
        conflict.columns(['realm', 'person_id']).doUpdateSet({ hash, set_ms }),
      )
      .execute();
    // Who sets the password of another resets it.
    const own = by?.kind === 'person' && by.id === id;
    const operation = own ? 'password_changed' : 'password_reset';
    const event = { name: 'account.changed' as const, realm, subject: id, operation };
    await recordChange(parts, tx, event, by);
  });
  await renaming(write, { storage_constraint: ['person_unknown', unknownPersonMessage] });
}

async function setDisabled(
  parts: DirectoryParts,
  {
    realm,
    id,
    disabled,
    by,
  }: { realm: RealmId; id: string; disabled: boolean; by: ActorFacts | undefined },
): Promise<void> {
  const { store, clock } = parts;
  await store.transaction(async (tx) => {
    const person = await tx
      .selectFrom('directory_person')
      .select('disabled')
      .where('realm', '=', realm)
      .where('id', '=', id)
      .executeTakeFirst();
    if (person === undefined) throw personUnknown();
    await tx
      .updateTable('directory_person')
      .set({ disabled: disabled ? 1 : 0, updated_ms: clock.nowMs() })
      .where('realm', '=', realm)
      .where('id', '=', id)
      .execute();
    if ((person.disabled === 1) === disabled) return;
    const change = { before: { enabled: disabled }, after: { enabled: !disabled } };
    const operation = disabled ? 'disabled' : 'enabled';
    const event = { name: 'account.changed' as const, realm, subject: id, operation, change };
    await recordChange(parts, tx, event, by);
  });
}

const unknownPersonMessage = 'There is no such person in this realm.';

function personUnknown(): CodedError<DirectoryCode> {
  return new CodedError('person_unknown', unknownPersonMessage);
}

function contextOf({ realm, username }: { realm: RealmId; username: string }): string[] {
  return [username, parseRealmId(realm).tenant, 'countersign'];
}
