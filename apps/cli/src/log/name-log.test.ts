// By which key a log is known: pinned by the user in one of two ways, or the server's own word.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { utf8 } from '@countersign/verifier';
import { runCli } from '../testing/run-cli.ts';
import { type ServedLog, serveLog } from '../testing/serve-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
let log: ServedLog;
let stranger: ServedLog;
before(async () => {
  log = await serveLog([utf8('one'), utf8('two')]);
  stranger = await serveLog([utf8('three')]);
});
after(() => {
  log.close();
  stranger.close();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runCli(['--json', 'log', ...args], { workingFolder: folder });
const answerOf = (out: string) => JSON.parse(out) as Record<string, unknown>;

describe('the log that a command is about', () => {
  it('is the one whose key the server tells, and every answer says that nobody pinned it', async () => {
    const { exitCode, out } = await run('prove', '1', '--server', log.url);
    assert.equal(exitCode, 0, out);
    assert.equal(answerOf(out)['pinned'], false);
    const { out: text, err } = await runCli(['log', 'prove', '1', '--server', log.url]);
    assert.match(text, /^c2sp\.org\/tlog-proof@v1\n/);
    assert.ok(err.includes(`pin it with --key ${log.checkpointKey}`), err);
  });

  it('is pinned by its key, or by a policy that names it', async () => {
    const policy = join(folder, 'policy.txt');
    assert.equal((await run('policy', '--server', log.url, '--out', policy)).exitCode, 0);
    assert.equal(
      readFileSync(policy, 'utf8'),
      `log ${log.checkpointKey} ${log.url}\nquorum none\n`,
    );
    const again = await run('policy', '--server', log.url, '--out', policy);
    assert.equal(again.exitCode, 2, 'a file that is there is not written over');
    for (const pin of [
      ['--key', log.checkpointKey],
      ['--witnesses', policy],
    ]) {
      const { exitCode, out } = await run('prove', '0', '--log', log.url, ...pin);
      assert.equal(exitCode, 0, out);
      assert.equal(answerOf(out)['pinned'], true);
      const { exitCode: lied } = await run('prove', '0', '--log', stranger.url, ...pin);
      assert.equal(lied, 1, 'another log in its place is not believed');
    }
  });

  it('is not guessed: an address alone, or a policy of several logs, is wrong use', async () => {
    const several = join(folder, 'several.txt');
    const lines = [log, stranger].map(({ checkpointKey }) => `log ${checkpointKey}\n`);
    writeFileSync(several, `${lines.join('')}quorum none\n`);
    assert.equal((await run('prove', '0', '--log', log.url)).exitCode, 2);
    assert.equal((await run('prove', '0', '--log', log.url, '--witnesses', several)).exitCode, 2);
  });

  it('is not learnt over plain HTTP from another machine', async () => {
    const { exitCode, out } = await run('prove', '0', '--server', 'http://log.example');
    assert.equal(exitCode, 2);
    assert.match(out, /plain HTTP/);
  });
});

describe('a monitor without a pinned key', () => {
  it('keeps to the key it met first', async () => {
    const watch = ['monitor', '--state', join(folder, 'watch'), '--server'];
    const first = await run(...watch, log.url);
    assert.equal(answerOf(first.out)['pinned'], false);
    assert.equal(first.exitCode, 0, first.out);
    assert.notEqual((await run(...watch, stranger.url)).exitCode, 0);
  });
});
