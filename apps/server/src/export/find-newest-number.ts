// The number of a tenant's newest event, once the archive has followed everything that is durable: an
// export holds what was there when it began.

import { type ArchiveClient, archiveError } from '@countersign/archive';

export interface NewestParts {
  client: Pick<ArchiveClient, 'follow' | 'followed'>;
  newestSequence(): Promise<number>;
}

/** Turns of the archivist, each a moment of work: a backlog longer than that is said to be one. */
const MOST_TURNS = 200;

/** @throws CodedError `archive_behind`, `archive_unavailable` */
export async function findNewestNumber(archive: NewestParts, tenant: string): Promise<number> {
  const newest = await archive.newestSequence();
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const { sequence } = await archive.client.follow(newest);
    if (sequence >= newest) {
      const { heads } = await archive.client.followed();
      return heads.find((head) => head.tenant === tenant)?.count ?? 0;
    }
  }
  throw archiveError('archive_behind', 'The archive is still taking in events. Try again soon.');
}
