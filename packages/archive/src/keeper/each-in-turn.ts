// Keeping files in order is many small jobs, for many tenants: one that fails must not keep the others
// from being done, and a file that turns out to be damaged is told of by whoever trips over it.

import { isCodedError } from '@countersign/vocabulary';
import type { SegmentFileTable } from '../tables.ts';
import type { ArchiveRoom } from './archive-room.ts';
import { noteTrouble } from './seal-hot.ts';
import { whileRecording } from './while-recording.ts';

/** Does all of them. @throws the first error, when all had their turn; at once when the archivist is away */
export async function eachInTurn<Item>(
  items: readonly Item[],
  job: (item: Item) => Promise<unknown>,
): Promise<void> {
  const failed: unknown[] = [];
  for (const item of items) {
    try {
      await job(item);
    } catch (error) {
      if (isArchiveAway(error)) throw error;
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
}

/** @returns undefined when one of the files it reads is damaged: that is told, and it is left for later */
export async function unlessDamaged<Answer>(
  room: ArchiveRoom,
  files: readonly Pick<SegmentFileTable, 'tenant' | 'file'>[],
  job: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await whileRecording(room, job);
  } catch (error) {
    if (isArchiveAway(error)) throw error;
    let damaged = false;
    for (const { tenant, file } of files) {
      const { trouble } = await room.client.check({ tenant, file });
      if (trouble === undefined) continue;
      damaged = true;
      await noteTrouble(room, trouble);
    }
    if (!damaged) throw error;
    return undefined;
  }
}

/** Whether it passes by itself: the archivist is being restarted, or is behind. */
export function isArchiveAway(error: unknown): boolean {
  return (
    isCodedError(error) && (error.code === 'archive_unavailable' || error.code === 'archive_behind')
  );
}
