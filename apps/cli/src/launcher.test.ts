// The launcher as a user starts it, also with a Node that is too old.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const LAUNCHER = join(import.meta.dirname, '../bin/countersign.js');
// Stands in for an older Node: all that the launcher looks at is this version.
const OLDER = `--import=data:text/javascript,${encodeURIComponent(
  "const versions={...process.versions,node:'20.20.2'};Object.defineProperty(process,'versions',{value:versions})",
)}`;

function launch(
  nodeArgs: string[],
  args: string[],
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs, LAUNCHER, ...args], {
    encoding: 'utf8',
    input: '',
  });
  return { status, out: stdout, err: stderr };
}

describe('the launcher', () => {
  for (const [name, nodeArgs] of [
    ['Node 26', []],
    ['an older Node', [OLDER]],
  ] as const) {
    it(`starts the command line on ${name}`, () => {
      const { status, out } = launch([...nodeArgs], ['--version']);
      assert.equal(status, 0);
      assert.match(out, /^\d+\.\d+\.\d+\n$/);
    });

    it(`passes the exit code on from ${name}`, () => {
      const { status, err } = launch([...nodeArgs], ['frobnicate']);
      assert.equal(status, 2);
      assert.match(err, /frobnicate/);
    });
  }

  it('reads the token from standard input on an older Node too', () => {
    const { status, err } = launch([OLDER], ['verify', '-', '--issuer', 'http://localhost:1']);
    assert.equal(status, 2);
    assert.match(err, /no token/i);
  });

  it('paints nothing when its output is not a terminal', () => {
    assert.ok(!launch([], ['--help']).out.includes('\u001b'));
  });
});
