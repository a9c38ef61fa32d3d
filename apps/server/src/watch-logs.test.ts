import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CountersignEvent } from '@countersign/vocabulary';
import { serveWitness } from '@countersign/watchers';
import { parseWitnessPolicy } from './settings/read-witness-policy.ts';
import { newWitness, WitnessedTestLog } from './testing/witnessed-log.ts';
import { type LogToWatch, type WatchParts, watchLogs } from './watch-logs.ts';

const trash: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
  trash.push(folder);
  return folder;
};
after(() => {
  for (const folder of trash) rmSync(folder, { recursive: true, force: true });
});

const asWatched = (log: WitnessedTestLog): LogToWatch => ({
  notary: log.notary,
  keys: { origin: 'log.example/log', checkpointKey: log.keys.checkpoint },
  url: 'http://localhost/nowhere',
  shown: { folder: join(log.folder, 'public') },
});

/** A witness over HTTP that has seen 12 entries, and the log as it was at 10. */
async function stage() {
  const log = await new WitnessedTestLog(newFolder()).open();
  const { witness, folder } = await newWitness(log, 'witness.example/w1');
  trash.push(folder);
  const served = await serveWitness({ witness, host: '127.0.0.1', port: 0 });
  const text = `witness w1 ${witness.keys.ed25519} http://127.0.0.1:${served.port}\nquorum w1\n`;
  const events: CountersignEvent[] = [];
  const parts = (): WatchParts => ({
    policy: parseWitnessPolicy(text),
    folder: newFolder(),
    clock: log.clock,
    audit: {
      record: async (given) => {
        events.push(...given);
        return [];
      },
    },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      fatal: () => undefined,
    },
  });
  const cosign = async (): Promise<void> => {
    const witnessing = log.witnessing({ policy: text });
    await witnessing.look();
    await witnessing.settled();
    assert.deepEqual(witnessing.told, []);
  };
  await log.grow(10);
  await cosign();
  await log.close();
  const copy = newFolder();
  cpSync(log.folder, copy, { recursive: true, filter: (path) => !path.endsWith('/lock') });
  await log.open();
  await log.grow(2);
  await cosign();
  const older = await new WitnessedTestLog(copy, log.clock).open();
  const close = async (): Promise<void> => {
    log.crash();
    older.crash();
    await served.close();
    await witness.close();
  };
  return { log, older, parts, events, close };
}

describe('watching our logs', () => {
  it('begins for a log that its witnesses know as it is, and ends without a trace', async () => {
    const { log, parts, events, close } = await stage();
    const watchers = await watchLogs([asWatched(log)], parts());
    assert.equal(watchers.witnessings.length, 1);
    await watchers.close();
    assert.deepEqual(events, []);
    await close();
  });

  it('does not begin for the only log when a witness has seen more of it', async () => {
    const { older, parts, close } = await stage();
    await assert.rejects(watchLogs([asWatched(older)], parts()), { code: 'rollback' });
    await close();
  });

  it('goes on with the other log, and puts on record what became of the first', async () => {
    const { older, parts, events, close } = await stage();
    const second = await new WitnessedTestLog(newFolder(), older.clock).open();
    const watchers = await watchLogs([asWatched(older), asWatched(second)], parts());
    assert.equal(watchers.witnessings.length, 1);
    assert.deepEqual(
      events.map(({ name, reason }) => [name, reason]),
      [['log.forked', 'witness_rollback']],
    );
    await watchers.close();
    await close();
    second.crash();
  });

  it('begins without a log that is away just now', async () => {
    const { log, parts, close } = await stage();
    log.notary.close();
    const watchers = await watchLogs([asWatched(log)], parts());
    assert.equal(watchers.witnessings.length, 1);
    await watchers.close();
    await close();
  });
});
