// `npm test`: every test of the tree, the longest files first so that none is left to wait for at
// the end. `npm test -- audit` runs the files whose path holds that word.

import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { dot, spec } from 'node:test/reporters';
import { shareProcesses } from './share-processes.ts';

const ROOT = join(import.meta.dirname, '..');
// More than there are processors: many of them wait for processes they kill and start.
const AT_ONCE = 4;
/** For a process: the longest takes a third of it on two processors that do nothing else. */
const LONGEST_MS = 600_000;
/** What takes long, in this order; everything else follows as it comes. */
const FIRST = [
  'tests/e2e/crash',
  'scenarios/',
  'packages/transparency/src/log/crash',
  'packages/audit/src/simulation',
  'tests/e2e/',
  'tests/',
  'apps/',
];

const [major = '0'] = process.versions.node.split('.');
if (Number(major) < 26) {
  console.error(
    `The tests run on Node 26 from node_modules (this is ${process.versions.node}): use npm test.`,
  );
  process.exit(2);
}

const wanted = process.argv.slice(2);
const rank = (path: string): number => {
  const at = FIRST.findIndex((part) => path.startsWith(part));
  return at < 0 ? FIRST.length : at;
};
const paths = globSync('{packages,apps,scenarios,bench,tests}/**/*.test.ts', {
  cwd: ROOT,
  exclude: ['**/node_modules/**'],
})
  .map((path) => relative(ROOT, join(ROOT, path)))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
if (paths.length === 0) {
  console.error(`No test file has ${wanted.join(' or ')} in its path.`);
  process.exit(2);
}

// Hundreds of test processes load the same sources: what one compiled, the next reads.
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, 'node_modules/.cache/compiled');

const folder = mkdtempSync(join(tmpdir(), 'countersign-run-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const { files, lastIn } = shareProcesses(ROOT, paths, folder);

const results = run({
  files,
  concurrency: AT_ONCE,
  timeout: LONGEST_MS,
});
results.on('test:fail', ({ name }) => {
  process.exitCode = 1;
  const last = lastIn(name);
  if (last !== undefined) console.error(`${name} ended while ${last} ran.`);
});
if (process.env['CI'] === undefined && process.stdout.isTTY)
  results.compose(dot).pipe(process.stdout);
else results.compose(spec()).pipe(process.stdout);
