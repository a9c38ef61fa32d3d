// Which profile a tenant's events are kept by. Longer counts at once, for all there is; shorter only for
// what is recorded from then on, so that nobody can shorten what others rely on.

import type { ActorFacts } from '@countersign/vocabulary';
import { type ArchiveRoom, type ArchiveWriting, ownerOf } from './archive-room.ts';
import {
  DEFAULT_PROFILE,
  keepMs,
  profileAt,
  RETENTION_PROFILES,
  type RetentionProfile,
  readProfile,
} from './profiles.ts';
import { sealHot } from './seal-hot.ts';

export interface Retention {
  tenant: string;
  profile: RetentionProfile;
  months: number;
  /** Absent where nobody chose. */
  changedMs?: number;
}

export interface RetentionChange {
  tenant: string;
  profile: string;
  by: ActorFacts;
}

export async function readRetention(
  { store }: Pick<ArchiveRoom, 'store'>,
  tenant: string,
): Promise<Retention> {
  const row = await store.read
    .selectFrom('retention')
    .selectAll()
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  const profile = row === undefined ? DEFAULT_PROFILE : readProfile(row.profile);
  const { months } = RETENTION_PROFILES[profile];
  return { tenant, profile, months, ...(row === undefined ? {} : { changedMs: row.changed_ms }) };
}

/** @throws CodedError `retention_unknown`; `archive_unavailable` when it would be shortened unsealed */
export async function changeRetention(
  room: ArchiveRoom,
  { tenant, profile: asked, by }: RetentionChange,
): Promise<Retention> {
  const profile = readProfile(asked);
  const before = await readRetention(room, tenant);
  // What is recorded already is kept by the profile it was recorded under: most of it is sealed here, and
  // of what the archive has not heard of yet the row says up to where that goes.
  if (keepMs(profile) < keepMs(before.profile)) await sealHot(room);
  const nowMs = room.clock.nowMs();
  await room.store.transaction(async (tx) => {
    await enterProfile(tx, tenant, profile, nowMs);
    const kept = keepMs(profile);
    for (const column of ['keep_until_ms', 'keep_keys_until_ms'] as const) {
      await tx
        .updateTable('segment')
        .set((is) => ({ [column]: is('sealed_ms', '+', kept) }))
        .where('tenant', '=', tenant)
        .where('state', '<>', 'deleted')
        .where((is) => is(column, '<', is('sealed_ms', '+', kept)))
        .execute();
    }
  });
  const change = { before: { profile: before.profile }, after: { profile } };
  const event = { name: 'audit.retention_changed', timeMs: nowMs, actor: by, change } as const;
  await room.record([{ ...event, ...ownerOf(tenant) }]);
  return readRetention(room, tenant);
}

async function enterProfile(
  tx: ArchiveWriting,
  tenant: string,
  profile: RetentionProfile,
  nowMs: number,
): Promise<void> {
  const was = await tx
    .selectFrom('retention')
    .selectAll()
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  const { newest } = await tx
    .selectFrom('event')
    .select(({ fn }) => fn.max('sequence').as('newest'))
    .executeTakeFirstOrThrow();
  const { sealed } = await tx
    .selectFrom('segment')
    .select(({ fn }) => fn.max('through_sequence').as('sealed'))
    .executeTakeFirstOrThrow();
  const row = {
    ...{ profile, changed_ms: nowMs, before_through: newest ?? 0 },
    before_profile: profileAt(was, (sealed ?? 0) + 1),
  };
  await tx
    .insertInto('retention')
    .values({ tenant, ...row })
    .onConflict((on) => on.column('tenant').doUpdateSet(row))
    .execute();
}
