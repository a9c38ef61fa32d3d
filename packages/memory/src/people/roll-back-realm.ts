// Sets everything of a realm back: each profile that changed since, and what is counted in the realm.
// One transaction, while nothing is folded.

import type { RealmId } from '@countersign/vocabulary';
import { type RawBuilder, sql } from 'kysely';
import { type Keeping, keyOf, type Tx } from '../held/keeping.ts';
import { memoryError } from '../memory-error.ts';
import { unpackRealm } from './pack-realm.ts';

export interface RolledBack {
  realm: RealmId;
  beforeMs: number;
  profiles: number;
}

export interface RealmRequest {
  realm: RealmId;
  beforeMs: number;
  /** Told how many profiles, in the same transaction. */
  tell: ((profiles: number, tx: Tx) => Promise<unknown>) | undefined;
}

const DAY_MS = 86_400_000;

export async function rollBackRealm<I, C, D, S>(
  keeping: Keeping<I, C, D, S>,
  { realm, beforeMs, tell }: RealmRequest,
): Promise<RolledBack> {
  const day = Math.floor(beforeMs / DAY_MS);
  const rolledBack: RolledBack = { realm, beforeMs, profiles: 0 };
  const empty = keeping.options.shapes.profile.encode(keeping.options.shapes.profile.make());
  let subjects: string[] = [];
  const change = async (tx: Tx) => {
    refuseTooEarly(keeping.options, day);
    const { rows } = await changedSince(realm, day).execute(tx);
    subjects = rows.map(({ subject }) => subject);
    rolledBack.profiles = subjects.length;
    await restoreAll(realm, day, empty).execute(tx);
    await restoreRealm(tx, realm, day);
    await tell?.(subjects.length, tx);
  };
  const after = () => {
    for (const subject of subjects) keeping.subjects.drop(keyOf(realm, subject));
    keeping.realms.drop(realm);
  };
  await keeping.rewrite({ change, after });
  return rolledBack;
}

/** @throws CodedError `no_snapshot`: of that day nothing is kept, and what is kept is not from before it. */
export function refuseTooEarly(
  {
    clock,
    limits,
  }: Pick<Keeping<unknown, unknown, unknown, unknown>['options'], 'clock' | 'limits'>,
  day: number,
): void {
  if (day >= Math.floor(clock.nowMs() / DAY_MS) - limits.keepSnapshotsDays) return;
  throw memoryError('no_snapshot', 'The time is before the oldest snapshot that is kept.');
}

function changedSince(realm: RealmId, day: number): RawBuilder<{ subject: string }> {
  return sql`SELECT DISTINCT subject FROM risk_snapshot
    WHERE realm = ${realm} AND subject <> '' AND day >= ${day}`;
}

function restoreAll(realm: RealmId, day: number, empty: Uint8Array): RawBuilder<unknown> {
  const first = sql`realm = ${realm} AND subject = risk_profile.subject AND day >= ${day}
    ORDER BY day LIMIT 1`;
  return sql`UPDATE risk_profile SET
      profile = coalesce((SELECT profile FROM risk_snapshot WHERE ${first}), ${empty})
    WHERE realm = ${realm}
      AND subject IN (SELECT subject FROM risk_snapshot WHERE realm = ${realm} AND day >= ${day})`;
}

async function restoreRealm(tx: Tx, realm: RealmId, day: number): Promise<void> {
  const row = await tx
    .selectFrom('risk_snapshot')
    .select('profile')
    .where('realm', '=', realm)
    .where('subject', '=', '')
    .where('day', '>=', day)
    .orderBy('day')
    .executeTakeFirst();
  if (row === undefined) return;
  if (row.profile === null) {
    await tx.deleteFrom('risk_realm').where('realm', '=', realm).execute();
    return;
  }
  const parts = unpackRealm(row.profile);
  await tx.updateTable('risk_realm').set(parts).where('realm', '=', realm).execute();
}
