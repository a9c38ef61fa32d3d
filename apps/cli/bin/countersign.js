#!/usr/bin/env node
// Starts the command line. Plain JavaScript that any Node from 18 on understands: the sources need
// Node 26, which the repository brings along, so an older Node hands over to that one.

import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED = 26;
const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const main = join(here, '..', 'src', 'main.ts');

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  await import(main);
} else {
  handOver(findNode());
}

/** The Node of the `node` package in the nearest node_modules above this file. */
function findNode() {
  const names = process.platform === 'win32' ? ['node.exe'] : ['bin/node'];
  for (let folder = here; ; folder = dirname(folder)) {
    for (const name of names) {
      const candidate = join(folder, 'node_modules', 'node', name);
      if (existsSync(candidate)) return candidate;
    }
    if (folder === dirname(folder)) break;
  }
  process.stderr.write(
    `countersign needs Node ${NEEDED} and this is ${process.versions.node}. The repository brings its own: run "npm ci" first.\n`,
  );
  process.exit(2);
}

function handOver(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the child decides when it is done, this one only waits.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => {
    process.stderr.write(`countersign could not start Node ${NEEDED}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
  });
}
