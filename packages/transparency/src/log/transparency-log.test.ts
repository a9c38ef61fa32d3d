import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  commitToken,
  decodeReceipt,
  encodeLeafEntry,
  hashLeaf,
  leafTypeOf,
  openReceiptLog,
  parseNote,
  parseVerifierKey,
  verifyInclusion,
  verifyNote,
  verifyReceipt,
} from '@countersign/verifier';
import fc from 'fast-check';
import { digestOf, testEntries, testEntry } from '../testing/entries.ts';
import { diskError } from '../testing/faulty-disk.ts';
import { LogFolder, receiptIndex, TEST_ORIGIN } from '../testing/log-folder.ts';
import { proveFromTiles } from '../tiles/read-tiles.ts';

const folders: LogFolder[] = [];
const newFolder = (): LogFolder => {
  const folder = new LogFolder();
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) folder.delete();
});

describe('an append', () => {
  it('of one entry is answered with a receipt of its own, without a proof', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const entry = testEntry(1, folder.clock.nowMs());
    const receipt = await log.append(entry);
    assert.equal(receipt.length, 83);
    assert.equal(receiptIndex(log, entry, receipt), 0);
  });

  it('of a tagged entry is answered with a receipt that carries the tags', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const entry = testEntry(1, folder.clock.nowMs(), true);
    const receipt = await log.append(entry);
    assert.equal(receipt.length, 108);
    assert.deepEqual(decodeReceipt(receipt).tags?.user, new Uint8Array(16).fill(7));
    receiptIndex(log, entry, receipt);
  });

  it('of many in one turn is one group, or two, with gapless indexes and receipts that verify', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await log.append(testEntry(0, folder.clock.nowMs()));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (count) => {
        const from = log.durableSize;
        const entries = testEntries(from, count, folder.clock.nowMs());
        let writes = 0;
        folder.disk.fault = ({ kind, path, bytes }) => {
          // All else that is written to the WAL meanwhile are headers and whole pieces of zeros.
          if (kind === 'write' && path.startsWith('wal/') && bytes > 64 && bytes < 64 * 1024) {
            writes += 1;
          }
          return undefined;
        };
        const receipts = await Promise.all(entries.map((entry) => log.append(entry)));
        const indexes = receipts.map((receipt, at) =>
          receiptIndex(log, entries[at] ?? assert.fail(), receipt),
        );
        assert.deepEqual(
          indexes,
          entries.map((_, at) => from + at),
        );
        assert.ok(writes <= 2, `${writes} writes`);
        const signatures = new Set(receipts.map((receipt) => String(receipt.slice(-64))));
        assert.ok(signatures.size <= Math.ceil(count / 256) + 16);
      }),
      { numRuns: 12 },
    );
  });

  it('of a token yields a receipt that the verifier accepts for that token and no other', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const { receipt: keyText } = log.identity.keys;
    const trusted = [await openReceiptLog(TEST_ORIGIN, parseVerifierKey(keyText))];
    const issuedMs = folder.clock.nowMs();
    const tags = { user: new Uint8Array(16).fill(3), instance: new Uint8Array(8).fill(4) };
    const tokens = Array.from({ length: 37 }, (_, at) => ({
      iss: 'https://id.example/acme/workforce',
      kid: 'k1',
      alg: 'ES256',
      typ: at % 2 === 0 ? 'at+jwt' : 'JWT',
      payloadSegment: Buffer.from(`{"jti":"${at}"}`).toString('base64url'),
      expiresAtSeconds: 1_900_000_000 + at,
    }));
    const entries = tokens.map((token, at) =>
      encodeLeafEntry({
        type: leafTypeOf(token.typ),
        issuedMs,
        expiresAtSeconds: token.expiresAtSeconds,
        commitment: commitToken(token),
        tags: at % 3 === 0 ? tags : undefined,
      }),
    );
    const receipts = await log.appendMany(entries);
    for (const [at, receipt] of receipts.entries()) {
      const token = tokens[at] ?? assert.fail();
      const verdict = await verifyReceipt(receipt, token, trusted);
      assert.deepEqual(
        { ...verdict, leafHash: undefined, tags: undefined },
        {
          ok: true,
          origin: TEST_ORIGIN,
          index: at,
          issuedMs,
          leafHash: undefined,
          tags: undefined,
        },
      );
      const other = tokens[(at + 2) % tokens.length] ?? assert.fail();
      assert.equal((await verifyReceipt(receipt, other, trusted)).ok, false);
    }
  });

  it('is refused when the entry is of no version it knows', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const good = testEntry(1, folder.clock.nowMs());
    const wrong = [
      new Uint8Array(0),
      good.slice(0, 43),
      Buffer.concat([good, Buffer.alloc(1)]),
      Buffer.alloc(70_000),
      good.with(0, 2),
      good.with(1, 0),
      good.with(1, 4),
      testEntry(1, folder.clock.nowMs(), true).with(44, 3),
    ];
    for (const entry of wrong) await assert.rejects(log.append(entry), { code: 'entry_malformed' });
    assert.equal(log.durableSize, 0);
  });

  it('is refused when its time is more than a minute off', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const now = folder.clock.nowMs();
    for (const off of [-60_001, 60_001]) {
      await assert.rejects(log.append(testEntry(1, now + off)), { code: 'clock_skew' });
    }
    for (const off of [-60_000, 60_000]) await log.append(testEntry(1, now + off));
    assert.equal(log.durableSize, 2);
  });

  it('of several is all or none', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const entries = testEntries(0, 20, folder.clock.nowMs());
    const bad = [...entries, new Uint8Array(3)];
    await assert.rejects(log.appendMany(bad), { code: 'entry_malformed' });
    assert.equal(log.durableSize, 0);
    assert.equal((await log.appendMany(entries)).length, 20);
    assert.equal(log.durableSize, 20);
  });

  it('is told busy when the queue, or the work behind it, is full', async () => {
    const folder = newFolder();
    const log = await folder.open({ limits: { queued: 3, unpublished: 8 } });
    const entries = testEntries(0, 4, folder.clock.nowMs());
    const outcomes = await Promise.allSettled(entries.map((entry) => log.append(entry)));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    );
    const refused = outcomes[3] as PromiseRejectedResult;
    assert.equal(refused.reason.code, 'busy');
    assert.equal(refused.reason.retryAfterSeconds, 1);
    await log.appendMany(entries.slice(0, 3));
    await assert.rejects(log.appendMany(entries.slice(0, 3)), { code: 'busy' });
    await log.appendMany(entries.slice(0, 2));
    assert.equal(log.durableSize, 8);
  });
});

