import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { connectPipe, type PipeClient, servePipe } from '@countersign/pipe';
import { formatNote, parseNote, parseVerifierKey, verifyNote } from '@countersign/verifier';
import fc from 'fast-check';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { digestOf, testEntries, testEntry } from '../testing/entries.ts';
import { diskError } from '../testing/faulty-disk.ts';
import { LogFolder, receiptIndex, TEST_ORIGIN } from '../testing/log-folder.ts';
import { answerRequests } from './answer-requests.ts';
import { createNotaryClient, type NotaryClient } from './notary-client.ts';
import { decodeStrings, encodeStrings, NOTARY_OP } from './notary-ops.ts';

const folder = new LogFolder();
let log: TransparencyLog;
let pipe: PipeClient;
let notary: NotaryClient;

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
  notary = createNotaryClient(pipe);
  await notary.ready();
});
after(() => {
  notary.close();
  folder.delete();
});

describe('the notary, over its pipe', () => {
  it('logs an entry and answers with its receipt', async () => {
    const entry = testEntry(1, folder.clock.nowMs());
    assert.equal(receiptIndex(log, entry, await notary.append(entry)), 0);
  });

  it('logs what arrives together under one signature', async () => {
    while ((await notary.size()).durableSize < 64) {
      await notary.append(testEntry(2, folder.clock.nowMs()));
    }
    const entries = testEntries(64, 64, folder.clock.nowMs());
    const receipts = await Promise.all(entries.map((entry) => notary.append(entry)));
    const indexes = receipts.map((receipt, at) =>
      receiptIndex(log, entries[at] ?? assert.fail(), receipt),
    );
    assert.deepEqual(
      indexes,
      entries.map((_, at) => 64 + at),
    );
    assert.equal(new Set(receipts.map((receipt) => String(receipt.slice(-64)))).size, 1);
  });

  it('logs many in one request', async () => {
    const from = (await notary.size()).durableSize;
    const entries = testEntries(from, 300, folder.clock.nowMs());
    const receipts = await notary.appendMany(entries);
    receipts.forEach((receipt, at) => {
      assert.equal(receiptIndex(log, entries[at] ?? assert.fail(), receipt), from + at);
    });
    const page = await notary.readEntries(from, 300);
    assert.equal(digestOf(page.entries), digestOf(entries));
    assert.equal(page.durableSize, from + 300);
  });

  it('tells its name, its keys and its sizes', async () => {
    const keys = await notary.keys();
    assert.equal(keys.origin, TEST_ORIGIN);
    assert.equal(parseVerifierKey(keys.receiptKey).purpose, 'receipt');
    assert.equal(parseVerifierKey(keys.checkpointKey).name, TEST_ORIGIN);
    assert.equal(parseVerifierKey(keys.feedKey).name, `${TEST_ORIGIN}/feed`);
    const { checkpointMlDsa44Key = assert.fail() } = keys;
    assert.equal(parseVerifierKey(checkpointMlDsa44Key).purpose, 'mldsa44');
    await log.publishNow();
    const { durableSize, publishedSize } = await notary.size();
    assert.equal(durableSize, publishedSize);
    assert.equal((await notary.status()).durableSize, durableSize);
  });

  it('signs feeds', async () => {
    const { feedKey } = await notary.keys();
    const note = await notary.signFeed('{"number":7,"who":"Zoë"}');
    const { text } = await verifyNote(note, [parseVerifierKey(feedKey)]);
    assert.equal(text.split('\n')[2], '{"number":7,"who":"Zoë"}');
    await assert.rejects(notary.signFeed('{}\nlog\n'), { code: 'feed_malformed' });
  });

  it('hands out the last checkpoint once, for witnesses, and shows what they answered', async () => {
    const head = (await notary.nextHead(0)) ?? assert.fail();
    assert.equal(await notary.nextHead(head.sequence), undefined);
    await notary.append(testEntry(3, folder.clock.nowMs()));
    await log.publishNow();
    const next = (await notary.nextHead(head.sequence)) ?? assert.fail();
    assert.ok(next.sequence > head.sequence);
    const { text } = parseNote(next.note);
    const signature = { name: 'witness.example', id: new Uint8Array(4), blob: new Uint8Array(72) };
    const lines = formatNote({ text, signatures: [signature] }).slice(text.length + 1);
    await notary.showCosigned(next.sequence, lines);
    assert.equal(String(folder.disk.read('public/checkpoint')), `${next.note}${lines}`);
    await notary.showCosigned(head.sequence, 'of an older one, not even looked at');
    await assert.rejects(notary.showCosigned(next.sequence, 'no line'), {
      code: 'request_malformed',
    });
  });

  it('is held to what a witness has', async () => {
    const { note } = (await notary.nextHead(0)) ?? assert.fail();
    await notary.checkWitnessed(note);
    await assert.rejects(notary.checkWitnessed('not a note'), { code: 'request_malformed' });
  });

  it('refuses with a code, and says when it may pass', async () => {
    await assert.rejects(notary.append(new Uint8Array(9)), { code: 'entry_malformed' });
    const late = testEntry(1, folder.clock.nowMs() + 120_000);
    await assert.rejects(notary.append(late), { code: 'clock_skew' });
    await assert.rejects(notary.readEntries(10_000_000, 1), { code: 'index_out_of_range' });
    folder.disk.fault = ({ kind }) =>
      kind === 'remove' ? undefined : { error: diskError('ENOSPC') };
    await assert.rejects(notary.append(testEntry(1, folder.clock.nowMs())), {
      code: 'log_full',
      retryAfterSeconds: 5,
    });
    folder.disk.fault = () => undefined;
    await notary.append(testEntry(1, folder.clock.nowMs()));
  });

  it('refuses what is not a request, and goes on', async () => {
    const before = (await notary.size()).durableSize;
    const malformed: [number, Uint8Array][] = [
      [0, new Uint8Array(0)],
      [99, new Uint8Array(0)],
      [NOTARY_OP.appendMany, new Uint8Array(0)],
      [NOTARY_OP.appendMany, Buffer.from([0, 2, 0, 1, 7])],
      [NOTARY_OP.appendMany, Buffer.from([0, 0, 1])],
      [NOTARY_OP.appendMany, encodeStrings(Array.from({ length: 4097 }, () => new Uint8Array(0)))],
      [NOTARY_OP.readEntries, Buffer.alloc(7)],
      [NOTARY_OP.readEntries, Buffer.alloc(9)],
      [NOTARY_OP.nextHead, Buffer.alloc(5)],
      [NOTARY_OP.showCosigned, Buffer.alloc(5)],
      [NOTARY_OP.showCosigned, Buffer.from([0, 0, 0, 0, 0, 1, 0xff])],
      [NOTARY_OP.checkWitnessed, Buffer.from([0xff])],
    ];
    for (const [op, body] of malformed) {
      await assert.rejects(pipe.request(op, body), { code: 'request_malformed' });
    }
    await assert.rejects(pipe.request(NOTARY_OP.signFeed, Buffer.from([0xff, 0xfe])), {
      code: 'feed_malformed',
    });
    assert.equal((await notary.size()).durableSize, before);
  });

  it('answers any bytes at all with an answer or a closed code', async () => {
    const codes = new Set([
      'entry_malformed',
      'clock_skew',
      'request_malformed',
      'feed_malformed',
      'index_out_of_range',
    ]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 255 }), fc.uint8Array(), async (op, body) => {
        const outcome = await pipe.request(op, body).catch((error: { code: string }) => error.code);
        assert.ok(outcome instanceof Uint8Array || codes.has(outcome), String(outcome));
      }),
    );
  });
});

describe('byte strings', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (strings) => {
        const back = decodeStrings(encodeStrings(strings));
        assert.deepEqual(back.map(Buffer.from), strings.map(Buffer.from));
      }),
    );
  });
});
