// Operators: the persons who administer this installation, each with a credential of their own,
// `cso.ID.SECRET`, kept as SHA-256 and shown once. Who made whose is kept for ever, because whoever
// made a credential may have kept a copy: the rule of two persons asks for it. The first operator is
// whoever holds the token of the data folder; it has a name here and no row.

import { createHash, timingSafeEqual } from 'node:crypto';
import { CodedError, newId, newSecret } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { type DirectoryCode, renaming } from '../directory-error.ts';
import type { DirectoryParts } from '../directory-parts.ts';
import { type Page, parseInput, parsePage } from '../parse-input.ts';
import type { DirectoryTables } from '../tables.ts';

/** The name of whoever holds the operator token of the data folder. */
export const FIRST_OPERATOR = 'operator';

export interface Operator {
  /** Never given to another, also after it was revoked. */
  name: string;
  /** Name of the operator who made the credential. */
  madeBy: string;
  createdMs: number;
  revokedMs: number | null;
  revokedBy: string | null;
}

/** More that happens in the same transaction, such as the event of it. */
export type Alongside = (tx: Kysely<DirectoryTables>) => Promise<unknown>;

export interface Operators {
  /**
   * `credential` is shown here and never again.
   * @throws CodedError bad_operator_name | operator_exists
   */
  create(
    input: { name: string; by: string },
    alongside?: Alongside,
  ): Promise<Operator & { credential: string }>;
  /** Undefined for a wrong, revoked or malformed credential. */
  authenticate(credential: string): Promise<Operator | undefined>;
  find(name: string): Promise<Operator | undefined>;
  /**
   * Ends a credential at once; the first time counts and has `alongside` run.
   * @throws CodedError operator_unknown, also for the first operator
   */
  revoke(input: { name: string; by: string }, alongside?: Alongside): Promise<Operator>;
  /** By name. */
  list(page?: Page): Promise<Operator[]>;
  /** Who made the credential, who made that one's, and so on to the first operator. */
  makersOf(name: string): Promise<string[]>;
}

const FORM = /^cso\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
// ASCII only: two names must not look alike on the screen of the person who approves.
const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@+-]{0,63}$/,
    'must be 1 to 64 characters of a-z, 0-9 and ._@+-, such as alice or alice@example.com',
  )
  .refine((name) => name !== FIRST_OPERATOR, 'is the name of the first operator');

type OperatorRow = DirectoryTables['directory_operator'];

export function keepOperators({ store, clock, random }: DirectoryParts): Operators {
  const select = () => store.read.selectFrom('directory_operator').selectAll();
  const find = async (name: string): Promise<Operator | undefined> => {
    const row = await select().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toOperator(row);
  };
  return {
    find,
    async create(input, alongside) {
      const secret = newSecret(random);
      const row: OperatorRow = {
        id: newId(random),
        name: parseInput(nameSchema, 'bad_operator_name', input.name),
        made_by: input.by,
        hash: sha256(secret).toString('hex'),
        created_ms: clock.nowMs(),
        revoked_ms: null,
        revoked_by: null,
      };
      const write = store.transaction(async (tx) => {
        await tx.insertInto('directory_operator').values(row).execute();
        await alongside?.(tx);
      });
      const taken = 'There is, or was, an operator of this name; a name is never given twice.';
      await renaming(write, { storage_conflict: ['operator_exists', taken] });
      return { ...toOperator(row), credential: `cso.${row.id}.${secret}` };
    },
    async authenticate(credential) {
      const [, id, secret] = FORM.exec(credential) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const row = await select().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.revoked_ms !== null) return undefined;
      const [expected, given] = [Buffer.from(row.hash, 'hex'), sha256(secret)];
      const equal = expected.length === given.length && timingSafeEqual(expected, given);
      return equal ? toOperator(row) : undefined;
    },
    async revoke({ name, by }, alongside) {
      await store.transaction(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('directory_operator')
          .set({ revoked_ms: clock.nowMs(), revoked_by: by })
          .where('name', '=', name)
          .where('revoked_ms', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await alongside?.(tx);
      });
      const operator = await find(name);
      if (operator === undefined) throw unknown();
      return operator;
    },
    async list(page) {
      const { after, limit } = parsePage(page);
      const rows = select().where('name', '>', after).orderBy('name').limit(limit);
      return (await rows.execute()).map(toOperator);
    },
    async makersOf(name) {
      const makers: string[] = [];
      // Ends: whoever was made came after who made them. A row that says otherwise is not ours.
      for (let at = name; at !== FIRST_OPERATOR; ) {
        const operator = await find(at);
        if (operator === undefined) throw unknown();
        at = operator.madeBy;
        if (makers.includes(at)) {
          const circle = 'Operators are stored as having made each other.';
          throw new CodedError<DirectoryCode>('record_damaged', circle);
        }
        makers.push(at);
      }
      return makers;
    },
  };
}

function unknown(): CodedError<DirectoryCode> {
  return new CodedError(
    'operator_unknown',
    `There is no such operator. (The first one, "${FIRST_OPERATOR}", is a file: DATA/secrets/operator-token.)`,
  );
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function toOperator(row: OperatorRow): Operator {
  return {
    name: row.name,
    madeBy: row.made_by,
    createdMs: row.created_ms,
    revokedMs: row.revoked_ms,
    revokedBy: row.revoked_by,
  };
}