describe('publishing', () => {
  it('shows a checkpoint of the empty log at once', async () => {
    const folder = newFolder();
    const log = await folder.open();
    assert.equal((await folder.checkpoint(log)).size, 0);
  });

  it('shows what was appended, and every leaf can be proved from the tiles', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const entries = testEntries(0, 300, folder.clock.nowMs());
    for (const end of [1, 255, 256, 257, 300]) {
      await log.appendMany(entries.slice(log.durableSize, end));
      await log.publishNow();
      const { size, root } = await folder.checkpoint(log);
      assert.equal(size, end);
      const fetch = (path: string) => folder.disk.readLater(`public/${path}`);
      for (const index of [0, Math.floor(end / 2), end - 1]) {
        const leafHash = hashLeaf(entries[index] ?? assert.fail());
        const proof = await proveFromTiles(fetch, index, end);
        assert.ok(verifyInclusion(leafHash, index, end, proof, root));
      }
    }
    assert.deepEqual(folder.disk.list('public/tile/0'), ['000', '001.p'], 'partial form removed');
    assert.deepEqual(folder.disk.list('public/tile/entries'), ['000', '001.p']);
  });

  it('repeats an unchanged checkpoint only when it is due', async () => {
    const folder = newFolder();
    const log = await folder.open({ idleRepublishMs: 5000 });
    const { steps } = folder.disk;
    await log.publishNow();
    assert.equal(folder.disk.steps, steps);
    folder.clock.advanceMs(5000);
    await log.publishNow();
    assert.equal(folder.disk.steps, steps + 1);
    assert.equal(log.status().checkpointShownMs, folder.clock.nowMs());
    folder.clock.advanceMs(-3_600_000);
    await log.publishNow();
    assert.equal(log.status().checkpointShownMs, folder.clock.nowMs(), 'also by a clock set back');
  });

  it('of a large backlog that a crash left does not keep the log from opening', async () => {
    const folder = newFolder();
    const log = await folder.open({ segmentBytes: 4 * 1024 * 1024 });
    const entries = testEntries(0, 33_000, folder.clock.nowMs());
    for (let from = 0; from < entries.length; from += 11_000) {
      await log.appendMany(entries.slice(from, from + 11_000));
    }
    folder.crash();
    const opened = await folder.open();
    assert.deepEqual([opened.publishedSize, opened.durableSize], [0, 33_000]);
    assert.equal((await folder.checkpoint(opened)).size, 0);
    await opened.publishNow();
    assert.equal((await folder.checkpoint(opened)).size, 33_000);
  });

  it('reads entries back, from memory and from bundles', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const entries = testEntries(0, 900, folder.clock.nowMs());
    await log.appendMany(entries.slice(0, 600));
    await log.publishNow();
    await log.appendMany(entries.slice(600));
    const read: Uint8Array[] = [];
    while (read.length < 900) read.push(...(await log.readEntries(read.length, 4096)));
    assert.equal(digestOf(read), digestOf(entries));
    assert.equal((await log.readEntries(10, 5)).length, 5);
    assert.deepEqual(await log.readEntries(900, 10), []);
    for (const from of [901, -1, 0.5]) {
      await assert.rejects(log.readEntries(from, 1), { code: 'index_out_of_range' });
    }
  });

  it('lets go of WAL segments whose entries are published, and opens without them', async () => {
    const folder = newFolder();
    const log = await folder.open();
    for (let round = 0; round < 40; round += 1) {
      await log.appendMany(testEntries(log.durableSize, 100, folder.clock.nowMs()));
      if (round % 7 === 0) await log.publishNow();
    }
    await log.publishNow();
    assert.ok(folder.disk.list('wal').length <= 3, String(folder.disk.list('wal')));
    folder.crash();
    const again = await folder.open();
    assert.equal(again.durableSize, 4000);
    const all = testEntries(0, 4000, folder.clock.nowMs());
    assert.equal(digestOf(await again.readEntries(0, 4000)), digestOf(all));
  });
});

