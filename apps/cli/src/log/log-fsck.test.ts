import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../testing/run-cli.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-cli-fsck-'));
after(() => rmSync(root, { recursive: true }));

describe('countersign log fsck', () => {
  it('says what is wrong with a folder that holds no log, and ends with 1', async () => {
    const folder = join(root, 'empty');
    mkdirSync(folder);
    const run = await runCli(['log', 'fsck', '--folder', folder, '--json']);
    assert.equal(run.exitCode, 1);
    const { command, ok, difference } = run.json();
    assert.deepEqual([command, ok], ['log fsck', false]);
    const { what, path } = difference as { what: string; path: string };
    assert.deepEqual([what, path], ['identity_damaged', 'log.json']);
    const drawn = await runCli(['log', 'fsck', '--folder', folder]);
    assert.match(drawn.out, /differs[\s\S]*first difference: .*\(identity_damaged\)/);
  });

  it('looks below the data folder, and is used wrongly without one', async () => {
    const nowhere = await runCli(['log', 'fsck'], { workingFolder: root });
    assert.equal(nowhere.exitCode, 2);
    assert.ok(nowhere.err.includes(join(root, '.countersign/notary')));
    mkdirSync(join(root, 'data/notary'), { recursive: true });
    const data = { environment: { COUNTERSIGN_DATA: join(root, 'data') } };
    assert.equal((await runCli(['log', 'fsck'], data)).exitCode, 1);
    const both = await runCli(['log', 'fsck', '--folder', root, '--data', root]);
    assert.equal(both.exitCode, 2);
  });
});
