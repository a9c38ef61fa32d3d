import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { FsckReport, NotaryClient } from '@countersign/transparency';
import { encodeLeafEntry } from '@countersign/verifier';
import { NotaryHome } from './testing/notary-home.ts';

const homes: NotaryHome[] = [];
after(() => {
  for (const home of homes) home.delete();
});
function newHome(): NotaryHome {
  const home = new NotaryHome();
  homes.push(home);
  return home;
}

interface Checked {
  code: number;
  report: FsckReport;
  complaint: string;
}

/** Runs the check as its command does, allowed to read and nothing else. */
function check(folder: string, args = ['--folder', folder]): Promise<Checked> {
  const repository = join(import.meta.dirname, '../../..');
  const flags = ['--permission', ...[folder, repository].map((path) => `--allow-fs-read=${path}`)];
  const script = join(import.meta.dirname, 'fsck.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, script, ...args], (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter((line) => line !== '');
      const last = JSON.parse(lines.at(-1) ?? '{}') as { report: FsckReport };
      resolve({ code: Number(error?.code ?? 0), report: last.report, complaint: stderr });
    });
  });
}

async function append(notary: NotaryClient, count: number): Promise<void> {
  const issuedMs = Date.now();
  const entries = Array.from({ length: count }, () =>
    encodeLeafEntry({
      type: 'id',
      issuedMs,
      expiresAtSeconds: 0,
      commitment: randomBytes(32),
    }),
  );
  await Promise.all(entries.map((entry) => notary.append(entry)));
}

describe('the check of a log folder', () => {
  it('finds a log sound while it is at work, and after it', async () => {
    const home = newHome();
    const { notary, stop } = home.start();
    await notary.ready();
    let working = true;
    const writer = (async () => {
      while (working) {
        await append(notary, 200);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    for (let time = 0; time < 3; time += 1) {
      const { code, report } = await check(home.folder);
      assert.deepEqual([code, report.difference], [0, undefined]);
    }
    working = false;
    await writer;
    const { durableSize } = await notary.size();
    await stop();
    const { code, report } = await check(home.folder);
    assert.deepEqual([code, report.entries, report.shownSize], [0, durableSize, durableSize]);
  });

  it('ends with 1 and the first difference, and with 2 when it is used wrongly', async () => {
    const home = newHome();
    const { notary, stop } = home.start();
    await append(notary, 300);
    await stop();
    const path = join(home.folder, 'public/tile/0/000');
    const tile = readFileSync(path);
    tile[32 * 77] = (tile[32 * 77] ?? 0) ^ 1;
    writeFileSync(path, tile);
    const { code, report } = await check(home.folder);
    assert.equal(code, 1);
    const { what, index } = report.difference ?? assert.fail();
    assert.deepEqual([what, index], ['hash_differs', 77]);
    for (const args of [[], ['--folder', '/nowhere'], ['--passphrase', 'x']]) {
      const wrong = await check(home.folder, args);
      assert.equal(wrong.code, 2);
      assert.match(wrong.complaint, /fsck --folder/);
    }
  });
});
