// The whole token pipeline once more on the web platform: the same tests in a process where
// `#platform` is WebCrypto and our own hashing, as in browsers and workers.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const room = fileURLToPath(new URL('../..', import.meta.url));

function runOnWeb(...args: string[]) {
  // Without this the child would report to this test run instead of to us.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const flags = ['--conditions=browser', ...args];
  return spawnSync(process.execPath, flags, { cwd: room, env, encoding: 'utf8', timeout: 100_000 });
}

test('the browser condition really chooses the web platform', () => {
  const print = "import { platformName } from '#platform'; process.stdout.write(platformName)";
  assert.equal(runOnWeb('--input-type=module', '--eval', print).stdout, 'web');
});

test('every test of the token pipeline passes on the web platform', () => {
  const tags = 'src/receipt/{hmac,tenant}-*.test.ts';
  const some = ['src/token/*.test.ts', 'src/create-verifier.test.ts', tags];
  const files = globSync(some, { cwd: room });
  assert.ok(files.length >= 6, `only ${files.length} files`);
  const { stdout, status } = runOnWeb('--test', '--test-isolation=none', ...files);
  assert.equal(status, 0, stdout.slice(-4000));
  const passed = Number(/^(?:# |ℹ )pass (\d+)$/m.exec(stdout)?.[1]);
  assert.ok(passed > 80, `only ${passed} tests`);
});
