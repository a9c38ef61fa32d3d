import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import type { ArchiveClient } from '../client/archive-client.ts';
import { openHistory } from '../testing/open-history.ts';
import type { ArchiveStore } from './archive-room.ts';
import { createArchive } from './create-archive.ts';

type Method = (...given: unknown[]) => Promise<unknown>;
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** Another archivist has begun whenever the keeper records what the one before it wrote. */
async function openHouse() {
  const history = await openHistory();
  closing.push(history.close);
  let dead = false;
  const begin = () => history.archivist({ onFatal: () => (dead = true) });
  let client = await begin();
  let wrote = false;
  const restarting = new Proxy({} as ArchiveClient, {
    get:
      (_, name: keyof ArchiveClient) =>
      async (...given: unknown[]) => {
        if (dead) {
          dead = false;
          client = await begin();
        }
        const answer = await (client[name] as Method).apply(client, given);
        wrote ||= name === 'seal' || name === 'rewrite';
        return answer;
      },
  });
  const transaction: ArchiveStore['transaction'] = async (job) => {
    if (wrote) {
      wrote = false;
      client = await begin();
      // The keeper's other turn comes meanwhile.
      await archive.tick();
    }
    return history.store.transaction(job);
  };
  const clock = { now: Date.now(), nowMs: () => clock.now };
  const archive = createArchive({
    ...{ store: { read: history.store.read, transaction }, folder: history.archiveFolder },
    ...{ client: restarting, clock, random: systemRandom, longestKeyLifeSeconds: 86_400 },
    record: async () => [],
  });
  return { history, clock, archive };
}

describe('an archivist that dies while the server records what it wrote', () => {
  it('leaves the files of it alone when it begins again, and removes what nobody records', async () => {
    const { history, clock, archive } = await openHouse();
    for (let turn = 0; turn < 2; turn += 1) {
      await history.write([{ tenant: 'acme' }]);
      await archive.tick();
      await archive.sealNow();
    }
    await history.store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).execute(),
    );
    const stray = join(history.archiveFolder, 'acme', '000000000007-000000000009.parquet');
    writeFileSync(stray, 'from a crash');
    clock.now += 2 * 3_600_000;
    await archive.tidy();
    const files = await history.store.read.selectFrom('segment_file').selectAll().execute();
    assert.deepEqual(
      files.map(({ first, last }) => [first, last]),
      [[1, 2]],
    );
    const all = await archive.client.readRange({ tenant: 'acme', from: 1, limit: 10 });
    assert.equal(all.length, 2);
    await archive.tick();
    assert.equal(existsSync(stray), false);
  });
});
