// Everything that changed since it was written, as it is now, with the cursor it belongs to. Bytes are
// made at once, before anything else can be folded; the first writing of a day keeps what was before.

import { bindQuery } from '@countersign/storage';
import { type CompiledQuery, type Kysely, sql } from 'kysely';
import { packRealm } from '../people/pack-realm.ts';
import type { MemoryTables } from '../tables.ts';
import type { Keeping, Tx } from './keeping.ts';
import { CURSOR } from './read-unfolded.ts';

const DAY_MS = 86_400_000;
const PROFILE_COLUMNS = [
  ...(['realm', 'subject', 'profile', 'standing'] as const),
  ...(['standing_score', 'standing_level', 'changed_ms'] as const),
];

interface ReadyQueries {
  snapshot: CompiledQuery<unknown>;
  upsert: CompiledQuery<unknown>;
}

let ready: ReadyQueries | undefined;

/** A thousand profiles are written at once: the text of their statements is made once. */
function readyQueries(db: Kysely<MemoryTables>): ReadyQueries {
  if (ready !== undefined) return ready;
  const names = sql.join(PROFILE_COLUMNS.map((name) => sql.ref(name)));
  const changes = PROFILE_COLUMNS.slice(2).map(
    (name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`,
  );
  ready = {
    snapshot: sql`INSERT INTO risk_snapshot (realm, subject, day, profile)
      SELECT ${null}, ${null}, ${null},
        (SELECT profile FROM risk_profile WHERE realm = ${null} AND subject = ${null})
      WHERE true ON CONFLICT DO NOTHING`.compile(db),
    upsert: sql`INSERT INTO risk_profile (${names})
      VALUES (${sql.join(PROFILE_COLUMNS.map(() => sql`${null}`))})
      ON CONFLICT (realm, subject) DO UPDATE SET ${sql.join(changes)}`.compile(db),
  };
  return ready;
}

export function writeUnkept<I, C, D, S>(
  keeping: Keeping<I, C, D, S>,
  folded: number,
  keptBefore: number,
): (tx: Tx) => Promise<void> {
  const { shapes, clock, store } = keeping.options;
  const queries = readyQueries(store.read);
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
      const { realm, subject } = row;
      await tx.executeQuery(bindQuery(queries.snapshot, [realm, subject, day, realm, subject]));
      await tx.executeQuery(
        bindQuery(
          queries.upsert,
          PROFILE_COLUMNS.map((name) => row[name]),
        ),
      );
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
