// How far the comparison has come, in numbers that can be held against log and journal.

import type { AuditRoom } from '../store/audit-room.ts';
import { readCursor } from './move-cursor.ts';

export interface Progress {
  /** Rows in the ledger. */
  issued: number;
  /** Builds that were logged or signed and whose token never left. */
  abandoned: number;
  /** Log indexes below this are compared with the ledger. */
  logJudgedBelow: number;
  /** Journal numbers below this are compared with the ledger. */
  journalJudgedBelow: number;
}

/** Counts rows, so it costs more as the ledger grows: for operators, not for every request. */
export async function readProgress(room: AuditRoom): Promise<Progress> {
  const count = async (table: 'issued_token' | 'abandoned_build'): Promise<number> => {
    const { rows } = await room.store.read
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return Number(rows);
  };
  return {
    issued: await count('issued_token'),
    abandoned: await count('abandoned_build'),
    logJudgedBelow: await readCursor(room, 'log'),
    journalJudgedBelow: await readCursor(room, 'journal'),
  };
}
