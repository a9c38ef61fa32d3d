import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { connectPipe, servePipe } from '@countersign/pipe';
import type { ArchiveClient, SealedSegment, TenantHead } from '../client/archive-client.ts';
import { answerRequests } from './answer-requests.ts';
import { createArchiveClient } from './create-archive-client.ts';

const TENANTS = 20_000;
const hex = 'ab'.repeat(32);
const nameOf = (at: number) => `tenant-${'x'.repeat(40)}-${at}`;

function segment(at: number): SealedSegment {
  const tenant = nameOf(at);
  const range = { tenant, first: 1, last: 9, firstMs: 1, lastMs: 2 };
  return {
    ...range,
    ...{ segment: 1, firstSequence: 1, lastSequence: 9, throughSequence: 9, sealedMs: 3 },
    ...{ root: hex, headBefore: hex, headAfter: hex, keyEvents: 0 },
    file: {
      ...range,
      file: `${tenant}/1-9.parquet`,
      firstUid: hex,
      lastUid: hex,
      bytes: 1,
      erased: 0,
    },
  };
}

function head(at: number): TenantHead {
  return { tenant: nameOf(at), count: 9, head: hex, segments: 1, lastSequence: 9 };
}

function connect(archive: Partial<ArchiveClient>) {
  const [there, back] = [new PassThrough(), new PassThrough()];
  const onBatch = answerRequests(archive as ArchiveClient, assert.ifError);
  servePipe({ input: there, output: back, onBatch, onEnd: () => undefined });
  const pipe = connectPipe({ readable: back, writable: there });
  return { client: createArchiveClient(pipe), close: () => pipe.close() };
}

describe('a house of more tenants than one answer can name', () => {
  it('is sealed and anchored like any other', async () => {
    const segments = Array.from({ length: TENANTS }, (_, at) => segment(at));
    const heads = Array.from({ length: TENANTS }, (_, at) => head(at));
    let sequence = 0;
    const { client, close } = connect({
      seal: async () => segments,
      followed: async () => {
        sequence += 1;
        return { sequence, heads };
      },
    });
    assert.deepEqual(await client.seal(3), segments);
    const [one, other] = await Promise.all([client.followed(), client.followed()]);
    assert.deepEqual([one.sequence, other.sequence], [1, 2]);
    assert.deepEqual(one.heads, heads);
    close();
  });

  it('is not sealed by halves when the archivist was another one in between', async () => {
    const segments = Array.from({ length: TENANTS }, (_, at) => segment(at));
    let asked = 0;
    const { client, close } = connect({
      seal: async () => {
        asked += 1;
        return asked === 1 ? segments : [];
      },
    });
    await assert.rejects(client.seal(3), { code: 'archive_unavailable' });
    close();
  });
});
