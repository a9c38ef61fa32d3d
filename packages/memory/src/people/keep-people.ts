// What a person may ask for: to see what is remembered of them, and that it be forgotten; and what an
// incident lead may: to set a profile back to before it happened.

import type { Profile } from '@countersign/risk';
import type { RealmId } from '@countersign/vocabulary';
import type { KeptAct } from '../acts/act.ts';
import type { ActBook } from '../acts/act-book.ts';
import { type Keeping, keyOf, type Tx } from '../held/keeping.ts';
import { decodeProfile, type SubjectParts } from '../held/load-parts.ts';
import type { MemoryOptions } from '../memory-options.ts';
import { type Erasing, eraseSubject } from './erase-subject.ts';
import { type RolledBack, refuseTooEarly, rollBackRealm } from './roll-back-realm.ts';

export interface PersonsMemory<S> {
  profile: Profile;
  standing: S;
  /** The newest 500 that were judged; older ones are in the book of acts. */
  acts: KeptAct[];
  /** What was settled and said about them, the newest first. */
  said: KeptAct[];
  /** Days of which there is a snapshot, YYYY-MM-DD. */
  snapshots: string[];
}

/** Puts what is told of a change into its transaction. */
export type Alongside = (tx: Tx) => Promise<unknown>;

export interface People<S, D = unknown> {
  /** Everything that is kept of a person, but what detectors keep under a number this room does not know. */
  export(realm: RealmId, subject: string): Promise<PersonsMemory<S>>;
  /**
   * Profile, standing, acts, feedback, snapshots, and what detectors keep of them, also in snapshots of the
   * realm. Counts of the realm hold no person.
   */
  erase(realm: RealmId, subject: string, erasing?: Erasing<D>): Promise<{ acts: number }>;
  /**
   * Sets the profile back to the newest state that is surely from before the given time.
   * @throws CodedError `no_snapshot`: the time is before everything that is kept.
   */
  rollBack(realm: RealmId, subject: string, beforeMs: number, alongside?: Alongside): Promise<void>;
  /** The same of every profile of a realm, and of what is counted in it. */
  rollBackRealm(
    realm: RealmId,
    beforeMs: number,
    tell?: (profiles: number, tx: Tx) => Promise<unknown>,
  ): Promise<RolledBack>;
}

interface PeopleParts<I, C, D, S> {
  options: MemoryOptions<I, C, D, S>;
  keeping: Keeping<I, C, D, S>;
  acts: ActBook;
}

const DAY_MS = 86_400_000;
const MOST_EXPORTED = 500;

export function openPeople<I, C, D, S>(parts: PeopleParts<I, C, D, S>): People<S, D> {
  const { keeping, acts } = parts;
  return {
    export: async (realm, subject) => ({
      ...(await keeping.subject(realm, subject)),
      acts: await acts.list({ realm, subject, limit: MOST_EXPORTED }),
      said: await acts.saidOf(realm, subject),
      snapshots: await listSnapshots(parts, realm, subject),
    }),
    erase: (realm, subject, erasing = {}) => eraseSubject(keeping, { realm, subject, ...erasing }),
    rollBack: (realm, subject, beforeMs, alongside) =>
      rollBackOne(parts, { realm, subject, beforeMs, alongside }),
    rollBackRealm: (realm, beforeMs, tell) => rollBackRealm(keeping, { realm, beforeMs, tell }),
  };
}

async function listSnapshots<I, C, D, S>(
  { options }: PeopleParts<I, C, D, S>,
  realm: RealmId,
  subject: string,
): Promise<string[]> {
  const rows = await options.store.read
    .selectFrom('risk_snapshot')
    .select('day')
    .where('realm', '=', realm)
    .where('subject', '=', subject)
    .orderBy('day')
    .execute();
  return rows.map(({ day }) => new Date(day * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length));
}

interface RollBackRequest {
  realm: RealmId;
  subject: string;
  beforeMs: number;
  alongside: Alongside | undefined;
}

async function rollBackOne<I, C, D, S>(
  { options, keeping }: PeopleParts<I, C, D, S>,
  { realm, subject, beforeMs, alongside }: RollBackRequest,
): Promise<void> {
  const day = Math.floor(beforeMs / DAY_MS);
  let restored: SubjectParts<S> | undefined;
  const change = async (tx: Tx) => {
    refuseTooEarly(keeping.options, day);
    // The first snapshot from that day on was taken before anything of its day was folded.
    const row = await tx
      .selectFrom('risk_snapshot')
      .select('profile')
      .where('realm', '=', realm)
      .where('subject', '=', subject)
      .where('day', '>=', day)
      .orderBy('day')
      .executeTakeFirst();
    // Nothing was folded since: it is what it was.
    if (row !== undefined) {
      // What speaks against somebody is no part of what an attacker taught: it stays.
      const { standing } = await keeping.subject(realm, subject);
      restored = { profile: decodeProfile(options, realm, row.profile), standing };
      await tx
        .updateTable('risk_profile')
        .set({ profile: options.shapes.profile.encode(restored.profile) })
        .where('realm', '=', realm)
        .where('subject', '=', subject)
        .execute();
    }
    await alongside?.(tx);
  };
  const after = () => {
    if (restored === undefined) return;
    keeping.subjects.drop(keyOf(realm, subject));
    keeping.subjects.add(keyOf(realm, subject), restored);
  };
  await keeping.rewrite({ change, after });
}
