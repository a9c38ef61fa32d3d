import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  concatBytes,
  encodeAnchorLeaf,
  encodeHex,
  encodeKeyEntry,
  formatCheckpoint,
  hashInstance,
  hashIssuer,
  hashLeaf,
  type KeyEntry,
  utf8,
} from '@countersign/verifier';
import { verifyForkEvidence } from '../evidence/fork-evidence.ts';
import { codesOf, follow } from '../testing/follow.ts';
import { joinBundle, TinyLog } from '../testing/tiny-log.ts';
import { MEMORY_FOLDER, TestFolder } from '../testing/witness-folder.ts';
import { checkKeys } from './entry-check.ts';

describe('a monitor of an honest log', () => {
  it('reads every entry once, whatever the steps, and raises nothing', async () => {
    const log = new TinyLog();
    const seen: number[] = [];
    const check = {
      see: async (entries: readonly { index: number }[]) => {
        seen.push(...entries.map(({ index }) => index));
        return [];
      },
    };
    const { monitor, clock, end } = await follow(log, { checks: [check] });
    for (const step of [0, 1, 0, 100, 155, 1, 300, 700, 10, 5_000, 60_000, 0, 3]) {
      log.grow(step);
      clock.advanceMs(1000);
      const report = await monitor.round();
      assert.deepEqual(codesOf(report), []);
      assert.equal(report.size, log.size);
      assert.equal(report.root, encodeHex(log.root()));
      assert.ok(log.size - report.readEntries < 256);
    }
    assert.equal((await monitor.round()).readEntries, log.size);
    assert.deepEqual(
      seen,
      Array.from({ length: log.size }, (_, at) => at),
    );
    await end();
  });

  it('goes on where it stopped, also when it was killed before it had written that down', async () => {
    const log = new TinyLog().grow(700);
    const folder = new TestFolder();
    const first = await follow(log, {}, folder);
    await first.monitor.round();
    const path = join(folder.path, 'state.json');
    const before = readFileSync(path);
    log.grow(300);
    assert.equal((await first.monitor.round()).newEntries, 256);
    await first.monitor.close();
    writeFileSync(path, before);
    const killed = await follow(log, {}, folder);
    assert.equal((await killed.monitor.round()).newEntries, 256);
    await killed.monitor.close();
    log.grow(200);
    log.asked.length = 0;
    const second = await follow(log, { partialPatienceMs: 0 }, folder);
    const report = await second.monitor.round();
    assert.deepEqual([report.ok, report.readEntries], [true, 1200]);
    assert.ok(!log.asked.includes('tile/entries/000'), 'read from the beginning');
    await second.end();
  });

  it('leaves the partial bundle of a fast log, but not the tile, and not for ever', async () => {
    const log = new TinyLog().grow(1000);
    const { monitor, clock, end } = await follow(log, { partialPatienceMs: 10_000 });
    assert.equal((await monitor.round()).readEntries, 768);
    assert.ok(log.asked.includes('tile/0/003.p/232'));
    assert.ok(!log.asked.includes('tile/entries/003.p/232'));
    log.grow(250);
    clock.advanceMs(5_000);
    assert.equal((await monitor.round()).readEntries, 1024);
    log.grow(250);
    clock.advanceMs(6_000);
    assert.equal((await monitor.round()).readEntries, 1500);
    await end();
  });

  it('reads what a log has kept after its partial tiles were deleted', async () => {
    const log = new TinyLog().grow(100);
    const { monitor, end } = await follow(log);
    await monitor.round();
    log.grow(200);
    log.shown = 150;
    log.dropsPartials = true;
    const report = await monitor.round();
    assert.deepEqual([codesOf(report), report.readEntries], [[], 150]);
    await end();
  });
});

