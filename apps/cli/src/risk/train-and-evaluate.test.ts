// `countersign risk train` and `risk evaluate` as a person runs them, on worlds small enough for a test.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSignedModel } from '@countersign/learner';
import { decodeRiskModel } from '@countersign/risk';
import { runCli } from '../testing/run-cli.ts';

const SMALL = ['--users', '2000', '--trees', '5'];

describe('countersign risk train and evaluate', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'risk-trials-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const risk = (...args: string[]) => runCli(['risk', ...args], { workingFolder: folder });

  it('a model is trained, signed, and read by who trusts the key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const run = await risk(
      ...['train', '--generator', '--key', 'key.pem', '--out', 'model.bin', '--json', ...SMALL],
    );
    assert.equal(run.exitCode, 0, run.out + run.err);
    const { sha256, signedBy } = run.json();
    const bytes = readFileSync(join(folder, 'model.bin'));
    assert.equal(sha256, createHash('sha256').update(bytes).digest('hex'));
    const { model } = openSignedModel(bytes, { [String(signedBy)]: publicKey });
    assert.equal(decodeRiskModel(model).id, 'generator-1');
  });

  it('an evaluation is one object, and a page where one is asked for', async () => {
    const run = await risk('evaluate', '--quick', '--json', '--report', 'page.html', ...SMALL);
    assert.equal(run.exitCode, 0, run.out + run.err);
    const { models } = run.json() as {
      models: Record<string, { recallAtFpr1: Record<string, number> }>;
    };
    for (const name of ['freeman', 'countersign'])
      for (const kind of ['naive', 'vpn', 'targeted'])
        assert.ok(models[name]!.recallAtFpr1[kind]! >= 0, `${name} ${kind}`);
    assert.match(readFileSync(join(folder, 'page.html'), 'utf8'), /What these figures are not/);
  });

  it('wrong use is told before anything is computed', async () => {
    writeFileSync(join(folder, 'other.csv'), 'a,b\n1,2\n');
    const wrong: [string[], RegExp][] = [
      [['train', '--out', 'x'], /one of the two/],
      [['train', '--generator', '--seed', '-1', '--out', 'x'], /--seed is a whole number/],
      [['train', '--generator', '--key', 'none.pem', '--out', 'x'], /no private key/],
      [['train', '--generator', '--id', '../x', '--out', 'x'], /--id is of letters/],
      [['evaluate', '--users', '5'], /--users is a whole number/],
      [['evaluate', '--data', 'other.csv'], /not the RBA data set/],
      [['evaluate', '--data', 'missing.csv'], /ENOENT/],
      [['evaluate', '--data', 'other.csv', '--people', '0'], /share over 0/],
    ];
    for (const [args, expected] of wrong) {
      const run = await risk(...args);
      assert.equal(run.exitCode, 2, args.join(' '));
      assert.match(run.err, expected);
    }
  });
});
