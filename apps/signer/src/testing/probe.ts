// Runs where the signer runs and tries everything that the signer must not be able to do. Says, as
// one line of JSON, what became of each deed.

import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import {
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';

// A denied `listen` throws where nobody can catch it; the deed under way is the one that failed.
let fail: (error: Error) => void = () => undefined;
process.on('uncaughtException', (error) => fail(error));

async function attempt(deed: () => unknown): Promise<string> {
  const thrown = new Promise<never>((_, reject) => {
    fail = reject;
  });
  try {
    await Promise.race([(async () => deed())(), thrown]);
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const settled = (emitter: NodeJS.EventEmitter, event: string): Promise<unknown> =>
  new Promise((resolve, reject) => emitter.once(event, resolve).once('error', reject));

const folder = process.argv[2] as string;
const outside = dirname(folder);

const network = {
  'connect over TCP': () => settled(connect(9, '127.0.0.1'), 'connect'),
  'listen on TCP': () => settled(createServer().listen(0, '127.0.0.1'), 'listening'),
  'connect to a Unix socket': () => settled(connect(join(folder, 'socket')), 'connect'),
  'listen on a Unix socket': () =>
    settled(createServer().listen(join(folder, 'socket')), 'listening'),
  'bind UDP': () => {
    const socket = createSocket('udp4');
    socket.bind(0);
    return settled(socket, 'listening');
  },
  'send UDP': () =>
    new Promise((resolve, reject) =>
      createSocket('udp4').send('x', 9, '127.0.0.1', (error) =>
        error === null ? resolve(undefined) : reject(error),
      ),
    ),
  'look up a name': () => lookup('localhost'),
  'ask a name server': () => new Resolver().resolve4('example.com'),
  fetch: async () => {
    try {
      await fetch('http://127.0.0.1:65000');
    } catch (error) {
      throw (error as Error).cause;
    }
  },
};

const code = {
  'start a process': async () => (await import('node:child_process')).spawnSync('true'),
  'fork itself': async () =>
    (await import('node:child_process')).fork('/dev/null', { stdio: 'ignore' }),
  'start a worker': async () =>
    new (await import('node:worker_threads')).Worker('', { eval: true }),
  'load an addon': () => process.dlopen({ exports: {} }, join(folder, 'addon.node')),
  'open an inspector': async () => (await import('node:inspector')).open(0),
  'connect an inspector session': async () =>
    new (await import('node:inspector')).Session().connect(),
  'start WASI': async () => new (await import('node:wasi')).WASI({ version: 'preview1' }),
  'evaluate text': () => new Function('return 1')(),
};

const files = {
  'read a file elsewhere': () => readFileSync('/etc/passwd'),
  'read beside its folder': () => readFileSync(join(outside, 'passphrase')),
  'list the folder above': () => readdirSync(outside),
  'read its own memory': () => openSync('/proc/self/mem', 'r'),
  'read its own environment': () => readFileSync('/proc/self/environ'),
  'write elsewhere': () => writeFileSync(join(outside, 'written'), ''),
  'write to /tmp': () => rmdirSync(mkdtempSync('/tmp/countersign-probe-')),
  'write to /dev/shm': () => rmdirSync(mkdtempSync('/dev/shm/countersign-probe-')),
  'move a file out': () => {
    writeFileSync(join(folder, 'moved'), '');
    renameSync(join(folder, 'moved'), join(outside, 'moved'));
  },
  'link a file in': () => linkSync('/etc/passwd', join(folder, 'linked')),
  'link to the outside': () => symlinkSync('/etc', join(folder, 'etc')),
};

const memory = {
  'write a heap snapshot outside': () => writeHeapSnapshot(join(outside, 'heap')),
  'write a diagnostic report': () => process.report.writeReport(join(outside, 'report')),
};

const results: Record<string, string> = {};
for (const [name, deed] of Object.entries({ ...network, ...code, ...files, ...memory })) {
  results[name] = await attempt(deed);
}
results['write in its own folder'] = await attempt(() => writeFileSync(join(folder, 'own'), 'x'));
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
