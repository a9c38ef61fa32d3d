// The archivist's side of the pipe: a request is parsed, handed on, and answered when it is done.

import type { PipeRequest } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { archiveError } from '../archive-error.ts';
import type { ArchiveClient, TenantHead } from '../client/archive-client.ts';
import { type AnswerPart, ARCHIVE_OPS, type ArchiveOp } from './archive-ops.ts';

type Answers = Record<number, (request: unknown) => Promise<unknown>>;

/** @param onUnexpected told of errors that have no code: bugs, and a database that fails */
export function answerRequests(
  archive: ArchiveClient,
  onUnexpected: (error: unknown) => void,
): (requests: readonly PipeRequest[]) => void {
  const answers = describeAnswers(archive);
  return (requests) => {
    for (const request of requests) {
      answerOne(answers, request).catch((error: unknown) => {
        if (!isCodedError(error)) onUnexpected(error);
        request.refuse(error);
      });
    }
  };
}

async function answerOne(answers: Answers, { op, body, reply }: PipeRequest): Promise<void> {
  const answer = answers[op];
  if (answer === undefined) throw archiveError('archive_malformed', 'There is no such request.');
  const answered = await answer(JSON.parse(Buffer.from(body).toString('utf8')));
  reply(Buffer.from(JSON.stringify(answered ?? null)));
}

function describeAnswers(archive: ArchiveClient): Answers {
  const take = <Op extends ArchiveOp>(op: Op, given: unknown) => {
    const parsed = ARCHIVE_OPS[op].request.safeParse(given);
    if (parsed.success)
      return parsed.data as ReturnType<(typeof ARCHIVE_OPS)[Op]['request']['parse']>;
    const { message } = parsed.error;
    throw archiveError('archive_malformed', `The archivist cannot do this: ${message}`);
  };
  const { follow, followed, seal, recall, rewrite, check, search, aggregate } = ARCHIVE_OPS;
  const { readRange, findByUid, exportParquet } = ARCHIVE_OPS;
  const answerFollowed = followedInParts(archive);
  return {
    [follow.op]: async (given) => archive.follow(take('follow', given).throughSequence),
    [followed.op]: async (given) => answerFollowed(take('followed', given)),
    [seal.op]: async (given) => {
      const { sealedMs, from } = take('seal', given);
      const sealed = await archive.seal(sealedMs);
      return partOf(sealed, from, sealed[0]?.throughSequence ?? 0);
    },
    [recall.op]: async (given) => archive.recall(take('recall', given).clear),
    [rewrite.op]: async (given) => archive.rewrite(take('rewrite', given)),
    [check.op]: async (given) => archive.check(take('check', given)),
    [search.op]: async (given) => archive.search(take('search', given)),
    [aggregate.op]: async (given) => archive.aggregate(take('aggregate', given)),
    [readRange.op]: async (given) => archive.readRange(take('readRange', given)),
    [exportParquet.op]: async (given) => archive.exportParquet(take('exportParquet', given)),
    [findByUid.op]: async (given) => {
      const { tenant, uid } = take('findByUid', given);
      return archive.findByUid(tenant, uid);
    },
  };
}

/** Of a tenant each, below a kilobyte. */
const ITEMS_AT_ONCE = 2_500;
/** Answers whose other parts may still be asked for. */
const MOST_KEPT = 8;

function partOf<Item>(all: readonly Item[], from: number, sequence: number): AnswerPart<Item> {
  return { total: all.length, sequence, items: all.slice(from, from + ITEMS_AT_ONCE) };
}

/** All parts are of one moment: heads of two moments were never true together. */
function followedInParts(archive: ArchiveClient) {
  const kept = new Map<number, TenantHead[]>();
  return async ({ from, sequence }: { from: number; sequence?: number | undefined }) => {
    if (sequence !== undefined) {
      const heads = kept.get(sequence);
      if (heads !== undefined) return partOf(heads, from, sequence);
      throw archiveError('archive_behind', 'Too many ask at once; ask again.', {
        retryAfterSeconds: 1,
      });
    }
    const now = await archive.followed();
    if (now.heads.length > ITEMS_AT_ONCE) kept.set(now.sequence, now.heads);
    for (const old of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(old);
    return partOf(now.heads, 0, now.sequence);
  };
}
