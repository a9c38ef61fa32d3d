import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { CountersignEvent } from '@countersign/vocabulary';
import { WitnessedTestLog } from '../testing/witnessed-log.ts';
import { type OwnMonitor, readOwnLog, runOwnMonitor } from './own-monitor.ts';

const trash: string[] = [];
after(() => {
  for (const folder of trash) rmSync(folder, { recursive: true, force: true });
});

let log: WitnessedTestLog;
let folder: string;
let monitor: OwnMonitor;
let events: CountersignEvent[];
let lines: string[];

async function openOwn(): Promise<OwnMonitor> {
  const note = (level: string) => (_: unknown, text?: string) => lines.push(`${level} ${text}`);
  return await runOwnMonitor({
    folder,
    checkpointKey: log.keys.checkpoint,
    reader: readOwnLog(join(log.folder, 'public')),
    policy: undefined,
    clock: log.clock,
    audit: {
      record: async (given) => {
        events.push(...given);
        return [];
      },
    },
    log: { info: note('info'), error: note('error') },
  });
}

beforeEach(async () => {
  log = await new WitnessedTestLog().open();
  folder = mkdtempSync(join(tmpdir(), 'countersign-monitor-'));
  trash.push(folder);
  events = [];
  lines = [];
  monitor = await openOwn();
});
afterEach(async () => {
  await monitor.close();
  log.delete();
});

/** Shows what waits for cosignatures. */
async function grow(count: number): Promise<void> {
  await log.grow(count);
  log.clock.advanceMs(1000);
  await log.grow(0);
}

describe('the monitor of our own log', () => {
  it('finds nothing in an honest log, however it grows', async () => {
    for (const count of [0, 1, 255, 1, 300]) {
      await grow(count);
      await monitor.look();
    }
    assert.deepEqual([events, lines], [[], []]);
  });

  it('puts a changed entry on record, once, and says when it is mended', async () => {
    await grow(300);
    const bundle = join(log.folder, 'public/tile/entries/000');
    const bytes = readFileSync(bundle);
    writeFileSync(bundle, bytes.with(40, (bytes[40] ?? 0) ^ 1));
    await monitor.look();
    await monitor.look();
    assert.equal(events.length, 1);
    assert.equal(events[0]?.name, 'log.forked');
    assert.match(events[0]?.reason ?? '', /^monitor_(entry|root|tile)_differs$/);
    assert.equal(events[0]?.extra?.['origin'], 'log.example/log');
    assert.match(lines.join(), /^error the monitor of our log/);
    writeFileSync(bundle, bytes);
    await monitor.look();
    assert.match(lines.at(-1) ?? '', /^info the monitor finds this no more/);
  });

  it('says that the log is stale when a file of it is gone', async () => {
    await grow(3);
    await monitor.look();
    rmSync(join(log.folder, 'public/checkpoint'));
    await monitor.look();
    assert.deepEqual(
      events.map(({ name, reason }) => [name, reason]),
      [['log.stale', 'monitor_log_unreachable']],
    );
  });

  it('finds a log that went back, also one that it last saw before it was started anew', async () => {
    await grow(5);
    const older = readFileSync(join(log.folder, 'public/checkpoint'));
    await grow(5);
    await monitor.look();
    await monitor.close();
    writeFileSync(join(log.folder, 'public/checkpoint'), older);
    monitor = await openOwn();
    await monitor.look();
    assert.deepEqual(
      events.map(({ name, reason }) => [name, reason]),
      [['log.forked', 'monitor_log_rolled_back']],
    );
  });
});
