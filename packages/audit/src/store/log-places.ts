// Where a leaf stands when there is more than one log: (origin, index), in the tables one place.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { AuditTables } from '../tables.ts';
import { indexOf, type NameRegister, NumberedPlaces, registerNames } from './numbered-places.ts';

/** A leaf, as other rooms name it. Without an origin: in the first log. */
export interface LogPlace {
  logIndex: number;
  logOrigin?: string;
}

/** The logs of a house by number; an origin keeps its number for ever. */
export class LogPlaces {
  readonly #places: NumberedPlaces;

  constructor(origins: readonly string[] = []) {
    this.#places = new NumberedPlaces(origins);
  }

  get origins(): readonly string[] {
    return this.#places.names;
  }

  /** Undefined for a log that is none of ours, and for what is no index. */
  placeOf({ logIndex, logOrigin }: LogPlace): number | undefined {
    return this.#places.find(logOrigin, logIndex);
  }

  describe(place: number): LogPlace {
    const logOrigin = this.#places.nameAt(place);
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

/** Name of the cursor that follows a log. */
export function logCursor(number: number): 'log' | `log:${number}` {
  return number === 0 ? 'log' : `log:${number}`;
}

const logs: NameRegister = {
  what: 'log',
  code: 'log_changed',
  firstEntry: 0,
  cursorOf: logCursor,
  list: async (tx) => {
    const rows = await tx.selectFrom('log').select('origin').orderBy('number').execute();
    return rows.map(({ origin }) => origin);
  },
  add: async (tx, number, origin, since_ms) => {
    await tx.insertInto('log').values({ number, origin, since_ms }).execute();
  },
};

/**
 * Enters the logs of this house, the first one first, and resolves with all it ever had, by number.
 * @throws CodedError `log_changed` when the first log was another; StorageCode
 */
export async function registerLogs(
  { store, clock }: { store: Pick<Store<AuditTables>, 'transaction'>; clock: Clock },
  origins: readonly string[],
): Promise<string[]> {
  return store.transaction((tx) => registerNames(tx, logs, origins, clock.nowMs()));
}
