// What the rest of the house needs to know of its signers: one to ask, whichever signs, and the
// journal of each. A signer that is away at the start stops nobody while another answers and its keys
// are known from before.

import { createSignerSet, type PublicKeyRecord, type SignerClient } from '@countersign/keys';
import { isCodedError } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { ChildWatch } from '../processes/wait-for-children.ts';
import type { SignerNotes } from './note-signers.ts';
import type { SignerDoor } from './open-signer-doors.ts';

export interface HouseSigners {
  /** The only signer, or all of them as one. */
  signer: SignerClient;
  /** In order of preference; the first is the one the ledger began with. */
  names: readonly string[];
  /** Journals of the signers after the first, whose is `signer.readJournal`. */
  more: readonly ({ name: string } & Pick<SignerClient, 'readJournal' | 'readAccess'>)[];
  close(): Promise<void>;
}

export interface SignerParts {
  doors: readonly SignerDoor[];
  notes: SignerNotes;
  children: ChildWatch;
  log: Logger;
}

/** Time that a known signer has to answer at the start, where another may do without it. */
const PATIENCE_MS = 4000;
const POLL_MS = 25;

/** @throws CodedError `child_failed`, `signer_changed` */
export async function learnSigners(parts: SignerParts): Promise<HouseSigners> {
  const { doors, notes, children, log } = parts;
  const names = doors.map(({ name }) => name);
  const [only, ...others] = doors;
  if (only === undefined) throw new TypeError('a house needs a signer');
  await Promise.all(doors.map((door) => heardOnce(parts, door)));
  if (others.length === 0) {
    return { signer: only.client, names, more: [], close: () => only.stop() };
  }
  const onKeys = (name: string, keys: readonly PublicKeyRecord[]): void => {
    try {
      notes.note(name, keys);
    } catch (err) {
      log.error({ err, signer: name }, 'the keys of a signer were not noted');
    }
  };
  const onChange = (name: string, away: boolean, err?: unknown): void => {
    if (away) log.error({ signer: name, err }, 'a signer is away');
    else log.warn({ signer: name }, 'a signer is back');
  };
  const known = doors.map(({ name, client }) => {
    const lastKnown = notes.keysOf(name);
    return { name, client, ...(lastKnown === undefined ? {} : { lastKnown }) };
  });
  const set = createSignerSet(known, { onKeys, onChange });
  await children.ready([set]);
  return {
    ...{ signer: set, names },
    more: others.map(({ name, client: { readJournal, readAccess } }) => ({
      ...{ name, readJournal, readAccess },
    })),
    close: async () => {
      set.close();
      await Promise.all(doors.map((door) => door.stop()));
    },
  };
}

/** One that nobody ever heard must answer: what its keys are, nobody could tell. */
async function heardOnce(
  { doors, notes, children, log }: SignerParts,
  { name, client, isRemote }: SignerDoor,
): Promise<void> {
  if (notes.keysOf(name) === undefined || doors.length === 1) {
    await children.ready([client]);
    // The folder of a signer at home has its own checks; behind an address anybody may be.
    if (isRemote || doors.length > 1) notes.note(name, await client.listKeys());
    return;
  }
  const keys = await answerWithin(client, PATIENCE_MS);
  if (keys !== undefined) notes.note(name, keys);
  else
    log.error({ signer: name }, 'a signer is away at the start; the other one goes on without it');
}

async function answerWithin(
  client: Pick<SignerClient, 'listKeys'>,
  mostMs: number,
): Promise<PublicKeyRecord[] | undefined> {
  for (const startedMs = performance.now(); performance.now() - startedMs < mostMs; ) {
    try {
      return await client.listKeys();
    } catch (error) {
      if (!isCodedError(error) || error.retryAfterSeconds === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  return undefined;
}
