import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { readListSettings } from '../settings/read-lists.ts';
import { keepLists } from './keep-lists.ts';
import { openSurroundings } from './open-surroundings.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-lists-'));
after(() => rmSync(folder, { recursive: true }));
const NOW = Date.UTC(2026, 10, 1);
const TOR = join(folder, 'tor.txt');

function write(text: string, timeMs: number): void {
  writeFileSync(TOR, text);
  utimesSync(TOR, timeMs / 1000, timeMs / 1000);
}
const settings = readListSettings([{ kind: 'tor', file: 'tor.txt' }], folder);

describe('what is known of networks', () => {
  it('is shown with its age, its makers, and whom to thank', () => {
    write('84.208.1.2\n', NOW - 31 * 86_400_000);
    const errors: unknown[] = [];
    const log = { error: (...told: unknown[]) => errors.push(told) };
    const opened = openSurroundings({ lists: settings, clock: new ManualClock(NOW), log });
    const found = opened.describe({ ip: '84.208.1.2' });
    assert.deepEqual([found.anonymiser, found.country, found.asn], ['tor', 'NO', 25_400]);
    assert.ok(found.missing.includes('stale_list'));
    const { networks, lists } = opened.sources();
    assert.equal(networks?.stale, false);
    assert.match(networks?.packages.join() ?? '', /ip-location-db\/asn 2\.\d/);
    assert.match(networks?.attribution.join() ?? '', /https:\/\/db-ip\.com/);
    assert.deepEqual(lists, [
      { kind: 'tor', name: 'tor.txt', entries: 1, madeMs: NOW - 31 * 86_400_000, stale: true },
    ]);
    opened.close();
    assert.deepEqual(errors, []);
  });

  it('follows a list that changes, and keeps the one before when it cannot be read', () => {
    write('9.9.9.9\n', NOW);
    const told: unknown[] = [];
    const kept = keepLists(settings, { error: (...words: unknown[]) => told.push(words) });
    const isTor = (value: number) =>
      kept.now().find({ version: 4, value }, undefined).anonymiser === 'tor';
    const [nine, eight] = [0x09090909, 0x08080808];
    assert.deepEqual([isTor(nine), isTor(eight)], [true, false]);
    write('# updated: 2026-10-30\n8.8.8.8\n', NOW + 1000);
    kept.look();
    assert.deepEqual([isTor(nine), isTor(eight)], [false, true]);
    assert.equal(kept.now().describe(NOW)[0]?.madeMs, Date.UTC(2026, 9, 30));
    write('8.8.8\n', NOW + 2000);
    kept.look();
    kept.look();
    assert.equal(isTor(eight), true);
    rmSync(TOR);
    kept.look();
    assert.equal(isTor(eight), true);
    assert.equal(told.length, 2);
    kept.close();
  });

  it('is not forgotten for a list that is empty or too large all of a sudden', () => {
    write('9.9.9.9\n', NOW);
    const told: string[] = [];
    const kept = keepLists(settings, {
      error: ({ err }: { err: Error }) => told.push(err.message),
    } as never);
    const isTor = () => kept.now().find({ version: 4, value: 0x09090909 }, undefined).anonymiser;
    // As a writer that was stopped half-way leaves it.
    for (const [at, text] of ['', '# updated: 2026-11-01\n'].entries()) {
      write(text, NOW + 1000 * (at + 1));
      kept.look();
      assert.equal(isTor(), 'tor');
    }
    truncateSync(TOR, 40 * 1024 * 1024);
    kept.look();
    assert.equal(isTor(), 'tor');
    assert.match(told.join(' '), /empty.* empty.* more/s);
    write('9.9.9.8\n', NOW + 9000);
    kept.look();
    assert.equal(isTor(), undefined);
    kept.close();
  });

  it('stops the start when a list cannot be read, and says where', () => {
    const log = { error: () => undefined };
    const refusal = { code: 'bad_setting', message: /risk\.lists: .*tor\.txt: Line 2: "nonsense"/ };
    write('1.1.1.1\nnonsense\n', NOW);
    assert.throws(() => keepLists(settings, log), refusal);
    rmSync(TOR);
    assert.throws(() => keepLists(settings, log), { code: 'bad_setting' });
  });
});
