// Puts sealed segments on record: from here on they count, and their files with them.

import type { Kysely } from 'kysely';
import type { SealedSegment, WrittenFile } from '../client/archive-client.ts';
import type { ArchiveTables } from '../tables.ts';

export interface KeepTimes {
  keepUntilMs: number;
  keepKeysUntilMs: number;
}

/** All in one transaction with what else was sealed in the same turn. */
export async function recordSegments(
  tx: Kysely<ArchiveTables>,
  sealed: readonly SealedSegment[],
  keep: (segment: SealedSegment) => KeepTimes,
): Promise<void> {
  for (const segment of sealed) {
    const { keepUntilMs, keepKeysUntilMs } = keep(segment);
    await tx
      .insertInto('segment')
      .values({
        ...{ tenant: segment.tenant, segment: segment.segment },
        ...{ first: segment.first, last: segment.last, root: segment.root, state: 'sealed' },
        first_sequence: segment.firstSequence,
        last_sequence: segment.lastSequence,
        through_sequence: segment.throughSequence,
        ...{ head_before: segment.headBefore, head_after: segment.headAfter },
        ...{ first_ms: segment.firstMs, last_ms: segment.lastMs, sealed_ms: segment.sealedMs },
        ...{ keep_until_ms: keepUntilMs, keep_keys_until_ms: keepKeysUntilMs },
        ...{ thinned_ms: null, deleted_ms: null, profile: null, pruned_ms: null },
      })
      .execute();
    await insertFile(tx, segment.file, 'seal', segment.sealedMs);
  }
}

/** What its segments were put together by; `seal`: not yet. */
export type FileSpan = 'seal' | 'hour' | 'day' | 'month';

export async function insertFile(
  tx: Kysely<ArchiveTables>,
  file: WrittenFile,
  span: FileSpan,
  madeMs: number,
): Promise<void> {
  await tx
    .insertInto('segment_file')
    .values({
      ...{ file: file.file, tenant: file.tenant, first: file.first, last: file.last },
      ...{ first_ms: file.firstMs, last_ms: file.lastMs },
      ...{ first_uid: file.firstUid, last_uid: file.lastUid },
      ...{ bytes: file.bytes, erased: file.erased, span, trouble: null, made_ms: madeMs },
    })
    .execute();
}

/** Puts a file in the place of those it was made of. */
export async function replaceFiles(
  tx: Kysely<ArchiveTables>,
  old: readonly string[],
  file: WrittenFile,
  span: FileSpan,
  madeMs: number,
): Promise<void> {
  await tx
    .deleteFrom('segment_file')
    .where('file', 'in', [...old])
    .execute();
  await insertFile(tx, file, span, madeMs);
}
