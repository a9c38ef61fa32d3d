// Test files that share a process must neither disturb nor hide each other.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type SharedRun, shareProcesses } from './share-processes.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-shared-'));
after(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, 'package.json'), '{"type":"module"}');

const GOOD = `import { test } from 'node:test';
test('good', () => console.log('GOOD'));
`;

/** Writes the files and says which share a process. */
function share(files: Record<string, string>): SharedRun {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return shareProcesses(root, Object.keys(files), mkdtempSync(join(root, 'scripts-')));
}

/** Runs three files of a room in one process, of which this is the second. */
function runBetween(room: string, text: string) {
  const path = (name: string): string => `packages/${room}/src/${name}.test.ts`;
  const { files, lastIn } = share({ [path('a')]: GOOD, [path('b')]: text, [path('c')]: GOOD });
  const [script = '', ...more] = files;
  assert.deepEqual(more, []);
  // Without this the process would report to this test run instead of to us.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  return { status, stdout, last: lastIn(script) };
}

test('files of a room share a process, a dozen at a time, and the order stays', () => {
  const names = Array.from({ length: 13 }, (_, at) => `packages/many/src/${at + 10}.test.ts`);
  const { files } = share({
    'tests/one.test.ts': GOOD,
    ...Object.fromEntries(names.map((name) => [name, GOOD])),
    'packages/other/src/one.test.ts': GOOD,
  });
  const found = files.map((file) => basename(file));
  assert.deepEqual(found, ['one.test.ts', 'packages-many-1.mjs', '22.test.ts', 'one.test.ts']);
});

test('what changes the process, starts others or loads foreign code has one of its own', () => {
  const { files } = share({
    'packages/room/src/a.test.ts': GOOD,
    'packages/room/src/b.test.ts': `${GOOD}process.env['X'] = 'y';\n`,
    'packages/room/src/c.test.ts': `import 'node:child_process';\n${GOOD}`,
    'packages/room/src/d.test.ts': `import { mock } from 'node:test';\nmock.timers.enable();\n`,
    'packages/keys/src/a.test.ts': GOOD,
    'packages/keys/src/b.test.ts': GOOD,
    'apps/signer/src/a.test.ts': GOOD,
    'apps/signer/src/b.test.ts': GOOD,
  });
  assert.equal(files.length, 8);
  assert.ok(files.every((file) => file.endsWith('.test.ts')));
});

test('when all is good, each is run, and its hooks see nothing of the others', () => {
  const { status, stdout, last } = runBetween(
    'hooks',
    `import { beforeEach, test } from 'node:test';
let count = 0;
beforeEach(() => { count += 1; });
test('first', () => undefined);
test('second', () => { if (count !== 2) throw new Error('counted ' + count); });
`,
  );
  assert.equal(status, 0, stdout);
  assert.equal(stdout.match(/^GOOD$/gm)?.length, 2);
  assert.equal(last, undefined);
});

test('a failure names its file, and the others are run', () => {
  const text =
    "import { test } from 'node:test';\ntest('bad', () => { throw new Error('no'); });\n";
  const { status, stdout, last } = runBetween('bad', text);
  assert.equal(status, 1);
  assert.match(stdout, /✖ packages\/bad\/src\/b\.test\.ts/);
  assert.match(stdout, /b\.test\.ts:2:\d+/);
  assert.equal(stdout.match(/^GOOD$/gm)?.length, 2);
  assert.equal(last, undefined);
});

test('one that cannot be loaded is a failure with its name, and the others are run', () => {
  const { status, stdout } = runBetween('missing', "import './nothing.ts';\n");
  assert.equal(status, 1);
  assert.match(stdout, /✖ packages\/missing\/src\/b\.test\.ts/);
  assert.equal(stdout.match(/^GOOD$/gm)?.length, 2);
});

for (const [way, deed] of [
  ['is killed', "process.kill(process.pid, 'SIGKILL')"],
  ['leaves as if all were good', 'process.exit(0)'],
  ['throws when nobody listens', "queueMicrotask(() => { throw new Error('late'); })"],
] as const) {
  test(`one that ${way} cannot hide what it left undone`, () => {
    // In words that the rule does not see, as a helper of a test might do it.
    const hidden = deed.replaceAll('process.', 'self.');
    const { status, stdout, last } = runBetween(
      `deed-${way.slice(0, 2)}`,
      `import self from 'node:process';
import { test } from 'node:test';
test('deed', async () => { ${hidden}; await new Promise((done) => setTimeout(done, 50)); });
`,
    );
    assert.notEqual(status, 0, stdout);
    if (way !== 'throws when nobody listens') assert.match(last ?? '', /b\.test\.ts$/);
  });
}
