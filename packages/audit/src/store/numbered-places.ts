// When there is more than one of something that numbers its entries (logs, signers), an entry is known
// by (name, number), and in the tables by one whole number, its place: the number of the log or signer
// times 2^48 and the entry's own. Of the first one, number 0, place and entry are the same, so a ledger
// from before there was a second reads on unchanged.

import type { Kysely } from 'kysely';
import { type AuditCode, auditError } from '../audit-error.ts';
import type { AuditTables } from '../tables.ts';

/** Indexes and journal numbers are 48 bits wide everywhere (see the receipt's format). */
export const PLACES_EACH = 2 ** 48;
/** So that every place is an integer that JavaScript holds exactly. */
const MOST_EVER = 32;

/** The logs or signers of a house by number; a name keeps its number for ever. */
export class NumberedPlaces {
  readonly names: readonly string[];

  constructor(names: readonly string[] = []) {
    this.names = names;
  }

  /** Undefined for a name that is none of ours, and for what is no number. Without a name: the first. */
  find(name: string | undefined, number: number): number | undefined {
    const at = name === undefined ? 0 : this.names.indexOf(name);
    const fits = Number.isSafeInteger(number) && number >= 0 && number < PLACES_EACH;
    return at < 0 || !fits ? undefined : at * PLACES_EACH + number;
  }

  /** Undefined where they have no names. */
  nameAt(place: number): string | undefined {
    return this.names[sourceOf(place)];
  }
}

/** Which log or signer, by number. */
export function sourceOf(place: number): number {
  return Math.floor(place / PLACES_EACH);
}

/** The entry's own number there. */
export function indexOf(place: number): number {
  return place % PLACES_EACH;
}

/** A table of names, and the cursor that follows each. */
export interface NameRegister {
  list(tx: Kysely<AuditTables>): Promise<string[]>;
  add(tx: Kysely<AuditTables>, number: number, name: string, nowMs: number): Promise<void>;
  cursorOf(number: number): string;
  /** Number of the first entry. */
  firstEntry: 0 | 1;
  /** When the first one is not what it was, or there are too many. */
  code: AuditCode;
  what: 'log' | 'signer';
}

/**
 * Enters the names, the first one first, and resolves with all there ever were, by number.
 * @throws CodedError with the register's code; StorageCode
 */
export async function registerNames(
  tx: Kysely<AuditTables>,
  register: NameRegister,
  names: readonly string[],
  nowMs: number,
): Promise<string[]> {
  const known = await register.list(tx);
  for (const name of names) {
    if (known.includes(name)) continue;
    await addName(tx, register, known.length, name, nowMs);
    known.push(name);
  }
  if (known[0] !== names[0]) {
    const { code, what } = register;
    throw auditError(code, `The ledger is of the ${what} ${known[0] ?? 'of nobody'}.`);
  }
  return known;
}

async function addName(
  tx: Kysely<AuditTables>,
  register: NameRegister,
  number: number,
  name: string,
  nowMs: number,
): Promise<void> {
  const { code, what, firstEntry } = register;
  if (number >= MOST_EVER) {
    throw auditError(code, `A house has at most ${MOST_EVER} ${what}s in its life.`);
  }
  await register.add(tx, number, name, nowMs);
  // The cursor of the first has always been there.
  if (number === 0) return;
  const position = number * PLACES_EACH + firstEntry;
  await tx
    .insertInto('follower_cursor')
    .values({ name: register.cursorOf(number), position, updated_ms: nowMs })
    .execute();
}
