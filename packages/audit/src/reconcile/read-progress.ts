// How far the comparison has come, in numbers that can be held against log and journal.

import type { AuditRoom } from '../store/audit-room.ts';
import { logCursor } from '../store/log-places.ts';
import { indexOf } from '../store/numbered-places.ts';
import { journalCursor } from '../store/signer-places.ts';
import { readCursor } from './move-cursor.ts';

export interface Progress {
  /** Rows in the ledger. */
  issued: number;
  /** Builds that were logged or signed and whose token never left. */
  abandoned: number;
  /** Events of keys announced to the log: an entry each, but for those that a crash kept from it. */
  keyEvents: number;
  /** Indexes of the first log below this are compared with the ledger. */
  logJudgedBelow: number;
  /** The same of each further log; absent where there is none. */
  moreLogs?: { origin: string; judgedBelow: number }[];
  /** Journal numbers of the first signer below this are compared with the ledger. */
  journalJudgedBelow: number;
  /** The same of each further signer; absent where there is none. */
  moreSigners?: { name: string; judgedBelow: number }[];
}

/** Counts rows, so it costs more as the ledger grows: for operators, not for every request. */
export async function readProgress(room: AuditRoom): Promise<Progress> {
  const count = async (table: 'issued_token' | 'key_event'): Promise<number> => {
    const { rows } = await room.store.read
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return Number(rows);
  };
  // A leaf in doubt has no place: its token may well have been issued, with another log's receipt.
  const { abandoned } = await room.store.read
    .selectFrom('abandoned_build')
    .select(({ fn }) => fn.countAll<number>().as('abandoned'))
    .where('log_index', 'is not', null)
    .executeTakeFirstOrThrow();
  const more = await Promise.all(
    room.logs.origins.slice(1).map(async (origin, at) => ({
      origin,
      judgedBelow: indexOf(await readCursor(room, logCursor(at + 1))),
    })),
  );
  const signers = await Promise.all(
    room.signers.names.slice(1).map(async (name, at) => ({
      name,
      judgedBelow: indexOf(await readCursor(room, journalCursor(at + 1))),
    })),
  );
  return {
    issued: await count('issued_token'),
    abandoned: Number(abandoned),
    keyEvents: await count('key_event'),
    logJudgedBelow: await readCursor(room, 'log'),
    journalJudgedBelow: await readCursor(room, 'journal'),
    ...(more.length === 0 ? {} : { moreLogs: more }),
    ...(signers.length === 0 ? {} : { moreSigners: signers }),
  };
}
