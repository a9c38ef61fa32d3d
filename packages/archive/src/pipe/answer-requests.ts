// The archivist's side of the pipe: a request is parsed, handed on, and answered when it is done.

import type { PipeRequest } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { archiveError } from '../archive-error.ts';
import type { ArchiveClient } from '../client/archive-client.ts';
import { ARCHIVE_OPS, type ArchiveOp } from './archive-ops.ts';

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
  return {
    [follow.op]: async (given) => archive.follow(take('follow', given).throughSequence),
    [followed.op]: async () => archive.followed(),
    [seal.op]: async (given) => archive.seal(take('seal', given).sealedMs),
    [recall.op]: async () => archive.recall(),
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
