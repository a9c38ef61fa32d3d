// A confined child for the tests of this room: op 1 echoes, op 2 dies, op 3 says what it may do,
// op 4 reads the descriptor it was given.

import { lookup } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { servePipe } from '../index.ts';

async function attempt(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function probe(): Promise<Record<string, string>> {
  return {
    socket: await attempt(
      () =>
        new Promise((resolve, reject) =>
          connect(9, '127.0.0.1').on('connect', resolve).on('error', reject),
        ),
    ),
    dns: await attempt(() => lookup('localhost')),
    readOutside: await attempt(() => readFileSync('/etc/hostname')),
    writeOutside: await attempt(() => writeFileSync('/tmp/countersign-probe', '')),
    spawn: await attempt(async () => (await import('node:child_process')).spawnSync('true')),
    worker: await attempt(
      async () => new (await import('node:worker_threads')).Worker('', { eval: true }),
    ),
    inspector: await attempt(async () => (await import('node:inspector')).open(0)),
    sqlite: await attempt(
      async () => new (await import('node:sqlite')).DatabaseSync('/tmp/countersign-probe.db'),
    ),
    evaluate: await attempt(() => new Function('return 1')()),
    writeInside: await attempt(() => writeFileSync('inside', 'x')),
    environment: Object.keys(process.env)
      .filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name))
      .join(' '),
  };
}

servePipe({
  input: process.stdin,
  output: process.stdout,
  onEnd: () => process.exit(0),
  onBatch: (requests) => {
    for (const request of requests) {
      if (request.op === 2) process.kill(process.pid, 'SIGKILL');
      else if (request.op === 3)
        void probe().then((result) => request.reply(Buffer.from(JSON.stringify(result))));
      else if (request.op === 4) request.reply(readFileSync(3));
      else request.reply(request.body);
    }
  },
});
