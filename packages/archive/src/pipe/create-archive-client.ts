// The server's side of the pipe. When the archivist is gone, hangs or is busy, that is said in one way,
// and as something that passes.

import type { PipeClient } from '@countersign/pipe';
import { isCodedError } from '@countersign/vocabulary';
import { archiveError } from '../archive-error.ts';
import type { ArchiveClient, SealedSegment, TenantHead } from '../client/archive-client.ts';
import { type AnswerPart, ARCHIVE_OPS, type ArchiveOp } from './archive-ops.ts';

/** Who asks these waits for them; what writes files has the time of the pipe itself. */
const LONGEST_MS: Readonly<Partial<Record<ArchiveOp, number>>> = {
  ...{ follow: 30_000, followed: 10_000, recall: 60_000, readRange: 60_000, findByUid: 10_000 },
  ...{ search: 70_000, aggregate: 70_000 },
};
const AWAY: ReadonlySet<string> = new Set(['peer_gone', 'peer_timeout', 'busy', 'bad_frame']);

/** @param pipe with a timeout long enough for sealing: a minute and more */
export function createArchiveClient(pipe: Pick<PipeClient, 'request'>): ArchiveClient {
  const ask = async <Answer>(op: ArchiveOp, request: object): Promise<Answer> => {
    const body = Buffer.from(JSON.stringify(request));
    const asked = pipe.request(ARCHIVE_OPS[op].op, body).catch(sayAway);
    const longestMs = LONGEST_MS[op];
    const answer = await (longestMs === undefined ? asked : within(longestMs, asked));
    return JSON.parse(Buffer.from(answer).toString('utf8')) as Answer;
  };
  return {
    follow: (throughSequence) => ask('follow', { throughSequence }),
    async followed() {
      const parts = (from: number, sequence?: number) =>
        ask<AnswerPart<TenantHead>>('followed', {
          from,
          ...(sequence === undefined ? {} : { sequence }),
        });
      const { sequence, items } = await allParts(parts);
      return { sequence, heads: items };
    },
    async seal(sealedMs) {
      const parts = (from: number) => ask<AnswerPart<SealedSegment>>('seal', { sealedMs, from });
      return (await allParts(parts)).items;
    },
    recall: (clear = false) => ask('recall', { clear }),
    rewrite: (request) => ask('rewrite', request),
    check: (request) => ask('check', request),
    search: (request) => ask('search', request),
    aggregate: (request) => ask('aggregate', request),
    readRange: (request) => ask('readRange', request),
    exportParquet: (request) => ask('exportParquet', request),
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

/** @throws CodedError `archive_unavailable` when a part is of another answer than the first */
async function allParts<Item>(
  ask: (from: number, sequence?: number) => Promise<AnswerPart<Item>>,
): Promise<{ sequence: number; items: Item[] }> {
  const { sequence, total, items } = await ask(0);
  while (items.length < total) {
    const more = await ask(items.length, sequence);
    const isSame = more.sequence === sequence && more.total === total && more.items.length > 0;
    if (!isSame) throw away();
    items.push(...more.items);
  }
  return { sequence, items };
}

async function within<T>(longestMs: number, asked: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(away()), longestMs);
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
    // What comes after it was given up is heard by nobody.
    asked.catch(() => undefined);
  }
}

function sayAway(error: unknown): never {
  if (!isCodedError(error) || !AWAY.has(error.code)) throw error;
  throw away(error);
}

function away(cause?: unknown): Error {
  const message =
    'The archive does not answer now; issuing goes on, and nothing is lost. Ask again soon.';
  return archiveError('archive_unavailable', message, { cause, retryAfterSeconds: 1 });
}
