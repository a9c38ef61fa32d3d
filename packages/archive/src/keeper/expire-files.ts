// What has been kept for its time goes: of a file whose segments have all reached it, first everything
// but the events of keys, and when those have too, the file. Rows of segments stay for ever as
// tombstones, so that the chain goes on across them. The database refuses to mark any earlier.

import type { SegmentFileTable } from '../tables.ts';
import { ARCHIVE_ACTOR, type ArchiveRoom, ownerOf } from './archive-room.ts';
import { eachInTurn, unlessDamaged } from './each-in-turn.ts';
import { flushFile } from './flush-file.ts';
import { DEFAULT_PROFILE } from './profiles.ts';
import { deleteHot, isAny, isNoKeyEvent } from './prune-hot.ts';
import { type FileSpan, replaceFiles } from './record-segments.ts';
import { recallFiles } from './seal-hot.ts';

export async function expireFiles(room: ArchiveRoom): Promise<number> {
  const nowMs = room.clock.nowMs();
  const files = await room.store.read.selectFrom('segment_file').selectAll().execute();
  let expired = 0;
  await eachInTurn(files, async (file) => {
    expired += (await unlessDamaged(room, [file], () => expireOne(room, file, nowMs))) ?? 0;
  });
  return expired;
}

/** @returns segments that expired */
async function expireOne(
  room: ArchiveRoom,
  file: SegmentFileTable,
  nowMs: number,
): Promise<number> {
  const segments = await segmentsIn(room, file);
  if (segments.some(({ keep_until_ms, state }) => state === 'sealed' || keep_until_ms > nowMs)) {
    return 0;
  }
  const whole = segments.every(({ keep_keys_until_ms }) => keep_keys_until_ms <= nowMs);
  if (!whole && segments.every(({ profile }) => profile !== null)) return 0;
  // What cannot be read cannot be written anew without its payload: it waits until it is in order.
  if (!whole && file.trouble !== null) return 0;
  await markExpired(room, file, nowMs);
  for (const segment of segments) await deleteHot(room, segment, whole ? isAny : isNoKeyEvent);
  if (whole) await deleteFile(room, file, nowMs);
  else await thinFile(room, file);
  return segments.length;
}

/** First of all: the database agrees that it may go, or nothing goes. A crash after is only a delay. */
async function markExpired(
  { store }: ArchiveRoom,
  { tenant, first, last }: SegmentFileTable,
  nowMs: number,
): Promise<void> {
  await store.transaction((tx) =>
    tx
      .updateTable('segment')
      .set({ thinned_ms: nowMs })
      .where('tenant', '=', tenant)
      .where('first', '>=', first)
      .where('last', '<=', last)
      .where('thinned_ms', 'is', null)
      .execute(),
  );
}

function segmentsIn({ store }: ArchiveRoom, { tenant, first, last }: SegmentFileTable) {
  return store.read
    .selectFrom('segment')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('first', '>=', first)
    .where('last', '<=', last)
    .orderBy('segment')
    .execute();
}

async function thinFile(room: ArchiveRoom, file: SegmentFileTable): Promise<void> {
  const { tenant, first, last } = file;
  const profile = await profileOf(room, tenant);
  const cut = { what: 'expired' } as const;
  const rewritten = await room.client.rewrite({ tenant, files: [file.file], cut });
  if (rewritten.file !== undefined) await flushFile(room.folder, rewritten.file);
  await room.store.transaction(async (tx) => {
    await tx
      .updateTable('segment')
      .set({ profile })
      .where('tenant', '=', tenant)
      .where('first', '>=', first)
      .where('last', '<=', last)
      .execute();
    if (rewritten.file === undefined) return;
    await replaceFiles(tx, [file.file], rewritten.file, file.span as FileSpan, file.made_ms);
  });
  await recallFiles(room);
  await tell(room, file, rewritten.cut, profile);
}

async function deleteFile(room: ArchiveRoom, file: SegmentFileTable, nowMs: number): Promise<void> {
  const { tenant, first, last } = file;
  const profile = await profileOf(room, tenant);
  await room.store.transaction(async (tx) => {
    await tx
      .updateTable('segment')
      .set({ state: 'deleted', deleted_ms: nowMs, profile })
      .where('tenant', '=', tenant)
      .where('first', '>=', first)
      .where('last', '<=', last)
      .execute();
    await tx.deleteFrom('segment_file').where('file', '=', file.file).execute();
  });
  await recallFiles(room);
  await tell(room, file, last - first + 1, profile);
}

async function profileOf({ store }: ArchiveRoom, tenant: string): Promise<string> {
  const row = await store.read
    .selectFrom('retention')
    .select('profile')
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  return row?.profile ?? DEFAULT_PROFILE;
}

async function tell(
  room: ArchiveRoom,
  { tenant, first, last }: SegmentFileTable,
  count: number,
  profile: string,
): Promise<void> {
  await room.record([
    {
      ...{ name: 'audit.expired', timeMs: room.clock.nowMs(), ...ownerOf(tenant) },
      ...{ actor: ARCHIVE_ACTOR, item: { kind: 'segment', id: `${tenant}/${first}-${last}` } },
      ...{ count, extra: { first, last, profile } },
    },
  ]);
}
