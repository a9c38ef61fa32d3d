// docs/risk-cases.md is a promise per line, as docs/audit-cases.md is. What takes minutes to measure names
// the command that measures it; what nothing shows is said in so many words.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../apps/cli/src/testing/run-cli.ts';
import { brokenPromise, isPromise } from './house/broken-promise.ts';

const ROOT = join(import.meta.dirname, '..');
const lines = readFileSync(join(ROOT, 'docs/risk-cases.md'), 'utf8').split('\n');
const rows = lines.filter((line) => /^\| (?!-|case )/.test(line));
const COMMAND = /^\| .+ \| command \| `(npx countersign|npm run) ([^`]+)` \|$/;

test('every case of risk that the tables name has its test', () => {
  assert.ok(rows.length > 100);
  assert.deepEqual(lines.map(brokenPromise).filter(Boolean), []);
});

test('what has no test names a command, or says that it has none, and why', () => {
  for (const row of rows) {
    const isSaid = /^\| .+ \| none \| .{20,} \|$/.test(row) || COMMAND.test(row);
    assert.ok(isPromise(row) || isSaid, row);
  }
});

test('every command that is named exists, with its options', async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const { out } = await runCli(['risk', 'evaluate', '--help']);
  for (const row of rows) {
    const [, tool, words = ''] = COMMAND.exec(row) ?? [];
    if (tool === undefined) continue;
    if (tool === 'npm run') assert.ok(words in scripts, row);
    else assert.match(words, /^risk evaluate( |$)/, row);
    for (const [option] of words.matchAll(/--[a-z-]+/g)) {
      assert.ok(option === '--json' || out.includes(option), row);
    }
  }
});

test('no part that was asked for is left out', () => {
  const titles = lines.filter((line) => line.startsWith('## '));
  for (let part = 0; part <= 9; part += 1) {
    assert.ok(
      titles.some((title) => title.startsWith(`## ${part} `)),
      `part ${part}`,
    );
  }
  for (const title of ['## Bad input', '## How good']) assert.ok(titles.includes(title), title);
});
