// The small schema the conformance cases write to, and what they share.

import { isCodedError } from '@countersign/vocabulary';
import type { Generated, Kysely } from 'kysely';
import type { Migration, Store, StoreLimits } from '../store.ts';

export interface NotesTables {
  note: { id: Generated<number>; writer: string; text: string; amount: number };
}

export interface ConformanceCase {
  name: string;
  limits?: Partial<StoreLimits>;
  run(store: Store<NotesTables>): Promise<void>;
}

export const notesMigration: Migration = {
  name: 'conformance-001-notes',
  async up(tx) {
    await tx.schema
      .createTable('note')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('writer', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull().unique())
      .addColumn('amount', 'integer', (column) => column.notNull())
      .execute();
  },
};

export function refusal(code: string): (error: unknown) => boolean {
  return (error) => isCodedError(error) && error.code === code;
}

export function addNote(db: Kysely<NotesTables>, text: string, amount = 0): Promise<unknown> {
  return db.insertInto('note').values({ writer: 'w', text, amount }).execute();
}

export async function readTexts(store: Store<NotesTables>): Promise<string[]> {
  const rows = await store.read.selectFrom('note').select('text').orderBy('id').execute();
  return rows.map((row) => row.text);
}
