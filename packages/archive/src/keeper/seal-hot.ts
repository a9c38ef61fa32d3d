// Has everything sealed that was followed, and puts it on record: the files are made durable before,
// and count only then. Asked again after a crash at any point, it ends the same.

import { archiveError } from '../archive-error.ts';
import type { FileTrouble, SealedSegment } from '../client/archive-client.ts';
import { ARCHIVE_ACTOR, type ArchiveRoom, type ArchiveWriting, ownerOf } from './archive-room.ts';
import { flushFile } from './flush-file.ts';
import { keepKeysUntilMs, keepMs, profileAt } from './profiles.ts';
import { recordSegments } from './record-segments.ts';
import { whileRecording } from './while-recording.ts';

export function sealHot(room: ArchiveRoom): Promise<SealedSegment[]> {
  return whileRecording(room, () => sealAndRecord(room));
}

async function sealAndRecord(room: ArchiveRoom): Promise<SealedSegment[]> {
  const sealed = await room.client.seal(room.clock.nowMs());
  for (const { file } of sealed) await flushFile(room.folder, file);
  if (sealed.length > 0) await room.store.transaction((tx) => recordNew(room, tx, sealed));
  await recallFiles(room);
  return sealed;
}

async function recordNew(
  { longestKeyLifeSeconds }: ArchiveRoom,
  tx: ArchiveWriting,
  sealed: readonly SealedSegment[],
): Promise<void> {
  const chosen = new Map(
    (await tx.selectFrom('retention').selectAll().execute()).map((row) => [row.tenant, row]),
  );
  const fresh: SealedSegment[] = [];
  for (const segment of sealed) if (await goesOn(tx, segment)) fresh.push(segment);
  await recordSegments(tx, fresh, ({ tenant, firstSequence, sealedMs, keyEvents }) => {
    const keepUntilMs = sealedMs + keepMs(profileAt(chosen.get(tenant), firstSequence));
    const keys = keepKeysUntilMs(sealedMs, keepUntilMs, longestKeyLifeSeconds);
    return { keepUntilMs, keepKeysUntilMs: keyEvents > 0 ? keys : keepUntilMs };
  });
}

/**
 * @returns false when it is on record already
 * @throws CodedError `archive_inconsistent` when it does not begin where the record ends
 */
async function goesOn(tx: ArchiveWriting, sealed: SealedSegment): Promise<boolean> {
  const newest = await tx
    .selectFrom('segment')
    .selectAll()
    .where('tenant', '=', sealed.tenant)
    .orderBy('segment', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest?.segment === sealed.segment && newest.root === sealed.root) return false;
  const expected =
    newest === undefined
      ? sealed.segment === 1 && sealed.first === 1
      : newest.segment + 1 === sealed.segment &&
        newest.last + 1 === sealed.first &&
        newest.head_after === sealed.headBefore;
  if (expected) return true;
  throw archiveError(
    'archive_inconsistent',
    `Segment ${sealed.segment} of ${sealed.tenant} does not begin where the sealed history ends.`,
  );
}

/** Lets the archivist see what is on record now. What it cannot read there is told once, and kept. */
export async function recallFiles(room: ArchiveRoom, { clear = false } = {}): Promise<void> {
  const { troubles } = await room.client.recall(clear);
  for (const trouble of troubles) await noteTrouble(room, trouble);
}

export async function noteTrouble(room: ArchiveRoom, found: FileTrouble): Promise<void> {
  const { tenant, file, trouble, detail } = found;
  const { numUpdatedRows } = await room.store.transaction((tx) =>
    tx
      .updateTable('segment_file')
      .set({ trouble })
      .where('file', '=', file)
      .where((is) => is.or([is('trouble', 'is', null), is('trouble', '<>', trouble)]))
      .executeTakeFirstOrThrow(),
  );
  if (numUpdatedRows === 0n) return;
  await room.record([
    {
      ...{ name: 'audit.differs', timeMs: room.clock.nowMs(), ...ownerOf(tenant) },
      ...{ actor: ARCHIVE_ACTOR, reason: `file_${trouble}` },
      message:
        'A file of the sealed history is missing or damaged: part of the history cannot be read.',
      extra: { file, detail },
    },
  ]);
}

/** It was read whole and is what it was: somebody put it back. */
export async function clearTrouble({ store }: ArchiveRoom, file: string): Promise<void> {
  const known = await store.read
    .selectFrom('segment_file')
    .select('trouble')
    .where('file', '=', file)
    .executeTakeFirst();
  if (known === undefined || known.trouble === null) return;
  await store.transaction((tx) =>
    tx.updateTable('segment_file').set({ trouble: null }).where('file', '=', file).execute(),
  );
}
