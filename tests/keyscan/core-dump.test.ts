// The leak that this is about: a process that holds keys dies, its memory lies in a file, and the file
// leaves the zone (C-11). A real core of a real signer, looked through with what the signer exported.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import {
  type Find,
  type Finder,
  memoryFinder,
  openScanner,
  parseFingerprints,
  publicKeyFinder,
} from '@countersign/keyscan';

const BLOCK_BYTES = 1 << 20;
const home = mkdtempSync(join(tmpdir(), 'countersign-core-'));
after(() => rmSync(home, { recursive: true, force: true }));

interface Jwk {
  kid: string;
  alg: 'ES256' | 'EdDSA' | 'RS256';
}
let keys: Jwk[] = [];
let core: string | undefined;
let coreWithout: string | undefined;

/** Runs a signer until it has its keys, aborts it, and returns its core; undefined when none came. */
async function dump(name: string, algs: readonly string[]): Promise<[string | undefined, Jwk[]]> {
  const folder = join(home, name);
  const script = join(import.meta.dirname, 'hold-keys.ts');
  const line = 'ulimit -c unlimited && exec "$@"';
  const args = ['-c', line, 'sh', process.execPath, script, join(folder, 'signer'), ...algs];
  mkdirSync(folder);
  const child = spawn('/bin/sh', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  child.kill('SIGABRT');
  await once(child, 'exit');
  const found = readdirSync(folder).find((file) => /^core(\.|$)/.test(file));
  return [found === undefined ? undefined : join(folder, found), JSON.parse(String(said))];
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

describe('the core of a signer that ran without its cage', () => {
  before(async () => {
    [core, keys] = await dump('leaked', ['ES256', 'EdDSA', 'RS256']);
    [coreWithout] = await dump('clean', []);
  });
  const skip = (): string | false =>
    core === undefined && 'this machine sends cores elsewhere, so none can be read here';

  it('holds each of its keys, and a scan by fingerprint finds them', async (test) => {
    if (core === undefined) return test.skip(skip() as string);
    const finds = await scan(core, fingerprints());
    const found = (kind: string, kid: string): Find[] =>
      finds.filter((find) => find.kind === kind && find.kid === kid);
    assert.ok(found('memory-ec', kidOf('ES256')).length >= 1);
    assert.ok(found('memory-ed25519', kidOf('EdDSA')).length >= 1);
    assert.ok(found('memory-rsa', kidOf('RS256')).length >= 2, 'both primes');
    const allKnown = finds.every(({ kid }) => keys.some((key) => key.kid === kid));
    assert.ok(allKnown);
  });

  it('shows the same to a scan that knows the public keys alone', async (test) => {
    if (core === undefined) return test.skip(skip() as string);
    const finds = await scan(core, fingerprints());
    const finder = publicKeyFinder(JSON.stringify({ keys }));
    const bytes = readFileSync(core);
    for (const { offset, length, kind, kid, what } of finds) {
      // What is near is enough: all of a core takes a minute.
      const near = Math.max(0, Math.floor(offset / 4096) * 4096 - 4096);
      const hits: unknown[] = [];
      finder.scan(bytes.subarray(near, offset + 4096), 0, (at, size, itsKind, _, itsKid) =>
        hits.push([near + at, size, itsKind, itsKid]),
      );
      assert.ok(
        hits.some((hit) => isDeepStrictEqual(hit, [offset, length, kind, kid])),
        `${what} at ${offset}`,
      );
    }
  });

  it('of another signer holds none of them', async (test) => {
    if (coreWithout === undefined) return test.skip(skip() as string);
    assert.deepEqual(await scan(coreWithout, fingerprints()), []);
  });
});
