// `npm test`: every test of the tree, four files at a time (many wait for processes, not for the processor), with the runner's own summary last.
// Arguments are passed on, for example `npm test -- --test-name-pattern=receipt`.

import { spawn } from 'node:child_process';

const PATTERNS = [
  'packages/**/*.test.ts',
  'apps/**/*.test.ts',
  'scenarios/**/*.test.ts',
  'bench/**/*.test.ts',
  'tests/**/*.test.ts',
];
const [major = '0'] = process.versions.node.split('.');
if (Number(major) < 26) {
  console.error(
    `The tests run on Node 26 from node_modules (this is ${process.versions.node}): use npm test.`,
  );
  process.exit(2);
}
const reporter = process.env['CI'] === undefined ? 'dot' : 'spec';
const args = [
  '--test',
  '--test-concurrency=4',
  '--test-timeout=300000',
  `--test-reporter=${reporter}`,
  '--test-reporter-destination=stdout',
];
const runner = spawn(process.execPath, [...args, ...process.argv.slice(2), ...PATTERNS], {
  stdio: 'inherit',
});
runner.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 1)));
