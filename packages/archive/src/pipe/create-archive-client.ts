// The server's side of the pipe. When the archivist is gone, hangs or is busy, that is said in one way,
// and as something that passes.

import type { PipeClient } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { archiveError } from '../archive-error.ts';
import type { ArchiveClient } from '../client/archive-client.ts';
import { ARCHIVE_OPS, type ArchiveOp } from './archive-ops.ts';

const AWAY: ReadonlySet<string> = new Set(['peer_gone', 'peer_timeout', 'busy', 'bad_frame']);

/** @param pipe with a timeout long enough for sealing: a minute and more */
export function createArchiveClient(pipe: Pick<PipeClient, 'request'>): ArchiveClient {
  const ask = async <Answer>(op: ArchiveOp, request: object): Promise<Answer> => {
    const body = Buffer.from(JSON.stringify(request));
    const answer = await pipe.request(ARCHIVE_OPS[op].op, body).catch(sayAway);
    return JSON.parse(Buffer.from(answer).toString('utf8')) as Answer;
  };
  return {
    follow: (throughSequence) => ask('follow', { throughSequence }),
    followed: () => ask('followed', {}),
    seal: (sealedMs) => ask('seal', { sealedMs }),
    recall: () => ask('recall', {}),
    rewrite: (request) => ask('rewrite', request),
    check: (request) => ask('check', request),
    search: (request) => ask('search', request),
    aggregate: (request) => ask('aggregate', request),
    readRange: (request) => ask('readRange', request),
    async findByUid(tenant, uid) {
      return (
        (await ask<Awaited<ReturnType<ArchiveClient['findByUid']>> | null>('findByUid', {
          ...(tenant === undefined ? {} : { tenant }),
          uid,
        })) ?? undefined
      );
    },
  };
}

function sayAway(error: unknown): never {
  if (!isCodedError(error) || !AWAY.has(error.code)) throw error;
  const message =
    'The archive does not answer now; issuing goes on, and nothing is lost. Ask again soon.';
  throw archiveError('archive_unavailable', message, { cause: error, retryAfterSeconds: 1 });
}
