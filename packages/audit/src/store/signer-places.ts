// Which signature, when there is more than one signer: (signer, journal number), in the tables one place.

import type { Store } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { AuditTables } from '../tables.ts';
import { indexOf, type NameRegister, NumberedPlaces, registerNames } from './numbered-places.ts';

/** A signature, as other rooms name it. Without a signer: of the first. */
export interface SignaturePlace {
  journalNumber: number;
  signer?: string;
}

/** The signers of a house by number; a name keeps its number for ever. */
export class SignerPlaces {
  readonly #places: NumberedPlaces;

  constructor(names: readonly string[] = []) {
    this.#places = new NumberedPlaces(names);
  }

  get names(): readonly string[] {
    return this.#places.names;
  }

  /** Undefined for a signer that is none of ours, and for what is no number. */
  placeOf({ journalNumber, signer }: SignaturePlace): number | undefined {
    return this.#places.find(signer, journalNumber);
  }

  describe(place: number): SignaturePlace {
    const signer = this.#places.nameAt(place);
    const journalNumber = indexOf(place);
    return signer === undefined ? { journalNumber } : { journalNumber, signer };
  }
}

/** Null where there is no signature to name. */
export function placeOfSignature(
  signers: SignerPlaces,
  token: { journalNumber?: number; signer?: string } | undefined,
): number | null {
  const { journalNumber, signer } = token ?? {};
  if (journalNumber === undefined) return null;
  return signers.placeOf({ journalNumber, ...(signer === undefined ? {} : { signer }) }) ?? null;
}

/** Name of the cursor that follows a signer's journal. */
export function journalCursor(number: number): 'journal' | `journal:${number}` {
  return number === 0 ? 'journal' : `journal:${number}`;
}

const signers: NameRegister = {
  what: 'signer',
  code: 'signer_changed',
  firstEntry: 1,
  cursorOf: journalCursor,
  list: async (tx) => {
    const rows = await tx.selectFrom('signer').select('name').orderBy('number').execute();
    return rows.map(({ name }) => name);
  },
  add: async (tx, number, name, since_ms) => {
    await tx.insertInto('signer').values({ number, name, since_ms }).execute();
  },
};

/**
 * Enters the signers of this house, the first one first, and resolves with all it ever had, by number.
 * A house that has no names for them has one, and need not call this.
 * @throws CodedError `signer_changed` when the first signer was another; StorageCode
 */
export async function registerSigners(
  { store, clock }: { store: Pick<Store<AuditTables>, 'transaction'>; clock: Clock },
  names: readonly string[],
): Promise<string[]> {
  return store.transaction((tx) => registerNames(tx, signers, names, clock.nowMs()));
}