describe('the feed', () => {
  it('is signed by its own key, around the line that was given', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const note = log.signFeed('{"number":1}');
    const { text } = await verifyNote(note, [parseVerifierKey(log.identity.keys.feed)]);
    assert.equal(text, `countersign/feed/v1\n${TEST_ORIGIN}\n{"number":1}\n`);
    assert.equal(parseNote(note).signatures.length, 1);
    await assert.rejects(verifyNote(note, [parseVerifierKey(log.identity.keys.checkpoint)]), {
      code: 'note_unsigned',
    });
  });

  it('holds one JSON object on one line and nothing else', async () => {
    const log = await newFolder().open();
    const wrong = [
      '',
      '[]',
      '1',
      'null',
      '{',
      '{}\n',
      '{\n}',
      '{}\n{}',
      '{"a":"\u0007"}',
      '\ud800{}',
    ];
    for (const json of wrong) {
      assert.throws(() => log.signFeed(json), { code: 'feed_malformed' }, JSON.stringify(json));
    }
    // Both are as long in bytes, which is what a frame of the pipe must hold.
    for (const filling of ['a'.repeat(3 * 1024 * 1024), '’'.repeat(1024 * 1024)]) {
      const long = JSON.stringify({ list: filling });
      assert.throws(() => log.signFeed(long), { code: 'feed_malformed' });
    }
  });
});

describe('a closed log', () => {
  it('has answered and published what was asked before, and takes no more', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const waiting = log.append(testEntry(0, folder.clock.nowMs()));
    await log.close();
    await waiting;
    await assert.rejects(log.append(testEntry(1, folder.clock.nowMs())), { code: 'log_stopped' });
    const again = await folder.open();
    assert.deepEqual([again.durableSize, again.publishedSize], [1, 1]);
  });

  it('leaves nothing half-done when its disk failed', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await log.append(testEntry(0, folder.clock.nowMs()));
    folder.disk.fault = ({ kind }) => (kind === 'write' ? { error: diskError('EIO') } : undefined);
    await assert.rejects(log.append(testEntry(1, folder.clock.nowMs())), { code: 'log_stopped' });
    assert.equal(folder.fatal.length, 1);
    folder.disk.fault = () => undefined;
    await log.close();
    assert.equal((await folder.checkpoint(log)).size, 0, 'nothing was written after the failure');
  });
});
