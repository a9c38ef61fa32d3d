import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openKeyFile, type SignatureAlg } from '@countersign/keys';
import { makeActive } from './testing/make-active.ts';
import { scanMemory } from './testing/scan-memory.ts';
import {
  makeInput,
  makeScope,
  newHome,
  PASSPHRASE,
  type StartedSigner,
  startSigner,
} from './testing/start-signer.ts';

const home = newHome();
const kids = new Map<SignatureAlg, string>();
let started: StartedSigner;
const pid = (): number => started.child.pid as number;
const proc = (name: string): string => readFileSync(`/proc/${pid()}/${name}`, 'utf8');
const cores = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /(^|\/)core(\.|$)/.test(name));

before(async () => {
  const first = startSigner(home.folder, home.secret);
  for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
    kids.set(alg, (await makeActive(first.signer, alg)).kid);
  }
  await first.stop();
  started = startSigner(home.folder, home.secret);
  const kid = kids.get('ES256') as string;
  for (let mark = 0; mark < 20; mark += 1) await started.signer.sign(kid, makeInput(kid, mark));
});
after(async () => {
  await started.stop();
  home.remove();
});

describe('the memory of a running signer', () => {
  it('holds each private key once, and neither the passphrase nor a key as it is written down', () => {
    const needles = new Map([
      ['passphrase', Buffer.from(PASSPHRASE)],
      ['public: the issuer', Buffer.from(makeScope().issuer)],
    ]);
    for (const [alg, kid] of kids) {
      const file = readFileSync(join(home.folder, 'keys', `${kid}.json`));
      const { privateKey } = openKeyFile(file, PASSPHRASE);
      const { p, d } = privateKey.export({ format: 'jwk' });
      const secret = Buffer.from((p ?? d) as string, 'base64url');
      needles.set(`${alg} PKCS#8`, privateKey.export({ format: 'der', type: 'pkcs8' }));
      needles.set(`${alg} base64url`, Buffer.from((p ?? d) as string));
      // OpenSSL keeps an Ed25519 seed as it is and other numbers from the low end.
      needles.set(`${alg} in use`, alg === 'EdDSA' ? secret : Buffer.from(secret).reverse());
      // The halves that an Ed25519 seed expands to, and numbers as DER writes them, are needed for a
      // moment: at each signature, and when the signer makes fingerprints.
      const passing = alg === 'EdDSA' ? hash('sha512', secret, 'buffer').subarray(32) : secret;
      needles.set(`${alg} in passing`, passing);
    }
    const { 'public: the issuer': issuer, ...found } = Object.fromEntries(
      scanMemory(pid(), needles),
    );
    assert.ok((issuer as number) > 0, 'the scan finds what is there');
    const expected = { passphrase: 0 } as Record<string, number>;
    for (const alg of kids.keys()) {
      for (const form of ['PKCS#8', 'base64url', 'in passing']) expected[`${alg} ${form}`] = 0;
      expected[`${alg} in use`] = 1;
    }
    assert.deepEqual(found, expected);
  });

  it('is not told by its command line, environment or open files', () => {
    for (const name of ['cmdline', 'environ']) assert.ok(!proc(name).includes(PASSPHRASE));
    const open = readdirSync(`/proc/${pid()}/fd`).map((fd) => {
      return readlinkSync(`/proc/${pid()}/fd/${fd}`);
    });
    assert.ok(!open.includes(home.secret), 'the passphrase file is still open');
  });

  it('may not go into a core, by size and by filter', () => {
    const limit = /^Max core file size +(\d+) +(\d+) /m.exec(proc('limits'));
    assert.ok(limit !== null && Number(limit[1]) <= 1 && Number(limit[2]) <= 1);
    assert.equal(Number.parseInt(proc('coredump_filter'), 16), 0);
  });

  it('does not open to an inspector on SIGUSR1, nor to a report or snapshot on any signal', async () => {
    for (const signal of ['SIGUSR1', 'SIGWINCH', 'SIGURG', 'SIGCHLD'] as const) {
      started.child.kill(signal);
    }
    await started.signer.ready();
    assert.deepEqual(started.log, []);
    const threads = readdirSync(`/proc/${pid()}/task`).map((task) =>
      proc(`task/${task}/comm`).trim(),
    );
    assert.ok(threads.length > 1 && !threads.some((name) => /inspector|signal/i.test(name)));
    const records = ['access', 'ended', 'journal', 'keys', 'lives'];
    const names = [...records, 'custody.json', 'fingerprints.json', 'owner'].sort();
    assert.deepEqual(readdirSync(home.folder).sort(), names);
  });

  it('leaves no core on SIGABRT', async () => {
    started.child.kill('SIGABRT');
    assert.deepEqual(await started.exited, { code: null, signal: 'SIGABRT' });
    assert.deepEqual(cores(home.folder), []);
    started = startSigner(home.folder, home.secret);
    await started.signer.ready();
  });

  it('would leave one if it were not confined', async (test) => {
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
    if (/[|/]/.test(pattern)) {
      test.skip(`this machine sends cores elsewhere (${pattern}), so none can be seen here`);
      return;
    }
    const folder = join(home.folder, '..', 'free');
    mkdirSync(folder);
    const wait = "process.stdout.write('up'); setInterval(() => 0, 1000)";
    const script = 'ulimit -c unlimited && exec "$0" -e "$1"';
    const free = spawn('/bin/sh', ['-c', script, process.execPath, wait], { cwd: folder });
    await once(free.stdout, 'data');
    free.kill('SIGABRT');
    assert.deepEqual(await once(free, 'exit'), [null, 'SIGABRT']);
    assert.equal(cores(folder).length, 1);
  });
});
