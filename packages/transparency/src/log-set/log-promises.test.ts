import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { connectPipe, type PipeClient, servePipe } from '@countersign/pipe';
import { CodedError } from '@countersign/vocabulary';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { answerRequests } from '../pipe/answer-requests.ts';
import { createNotaryClient } from '../pipe/notary-client.ts';
import { testEntries, testEntry } from '../testing/entries.ts';
import { LogFolder } from '../testing/log-folder.ts';
import { LogPromises } from './log-promises.ts';

const folder = new LogFolder();
let log: TransparencyLog;
let pipe: PipeClient;

before(async () => {
  log = await folder.open();
  const there = new PassThrough();
  const back = new PassThrough();
  servePipe({
    input: there,
    output: back,
    onBatch: (requests) => answerRequests(log, requests),
    onEnd: () => undefined,
  });
  pipe = connectPipe({ readable: back, writable: there });
});
after(() => {
  pipe.close();
  folder.delete();
});

const newEntry = (number: number) => testEntry(number, folder.clock.nowMs());

describe('what a log has promised', () => {
  it('is not known before it said anything', async () => {
    const promises = new LogPromises();
    const notary = createNotaryClient(promises.follow(pipe));
    assert.equal(promises.size, undefined);
    await notary.keys();
    assert.equal(promises.size, undefined);
    assert.equal((await notary.size()).durableSize, 0);
    assert.equal(promises.size, 0);
  });

  it('is what its receipts say, one or many, and what it held before', async () => {
    const promises = new LogPromises();
    const notary = createNotaryClient(promises.follow(pipe));
    await notary.append(newEntry(1));
    assert.equal(promises.size, 1);
    await notary.appendMany(testEntries(10, 20, folder.clock.nowMs()));
    assert.equal(promises.size, 21);
    const later = new LogPromises();
    await createNotaryClient(later.follow(pipe)).size();
    assert.equal(later.size, 21);
  });

  it('does not shrink, nor wait for a leaf whose receipt never arrived', async () => {
    const promises = new LogPromises();
    promises.atLeast(50);
    promises.atLeast(30);
    const lossy = createNotaryClient(
      promises.follow({
        request: async (op, body) => {
          await pipe.request(op, body);
          throw new CodedError('peer_gone', 'gone');
        },
        close: () => undefined,
      }),
    );
    for (let number = 0; number < 60; number += 1) {
      await assert.rejects(lossy.append(newEntry(100 + number)), { code: 'peer_gone' });
    }
    assert.equal(promises.size, 50);
  });
});
