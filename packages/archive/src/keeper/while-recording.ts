// Between the answer of the archivist and the row of the server a file is nobody's: an archivist that
// begins in between finds it on no record. Nothing is cleared away as long as such a file may be there.

import type { ArchiveRoom } from './archive-room.ts';

/** @param job asks for files to be written, and puts them on record */
export async function whileRecording<Answer>(
  { recording }: Pick<ArchiveRoom, 'recording'>,
  job: () => Promise<Answer>,
): Promise<Answer> {
  recording.jobs += 1;
  try {
    return await job();
  } finally {
    recording.jobs -= 1;
  }
}
