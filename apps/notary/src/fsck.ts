// Checks the folder of a log without its passphrase and without writing, in a process of its own:
// `countersign log fsck` starts it, confined to reading. Speaks one JSON object a line on stdout;
// exit code 0 sound, 1 a difference, 2 wrong use.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fsckLog } from '@countersign/transparency';

const USAGE = 'fsck --folder FOLDER';
const SAY_EVERY_MS = 100;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function readFolder(args: string[]): string {
  const { values } = parseArgs({ args, options: { folder: { type: 'string' } } });
  if (values.folder === undefined) throw new Error('--folder is needed.');
  const folder = resolve(values.folder);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  return folder;
}

async function check(folder: string): Promise<0 | 1> {
  const startMs = performance.now();
  let saidMs = startMs;
  const report = await fsckLog(folder, {
    onProgress: (done, total) => {
      const nowMs = performance.now();
      if (nowMs - saidMs < SAY_EVERY_MS) return;
      saidMs = nowMs;
      say({ line: 'progress', done, total });
    },
  });
  const seconds = (performance.now() - startMs) / 1000;
  say({ line: 'result', seconds: Number(seconds.toFixed(3)), report });
  return report.sound ? 0 : 1;
}

let folder = '';
try {
  folder = readFolder(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}\n`);
  process.exit(2);
}
process.exitCode = await check(folder);
