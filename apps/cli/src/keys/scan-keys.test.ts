// `countersign keys scan` as a person runs it: exit codes, what is told, and the copy.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { runCli } from '../testing/run-cli.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string;

describe('countersign keys scan', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-scan-'));
    mkdirSync(join(folder, 'dumps', 'inner'), { recursive: true });
    writeFileSync(join(folder, 'dumps', 'inner', 'app.log'), `before\n${pem}after\n`);
    writeFileSync(join(folder, 'dumps', 'packed.gz'), gzipSync(`text ${pem}`));
    writeFileSync(join(folder, 'clean.log'), 'nothing to see\n');
    writeFileSync(join(folder, 'cut.gz'), gzipSync('nothing to see').subarray(0, -4));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const scan = (args: string[], input?: string) =>
    runCli(['keys', 'scan', ...args], {
      workingFolder: folder,
      ...(input === undefined ? {} : { input }),
    });

  it('ends with 0 for what is clean', async () => {
    const run = await scan(['clean.log', '--gate']);
    assert.equal(run.exitCode, 0, run.out + run.err);
    assert.match(run.out, /clean {2}1 input/);
  });

  it('finds keys in folders and archives, and ends with 1', async () => {
    const run = await scan(['dumps', '--json']);
    assert.equal(run.exitCode, 1);
    assert.deepEqual(run.json()['finds'], [
      {
        path: 'dumps/inner/app.log',
        container: [],
        offset: 7,
        length: pem.length - 1,
        kind: 'pem',
        kid: null,
        what: 'PKCS#8 private key in PEM',
      },
      {
        path: 'dumps/packed.gz',
        container: ['gzip'],
        offset: 5,
        length: pem.length - 1,
        kind: 'pem',
        kid: null,
        what: 'PKCS#8 private key in PEM',
      },
    ]);
  });

  it('tells where, and never the secret', async () => {
    const run = await scan(['dumps']);
    assert.match(run.out, /dumps\/packed\.gz › gzip/);
    assert.match(run.out, /2 private keys found/);
    for (const line of pem.split('\n').filter((text) => /^\w{16}/.test(text)))
      assert.ok(!run.out.includes(line.slice(0, 16)));
  });

  it('reads standard input', async () => {
    const run = await scan(['-'], `x${pem}`);
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /standard input/);
    assert.equal((await scan(['-'], 'x')).exitCode, 0);
  });

  it('lets what it could not read pass, unless it is a gate', async () => {
    const run = await scan(['cut.gz']);
    assert.equal(run.exitCode, 0);
    assert.match(run.out, /corrupt/);
    assert.match(run.out, /nothing found in what was read/);
    assert.equal((await scan(['cut.gz', '--gate'])).exitCode, 1);
  });

  it('does not follow a link that nobody named, and says so', async () => {
    mkdirSync(join(folder, 'linked'));
    symlinkSync(join(folder, 'dumps'), join(folder, 'linked', 'loop'));
    const run = await scan(['linked', '--gate']);
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /a link/);
  });

  it('ends with 2 for what is not there', async () => {
    assert.equal((await scan(['gone'])).exitCode, 2);
    assert.equal((await scan([])).exitCode, 2);
    writeFileSync(join(folder, 'no.json'), 'no');
    assert.equal((await scan(['clean.log', '--fingerprints', 'no.json'])).exitCode, 2);
    assert.equal((await scan(['clean.log', '--keys', 'no.json'])).exitCode, 2);
  });

  describe('--redact', () => {
    it('writes a copy of the same length in which nothing is found', async () => {
      const run = await scan(['dumps/inner/app.log', '--redact', 'out.log']);
      assert.equal(run.exitCode, 1);
      const copy = readFileSync(join(folder, 'out.log'), 'latin1');
      assert.equal(copy, `before\n${'\0'.repeat(pem.length - 1)}\nafter\n`);
      assert.equal((await scan(['out.log'])).exitCode, 0);
    });

    it('redacts standard input, and leaves nothing else behind', async () => {
      const run = await scan(['-', '--redact', 'piped.log'], `x${pem}y`);
      assert.equal(run.exitCode, 1);
      assert.equal(readFileSync(join(folder, 'piped.log')).at(-1), 0x79);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes('.un')),
        [],
      );
    });

    it('says that it cannot redact inside of a container, and writes nothing', async () => {
      const run = await scan(['dumps/packed.gz', '--redact', 'packed.out']);
      assert.equal(run.exitCode, 1);
      assert.match(run.out, /no copy written/);
      assert.ok(!existsSync(join(folder, 'packed.out')));
    });

    it('never writes over a file, and takes one input', async () => {
      assert.equal((await scan(['clean.log', '--redact', 'clean.log'])).exitCode, 2);
      assert.equal((await scan(['dumps', '--redact', 'new.log'])).exitCode, 2);
      assert.equal((await scan(['clean.log', 'cut.gz', '--redact', 'new.log'])).exitCode, 2);
    });
  });
});