describe('a monitor', () => {
  it('proves a fork at one size, keeps the evidence and never forgets', async () => {
    const log = new TinyLog().grow(300);
    const { monitor, folder, sees } = await follow(log);
    await monitor.round();
    sees.log = log.fork(250).grow(50, 'other');
    const report = await monitor.round();
    assert.deepEqual(codesOf(report), ['log_forked']);
    const file = String(report.alarms[0]?.facts['evidence']);
    const text = readFileSync(join(folder.path, file), 'utf8');
    const proven = await verifyForkEvidence(text, log.key);
    assert.deepEqual([proven.first.size, proven.second.size], [300, 300]);
    sees.log = log.grow(10);
    assert.deepEqual(codesOf(await monitor.round()), ['log_forked']);
    await monitor.close();
    const again = await follow(log, {}, folder);
    assert.deepEqual(codesOf(await again.monitor.round()), ['log_forked']);
    assert.match(readFileSync(join(folder.path, 'alarms.ndjson'), 'utf8'), /log_forked/);
    await again.end();
  });

  it('proves a fork that goes on under another history', async () => {
    for (const [size, common, later] of [
      [300, 250, 900],
      [256, 0, 257],
      [1, 0, 2],
      [700, 699, 70_000],
    ] as const) {
      const log = new TinyLog().grow(size);
      const { monitor, folder, sees, end } = await follow(log);
      await monitor.round();
      sees.log = log.fork(common).grow(later - common, 'other');
      const report = await monitor.round();
      assert.deepEqual(codesOf(report), ['log_forked'], `${size} ${common} ${later}`);
      const file = String(report.alarms[0]?.facts['evidence']);
      const proven = await verifyForkEvidence(readFileSync(join(folder.path, file), 'utf8'));
      assert.deepEqual([proven.first.size, proven.second.size], [size, later]);
      await end();
    }
  });

  it('sees a rollback, and the fork when another history grows out of it', async () => {
    const log = new TinyLog().grow(600);
    const { monitor, sees, end } = await follow(log);
    await monitor.round();
    log.shown = 400;
    assert.deepEqual(codesOf(await monitor.round()), ['log_rolled_back']);
    log.shown = undefined;
    assert.deepEqual(codesOf(await monitor.round()), []);
    const other = log.fork(400).grow(100, 'other');
    sees.log = other;
    const codes = codesOf(await monitor.round());
    assert.equal(codes[0], 'log_rolled_back');
    other.grow(200, 'other');
    assert.deepEqual(codesOf(await monitor.round()), ['log_forked']);
    await end();
  });

  it('catches entries, tiles and roots that do not belong together', async () => {
    const wrongHash = (log: TinyLog, path: string, at: number) => {
      const bytes = new Uint8Array(log.serve(path) ?? assert.fail());
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      log.replaced.set(path, bytes);
    };
    const lies: [string, (log: TinyLog) => void][] = [
      ['entry_differs', (log) => wrongHash(log, 'tile/entries/003.p/232', 5)],
      [
        'entry_differs',
        (log) => {
          const entries = log.entries.slice(256, 512).with(3, utf8('another'));
          log.replaced.set('tile/entries/001', joinBundle(entries));
        },
      ],
      ['entry_differs', (log) => wrongHash(log, 'tile/0/002', 32 * 100)],
      ['tile_differs', (log) => wrongHash(log, 'tile/1/000.p/3', 32)],
      ['tile_differs', (log) => wrongHash(log, 'tile/1/000.p/3', 32 * 2)],
      ['tile_missing', (log) => log.missing.add('tile/entries/002')],
      ['tile_missing', (log) => log.missing.add('tile/0/002')],
      ['log_answer_malformed', (log) => log.replaced.set('tile/0/001', new Uint8Array(9))],
      ['log_answer_malformed', (log) => log.replaced.set('tile/entries/001', utf8('\u0001'))],
      ['log_unreachable', (log) => (log.silent = true)],
      ['checkpoint_invalid', (log) => log.replaced.set('checkpoint', utf8(log.text()))],
      [
        'checkpoint_invalid',
        (log) => log.replaced.set('checkpoint', utf8(new TinyLog().grow(3).checkpoint())),
      ],
    ];
    const log = new TinyLog().grow(1_000);
    for (const [code, lie] of lies) {
      log.replaced.clear();
      log.missing.clear();
      log.silent = false;
      lie(log);
      const { monitor, end } = await follow(log, { partialPatienceMs: 0 });
      const codes = codesOf(await monitor.round());
      // A tile above the leaves is also part of the proof that ties a batch to the root.
      const also = code === 'tile_differs' ? ['root_differs', code] : [code];
      assert.ok(codes.length === 1 && also.includes(codes[0] ?? ''), `${code}: ${codes}`);
      log.replaced.clear();
      log.missing.clear();
      log.silent = false;
      assert.deepEqual(codesOf(await monitor.round()), [], `honest again after ${code}`);
      await end();
    }
  });

  it('catches a full tile above the leaves that is not made of them', async () => {
    const log = new TinyLog().grow(65_600);
    const bytes = new Uint8Array(log.serve('tile/1/000') ?? assert.fail());
    bytes[32 * 7] = (bytes[32 * 7] ?? 0) ^ 1;
    log.replaced.set('tile/1/000', bytes);
    const { monitor, end } = await follow(log);
    const [code] = codesOf(await monitor.round());
    assert.ok(code === 'tile_differs' || code === 'root_differs', String(code));
    await end();
  });

  it('catches a whole history that the signed root does not cover', async () => {
    const log = new TinyLog().grow(500);
    const other = log.fork(300).grow(200, 'other');
    for (const path of ['tile/entries/001.p/244', 'tile/0/001.p/244']) {
      log.replaced.set(path, other.serve(path) ?? assert.fail());
    }
    const { monitor, end } = await follow(log, { partialPatienceMs: 0 });
    assert.deepEqual(codesOf(await monitor.round()), ['root_differs']);
    await end();
  });

  it('catches an empty tree with the root of something', async () => {
    const log = new TinyLog();
    const root = hashLeaf(utf8('something'));
    const text = formatCheckpoint({ origin: log.origin, size: 0, root, extensions: [] });
    log.replaced.set('checkpoint', utf8(log.signed(text)));
    const { monitor, end } = await follow(log);
    assert.deepEqual(codesOf(await monitor.round()), ['root_differs']);
    await end();
  });

  it('catches a bundle that begins otherwise than it did', async () => {
    const log = new TinyLog().grow(20);
    const { monitor, end } = await follow(log);
    await monitor.round();
    log.grow(20);
    const lie = joinBundle(log.entries.with(4, utf8('rewritten')));
    log.replaced.set('tile/entries/000.p/40', lie);
    assert.deepEqual(codesOf(await monitor.round()), ['entry_differs']);
    await end();
  });

  it('lists key entries and raises those that the issuer does not know', async () => {
    const issuer = 'https://id.example/acme/workforce';
    const keyEntry = (seed: number, of = issuer): KeyEntry => ({
      event: 'published',
      atMs: 1_800_000_000_000,
      notAfterSeconds: 1_900_000_000,
      issuerHash: hashIssuer(of),
      thumbprint: new Uint8Array(32).fill(seed),
      kid: `key-${seed}`,
    });
    const log = new TinyLog().grow(3);
    log.add(encodeKeyEntry(keyEntry(1)));
    log.add(encodeKeyEntry(keyEntry(2)));
    log.add(encodeKeyEntry(keyEntry(3, 'https://elsewhere.example')));
    const known = new Set([encodeHex(new Uint8Array(32).fill(1))]);
    const check = checkKeys({ issuers: [issuer], thumbprints: known });
    const { monitor, folder, end } = await follow(log, { checks: [check] });
    const report = await monitor.round();
    assert.deepEqual(
      report.keys.map(({ index, kid }) => [index, kid]),
      [
        [3, 'key-1'],
        [4, 'key-2'],
        [5, 'key-3'],
      ],
    );
    assert.deepEqual(codesOf(report), ['key_unknown']);
    assert.equal(report.alarms[0]?.facts['index'], 4);
    assert.match(readFileSync(join(folder.path, 'alarms.ndjson'), 'utf8'), /"kid":"key-2"/);
    assert.equal((await monitor.round()).ok, true);
    await end();
  });

  it('counts anchors of audit trails, of whichever house, and raises nothing for them', async () => {
    const log = new TinyLog().grow(3);
    for (const anchor of [1, 2]) {
      const instanceHash = hashInstance(`house-${anchor}`);
      const root = new Uint8Array(32).fill(anchor);
      log.add(encodeAnchorLeaf({ atMs: 1_800_000_000_000, instanceHash, anchor, root }));
    }
    const { monitor, end } = await follow(log);
    const { ok, anchors, newEntries, keys } = await monitor.round();
    assert.deepEqual(
      { ok, anchors, newEntries, keys },
      { ok: true, anchors: 2, newEntries: 5, keys: [] },
    );
    assert.equal((await monitor.round()).anchors, 0);
    await end();
  });

  it('raises a leaf of its owner that was never recorded, but waits for late records', async () => {
    const log = new TinyLog().grow(10, 'theirs').grow(3, 'mine');
    const records = new Map<number, string>();
    const record = (index: number) =>
      records.set(index, encodeHex(hashLeaf(log.entries[index] ?? assert.fail())));
    record(10);
    const { monitor, clock, end } = await follow(log, {
      graceMs: 10_000,
      records: {
        isMine: ({ entry }) => new TextDecoder().decode(entry).startsWith('mine'),
        recordedAt: (index) => records.get(index),
      },
    });
    assert.deepEqual(codesOf(await monitor.round()), []);
    clock.advanceMs(5_000);
    record(11);
    assert.deepEqual(codesOf(await monitor.round()), []);
    clock.advanceMs(5_000);
    const late = await monitor.round();
    assert.deepEqual(
      late.alarms.map(({ code, facts }) => [code, facts['index']]),
      [['leaf_unrecorded', 12]],
    );
    clock.advanceMs(5_000);
    assert.deepEqual(codesOf(await monitor.round()), []);
    log.grow(1, 'mine');
    records.set(13, 'ff');
    assert.deepEqual(codesOf(await monitor.round()), ['record_differs']);
    await end();
  });

  it('remembers no more unrecorded leaves than it may, also while it reads a long log', async () => {
    const log = new TinyLog().grow(12_800, 'mine');
    const folder = new TestFolder(MEMORY_FOLDER);
    const remembered: number[] = [];
    const onProgress = () => {
      const state = JSON.parse(readFileSync(join(folder.path, 'state.json'), 'utf8'));
      remembered.push(state.waiting.length);
    };
    const records = { isMine: () => true, recordedAt: () => undefined };
    const { monitor, end } = await follow(log, { onProgress, records }, folder);
    const { alarms } = await monitor.round();
    assert.deepEqual(remembered, [4096, 8192, 10_000, 10_000]);
    assert.deepEqual([alarms.length, alarms[0]?.facts['index']], [1000, 0]);
    const kept = readFileSync(join(folder.path, 'alarms.ndjson'), 'utf8').trimEnd().split('\n');
    assert.equal(kept.length, 2800);
    await end();
  });

  it('keeps to its log and its folder', async () => {
    const log = new TinyLog().grow(3);
    const { monitor, folder } = await follow(log);
    await assert.rejects(follow(log, {}, folder), { code: 'folder_locked' });
    await monitor.round();
    await monitor.close();
    await assert.rejects(follow(new TinyLog(), {}, folder), { code: 'state_of_other_log' });
    const path = join(folder.path, 'state.json');
    const good = readFileSync(path, 'utf8');
    const state = JSON.parse(good) as Record<string, unknown>;
    const changes: Record<string, unknown>[] = [
      { format: 'countersign/monitor/v2' },
      { key: 5 },
      { known: 5 },
      { changedMs: -1 },
      { skippedSinceMs: 'now' },
      { read: null },
      { read: { size: 3, range: [], tail: [] } },
      { read: { size: 256, range: [], tail: [] } },
      { read: { size: 0, range: [], tail: ['00'] } },
      { read: { size: 0, range: [], tail: [7] } },
      { read: { size: 0, range: {}, tail: [] } },
      { pending: [{}] },
      { waiting: [{ index: 0 }] },
      { forks: [4] },
    ];
    for (const change of changes) {
      writeFileSync(path, JSON.stringify({ ...state, ...change }));
      await assert.rejects(follow(log, {}, folder), { code: 'state_corrupt' });
    }
    for (const text of ['', '{', '[]', 'null', concatBytes(utf8(good.slice(0, 40)))]) {
      writeFileSync(path, text);
      await assert.rejects(follow(log, {}, folder), { code: 'state_corrupt' });
    }
    folder.delete();
    const filled = new TestFolder();
    writeFileSync(join(filled.path, 'notes.txt'), 'mine');
    await assert.rejects(follow(log, {}, filled), { code: 'folder_not_empty' });
    filled.delete();
  });
});
