// Everything that changed since it was written, as it is now, with the cursor it belongs to. Bytes are
// made at once, before anything else can be folded; the first writing of a day keeps what was before.

import type { RealmId } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { packRealm } from '../people/pack-realm.ts';
import type { Keeping, Tx } from './keeping.ts';
import { CURSOR } from './read-unfolded.ts';

const DAY_MS = 86_400_000;

export function writeUnkept<I, C, D, S>(
  keeping: Keeping<I, C, D, S>,
  folded: number,
  keptBefore: number,
): (tx: Tx) => Promise<void> {
  const { shapes, clock } = keeping.options;
  const now = clock.nowMs();
  const day = Math.floor(now / DAY_MS);
  const realms = [...keeping.realms.unkept()].map(([realm, parts]) => ({
    realm,
    counts: shapes.counts.encode(parts.counts),
    infrastructure: shapes.infrastructure.encode(parts.infrastructure),
    calibration: shapes.calibration.encode(parts.calibration),
    detectors: shapes.detectors.encode(parts.detectors),
    changed_ms: now,
  }));
  const profiles = [...keeping.subjects.unkept()].map(([key, parts]) => {
    const [realm = '', subject = ''] = key.split('\0');
    const standing = shapes.describeStanding(parts.standing, now);
    return {
      ...{ realm, subject, changed_ms: now },
      profile: shapes.profile.encode(parts.profile),
      standing: shapes.standing.encode(parts.standing),
      standing_score: standing.score,
      standing_level: standing.level,
    };
  });
  return async (tx) => {
    for (const row of realms) {
      await snapshotRealm(tx, row.realm, day);
      await tx
        .insertInto('risk_realm')
        .values(row)
        .onConflict((conflict) => conflict.column('realm').doUpdateSet(row))
        .execute();
    }
    for (const row of profiles) {
      await snapshotProfile(tx, row.realm as RealmId, row.subject, day);
      await tx
        .insertInto('risk_profile')
        .values(row)
        .onConflict((conflict) => conflict.columns(['realm', 'subject']).doUpdateSet(row))
        .execute();
    }
    // What failed teaches once and is never asked for again.
    await tx
      .deleteFrom('risk_act')
      .where('kind', '=', 'failed')
      .where('sequence', '>', keptBefore)
      .where('sequence', '<=', folded)
      .execute();
    const cursor = { name: CURSOR, sequence: folded, changed_ms: now };
    await tx
      .insertInto('risk_cursor')
      .values(cursor)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(cursor))
      .execute();
  };
}

async function snapshotProfile(tx: Tx, realm: RealmId, subject: string, day: number) {
  await sql`INSERT INTO risk_snapshot (realm, subject, day, profile)
    SELECT ${realm}, ${subject}, ${day},
      (SELECT profile FROM risk_profile WHERE realm = ${realm} AND subject = ${subject})
    WHERE true ON CONFLICT DO NOTHING`.execute(tx);
}

async function snapshotRealm(tx: Tx, realm: string, day: number): Promise<void> {
  const there = await tx
    .selectFrom('risk_snapshot')
    .select('day')
    .where('realm', '=', realm)
    .where('subject', '=', '')
    .where('day', '=', day)
    .executeTakeFirst();
  if (there !== undefined) return;
  const row = await tx
    .selectFrom('risk_realm')
    .selectAll()
    .where('realm', '=', realm)
    .executeTakeFirst();
  const profile = row === undefined ? null : packRealm(row);
  await tx.insertInto('risk_snapshot').values({ realm, subject: '', day, profile }).execute();
}
