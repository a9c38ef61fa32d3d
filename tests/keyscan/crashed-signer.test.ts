// The leak that this is about: a process that holds keys dies, its memory lies in a file, and the file
// leaves the zone (C-11). A real core of a real signer, looked through with what the signer exported.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openKeyFile } from '@countersign/keys';
import {
  type Find,
  type Finder,
  memoryFinder,
  openScanner,
  parseFingerprints,
  publicKeyFinder,
} from '@countersign/keyscan';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { copyMemory, leavesCores } from '../../scenarios/src/attack/copy-memory.ts';

const PASSPHRASE = 'correct horse battery staple';
const BLOCK_BYTES = 1 << 20;
const PAGE_BYTES = 4096;
const home = mkdtempSync(join(tmpdir(), 'countersign-core-'));
after(() => rmSync(home, { recursive: true, force: true }));

interface Jwk {
  kid: string;
  alg: 'ES256' | 'EdDSA' | 'RS256';
}
let keys: Jwk[] = [];
let core: string;
let coreWithout: string;

/** Runs a signer until it has its keys, and takes its memory as the kernel would leave it behind. */
async function dump(name: string, algs: readonly string[]): Promise<[string, Jwk[]]> {
  const folder = join(home, name);
  const script = join(import.meta.dirname, 'hold-keys.ts');
  const line = 'ulimit -c unlimited && exec "$@"';
  const args = ['-c', line, 'sh', process.execPath, script, join(folder, 'signer'), ...algs];
  mkdirSync(folder);
  const child = spawn('/bin/sh', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const image = join(folder, 'image');
  // Where the kernel hands cores to some program, the same memory is read while it lives.
  const left = leavesCores();
  if (!left) copyMemory(child.pid as number, image);
  child.kill(left ? 'SIGABRT' : 'SIGKILL');
  await once(child, 'exit');
  const file = left ? readdirSync(folder).find((each) => /^core(\.|$)/.test(each)) : 'image';
  return [join(folder, file ?? assert.fail('no core was left')), JSON.parse(String(said))];
}

async function scan(path: string, finder: Finder): Promise<Find[]> {
  const scanner = openScanner({ finders: [finder] });
  const finds: Find[] = [];
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
    finds.push(...scanner.push(chunk));
  }
  return [...finds, ...scanner.end()];
}

const fingerprints = (): Finder => {
  const text = readFileSync(join(home, 'leaked', 'signer', 'fingerprints.json'), 'utf8');
  return memoryFinder(parseFingerprints(text));
};
const kidOf = (alg: Jwk['alg']): string => keys.find((key) => key.alg === alg)?.kid as string;

/** Bytes around a place, from a multiple of a page; all of a core is more than memory may hold. */
function readAround(path: string, offset: number): [Buffer, number] {
  const from = Math.max(0, Math.floor(offset / PAGE_BYTES) - 1) * PAGE_BYTES;
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(3 * PAGE_BYTES);
  const length = readSync(file, bytes, 0, bytes.length, from);
  closeSync(file);
  return [bytes.subarray(0, length), from];
}

describe('the core of a signer that ran without its cage (C-11)', () => {
  let finds: Find[] = [];
  before(async () => {
    [core, keys] = await dump('leaked', ['ES256', 'EdDSA', 'RS256']);
    [coreWithout] = await dump('clean', []);
    finds = await scan(core, fingerprints());
  });

  it('holds each of its keys, and a scan by fingerprint finds them', () => {
    const found = (kind: string, alg: Jwk['alg']): Find[] =>
      finds.filter((find) => find.kind === kind && find.kid === kidOf(alg));
    assert.ok(found('memory-ec', 'ES256').length >= 1);
    assert.ok(found('memory-ed25519', 'EdDSA').length >= 1);
    assert.ok(found('memory-rsa', 'RS256').length >= 2, 'both primes');
    assert.ok(finds.every(({ kid }) => keys.some((key) => key.kid === kid)));
  });

  it('shows the same to a scan that knows the public keys alone', () => {
    const finder = publicKeyFinder(JSON.stringify({ keys }));
    // It looks at multiples of 8 only, where numbers in use lie; a DER in a buffer may lie anywhere.
    const aligned = finds.filter(({ offset }) => offset % 8 === 0);
    for (const { kid } of keys) assert.ok(aligned.some((find) => find.kid === kid));
    for (const { offset, length, kind, kid, what } of aligned) {
      // What is near is enough: all of a core takes minutes.
      const [bytes, from] = readAround(core, offset);
      const hits: unknown[] = [];
      finder.scan(bytes, 0, (at, size, itsKind, _, itsKid) =>
        hits.push([from + at, size, itsKind, itsKid]),
      );
      const seen = hits.some((hit) => isDeepStrictEqual(hit, [offset, length, kind, kid]));
      assert.ok(seen, `${what} at ${offset}`);
    }
  });

  it('is told of by the command line, key by key, without a secret', async () => {
    const folder = join(home, 'leaked', 'signer');
    const file = join(folder, 'fingerprints.json');
    const run = await runCli(['keys', 'scan', core, '--fingerprints', file, '--json']);
    assert.equal(run.exitCode, 1);
    const told = run.json()['finds'] as { kind: string; kid: string | null }[];
    for (const { kid } of keys) assert.ok(told.some((find) => find.kid === kid));
    for (const { kid } of keys) {
      const bytes = readFileSync(join(folder, 'keys', `${kid}.json`));
      const { d } = openKeyFile(bytes, PASSPHRASE).privateKey.export({ format: 'jwk' });
      const secret = Buffer.from(d as string, 'base64url');
      for (const spelling of ['base64url', 'base64', 'hex'] as const) {
        assert.ok(!run.out.includes(secret.toString(spelling)));
      }
    }
  });

  it('of another signer holds none of them', async () => {
    assert.deepEqual(await scan(coreWithout, fingerprints()), []);
  });

  it('C-11 does not get through the gate, which names each key; that of another signer does', async () => {
    const folders = ['inbox', 'released', 'quarantine'];
    for (const name of folders) mkdirSync(join(home, name), { mode: 0o700 });
    // The last to need them: nothing has two names, which the gate would hold against it.
    renameSync(core, join(home, 'inbox', 'core.leaked'));
    renameSync(coreWithout, join(home, 'inbox', 'core.clean'));
    const known = join(home, 'leaked', 'signer', 'fingerprints.json');
    const args = folders.flatMap((name) => [`--${name}`, name]);
    const run = await runCli(
      ['keys', 'gate', ...args, '--fingerprints', known, '--once', '--settle', '0.2', '--json'],
      { workingFolder: home },
    );
    const told = run.out.split('\n').filter(Boolean);
    const records = told.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
    const blocked = records.find(({ outcome }) => outcome === 'blocked');
    assert.equal(blocked?.['name'], 'core.leaked');
    assert.equal(blocked['reason'], 'live_key');
    assert.deepEqual(
      (blocked['kids'] as string[]).toSorted(),
      keys.map(({ kid }) => kid).toSorted(),
    );
    assert.deepEqual(readdirSync(join(home, 'released')), ['core.clean']);
  });
});
