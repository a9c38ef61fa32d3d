// Where a leaf stands when there is more than one log: (origin, index), in the tables one whole
// number, its place: the log's number times 2^48 and the index. Of the first log, number 0, place
// and index are the same, so a ledger from before there was a second reads on unchanged.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { auditError } from '../audit-error.ts';
import type { AuditTables } from '../tables.ts';

/** A leaf, as other rooms name it. Without an origin: in the first log. */
export interface LogPlace {
  logIndex: number;
  logOrigin?: string;
}

/** Indexes are 48 bits wide everywhere (see the receipt's format). */
export const PLACES_PER_LOG = 2 ** 48;
/** So that every place is an integer that JavaScript holds exactly. */
const MOST_LOGS = 32;

/** The logs of a house by number; an origin keeps its number for ever. */
export class LogPlaces {
  readonly origins: readonly string[];

  constructor(origins: readonly string[] = []) {
    this.origins = origins;
  }

  /** Undefined for a log that is none of ours, and for what is no index. */
  placeOf({ logIndex, logOrigin }: LogPlace): number | undefined {
    const number = logOrigin === undefined ? 0 : this.origins.indexOf(logOrigin);
    const isIndex = Number.isSafeInteger(logIndex) && logIndex >= 0 && logIndex < PLACES_PER_LOG;
    return number < 0 || !isIndex ? undefined : number * PLACES_PER_LOG + logIndex;
  }

  describe(place: number): LogPlace {
    const logOrigin = this.origins[logNumberOf(place)];
    const logIndex = indexOf(place);
    return logOrigin === undefined ? { logIndex } : { logIndex, logOrigin };
  }
}

/** Null where there is no place to name. */
export function placeOfToken(
  logs: LogPlaces,
  token: { logIndex?: number; logOrigin?: string } | undefined,
): number | null {
  const { logIndex, logOrigin } = token ?? {};
  if (logIndex === undefined) return null;
  return logs.placeOf(logOrigin === undefined ? { logIndex } : { logIndex, logOrigin }) ?? null;
}

export function logNumberOf(place: number): number {
  return Math.floor(place / PLACES_PER_LOG);
}

export function indexOf(place: number): number {
  return place % PLACES_PER_LOG;
}

/** Name of the cursor that follows a log. */
export function logCursor(number: number): 'log' | `log:${number}` {
  return number === 0 ? 'log' : `log:${number}`;
}

/**
 * Enters the logs of this house, the first one first, and resolves with all it ever had, by number.
 * @throws CodedError `log_changed` when the first log was another; StorageCode
 */
export async function registerLogs(
  { store, clock }: { store: Pick<Store<AuditTables>, 'transaction'>; clock: Clock },
  origins: readonly string[],
): Promise<string[]> {
  return store.transaction(async (tx) => {
    for (const origin of origins) await registerLog(tx, origin, clock.nowMs());
    const rows = await tx
      .selectFrom('log')
      .select(['number', 'origin'])
      .orderBy('number')
      .execute();
    if (rows[0]?.origin !== origins[0]) {
      throw auditError(
        'log_changed',
        `The ledger is of the log ${rows[0]?.origin ?? 'of nobody'}.`,
      );
    }
    return rows.map(({ origin }) => origin);
  });
}

async function registerLog(tx: Kysely<AuditTables>, origin: string, nowMs: number): Promise<void> {
  const known = await tx.selectFrom('log').select('origin').orderBy('number').execute();
  if (known.some((log) => log.origin === origin)) return;
  const number = known.length;
  if (number >= MOST_LOGS) {
    throw auditError('log_changed', `A house has at most ${MOST_LOGS} logs in its life.`);
  }
  await tx.insertInto('log').values({ number, origin, since_ms: nowMs }).execute();
  if (number === 0) return;
  await tx
    .insertInto('follower_cursor')
    .values({ name: logCursor(number), position: number * PLACES_PER_LOG, updated_ms: nowMs })
    .execute();
}
