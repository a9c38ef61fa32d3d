import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { MAX_FRAME_BYTES } from '@countersign/pipe';
import { systemRandom } from '@countersign/vocabulary';
import { createArchive } from '../keeper/create-archive.ts';
import { openHistory } from '../testing/open-history.ts';
import { writeRaw } from '../testing/write-raw.ts';

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

describe('events as long as they may be', () => {
  it('are followed a few at a time and sealed, whatever memory there is', async () => {
    const history = await openHistory();
    closing.push(history.close);
    const client = await history.archivist({ duckDb: { memoryMebibytes: 128, threads: 1 } });
    const clock = { now: Date.now(), nowMs: () => clock.now };
    const archive = createArchive({
      ...{ store: history.store, folder: history.archiveFolder, client },
      ...{ clock, random: systemRandom, longestKeyLifeSeconds: 86_400 },
      record: async () => [],
    });
    for (let turn = 0; turn < 6; turn += 1) {
      const long = { tenant: 'acme', padding: 1_000_000 };
      await history.write(Array.from({ length: 10 }, () => long));
    }
    await archive.tick();
    await archive.sealNow();
    const segments = await history.store.read.selectFrom('segment').selectAll().execute();
    assert.equal(segments.at(-1)?.last, 60);
    assert.ok(segments.length > 2, 'sealed whenever there was no more room');
    await history.store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).execute(),
    );
    clock.now += 62 * 86_400_000;
    await archive.tidy();
    const files = await history.store.read.selectFrom('segment_file').selectAll().execute();
    assert.equal(files.length, segments.length, 'as one file nobody could read them');
    assert.deepEqual([...new Set(files.map(({ span }) => span))], ['month']);
    const [last] = await client.readRange({ tenant: 'acme', from: 60, limit: 1 });
    assert.equal(last?.ocsf?.includes('x'.repeat(1_000_000)), true);
  });

  it('come in answers that fit into a frame, whatever script and signs they are of', async () => {
    const history = await openHistory();
    closing.push(history.close);
    const client = await history.archivist();
    const notes = ['漢'.repeat(700_000), '漢'.repeat(700_000), '"'.repeat(700_000)];
    const events = notes.map((note, at) => ({
      ...{ uid: `uid-${at}`, tenant: 'acme', timeMs: at + 1, ocsf: { note } },
    }));
    await client.catchUp(await writeRaw(history, events), 5000);
    const read: number[] = [];
    while (read.length < 3) {
      const range = { tenant: 'acme', from: read.length + 1, limit: 10 };
      const page = await client.readRange(range);
      assert.ok(Buffer.byteLength(JSON.stringify(page)) < MAX_FRAME_BYTES - 100);
      read.push(...page.map(({ number }) => number));
    }
    assert.deepEqual(read, [1, 2, 3]);
  });
});
