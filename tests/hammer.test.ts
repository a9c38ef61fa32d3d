// `npm run hammer` as it is run: quiet about a sound log, and loud about one flipped byte in it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-hammered-'));
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  text: string;
}

function startHammer(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/hammer.ts'), ...args]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })));
}

describe('the hammer', () => {
  it('writes, reads and proves, reaches its goal, and goes on with the log it left', async () => {
    const folder = newFolder();
    const args = ['--folder', folder, '--goal', '3000', '--deadline', '60', '--json'];
    for (const run of [1, 2]) {
      const { code, text } = await startHammer(...args, '--writers', '64');
      const result = JSON.parse(text);
      assert.equal(code, 0, text);
      assert.deepEqual(result.faults, []);
      assert.ok(result.entries >= 3000);
      assert.equal(result.entriesCompared, result.entries);
      assert.ok(result.entriesRead >= run * 3000, 'a full reader starts at the beginning');
      assert.ok(result.proofsChecked > 0 && result.checkpointsChecked > 0);
    }
  });

  it('fails when the log did not take as many entries as was asked', async () => {
    const { code, text } = await startHammer('--goal', '100000000', '--deadline', '1');
    assert.equal(code, 1);
    assert.match(text, /Goal missed/);
  });

  it('fails when one bit of one published entry flips while it runs', async () => {
    const folder = newFolder();
    const bundle = join(folder, 'public/tile/entries/000');
    const ended = startHammer('--folder', folder, '--seconds', '4');
    let over = false;
    ended.then(() => {
      over = true;
    });
    while (!existsSync(bundle) && !over) await wait(5);
    const bytes = readFileSync(bundle);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(bundle, bytes);
    const { code, text } = await ended;
    assert.equal(code, 1, text);
    assert.match(text, /WRONG/);
  });

  it('does not guess what an option means', async () => {
    for (const args of [['--writer', '1'], ['--writers', '0'], ['--deadline', '3'], ['rest']]) {
      const { code, text } = await startHammer(...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(text, /Usage/);
    }
  });
});
