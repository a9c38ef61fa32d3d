// A gate that is killed at any moment: what it had not decided it looks at again, what it had decided is
// carried out, nothing leaves unscanned and nothing is lost.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishPlaced } from './place-dump.ts';

const CLI = join(import.meta.dirname, '../../../bin/countersign.js');
const home = mkdtempSync(join(tmpdir(), 'keys-gate-crash-'));
after(() => rmSync(home, { recursive: true, force: true }));

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;
const KILLS = 12;
const FILES = 12;
const FILE_BYTES = 3_000_000;

function startGate(more: string[] = []): ChildProcess {
  const folders = ['inbox', 'released', 'quarantine'].flatMap((name) => [
    `--${name}`,
    join(home, name),
  ]);
  const args = [CLI, 'keys', 'gate', ...folders, '--settle', '0.1', '--json', ...more];
  return spawn(process.execPath, args, { stdio: 'ignore' });
}

const hash = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');

describe('a gate that is killed', () => {
  it('C-11 releases each clean dump, once and whole, and no other, whenever it dies', async () => {
    for (const name of ['inbox', 'released', 'quarantine'])
      mkdirSync(join(home, name), { mode: 0o700 });
    const clean = new Set<string>();
    const dirty = new Set<string>();
    for (let at = 0; at < FILES; at += 1) {
      const noise = randomBytes(FILE_BYTES).toString('latin1').replaceAll('-', '+');
      const isDirty = at % 2 === 1;
      // At the end: a scan that was cut short has not seen it.
      const bytes = Buffer.from(isDirty ? noise + pem : noise, 'latin1');
      (isDirty ? dirty : clean).add(hash(bytes));
      writeFileSync(join(home, 'inbox', `${at}.core`), bytes);
    }
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = startGate();
      await sleep(300 + randomInt(400));
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const name of readdirSync(join(home, 'released')))
        assert.ok(clean.has(hash(readFileSync(join(home, 'released', name)))), name);
    }
    const last = startGate(['--once']);
    await once(last, 'exit');
    assert.equal(readdirSync(join(home, 'inbox')).length, 0);
    const hashesIn = (folder: string, pattern: RegExp): string[] =>
      readdirSync(join(home, folder))
        .filter((name) => pattern.test(name))
        .map((name) => hash(readFileSync(join(home, folder, name))));
    assert.deepEqual(hashesIn('released', /./).toSorted(), [...clean].toSorted());
    assert.deepEqual(hashesIn('quarantine', /\.core$/).toSorted(), [...dirty].toSorted());
  });

  it('forgets a decision that was not carried out, and finishes one that was', () => {
    const folders = Object.fromEntries(
      ['inbox', 'released', 'quarantine', 'work', 'outbox'].map((name) => {
        const path = join(home, 'by-hand', name);
        mkdirSync(path, { recursive: true });
        return [name, path];
      }),
    ) as Record<'inbox' | 'released' | 'quarantine' | 'work' | 'outbox', string>;
    const plan = (id: string, target: string, inode: string): void =>
      writeFileSync(
        join(folders.outbox, `${id}.planned`),
        JSON.stringify({ record: { id, outcome: 'released' }, target, inode }),
      );
    plan('not-done', join(folders.released, 'a'), '1');
    writeFileSync(join(folders.released, 'other'), 'somebody else’s');
    plan('not-mine', join(folders.released, 'other'), '1');
    writeFileSync(join(folders.outbox, 'half.planned'), '{"record":');
    finishPlaced({ ...folders, release: () => {} });
    assert.deepEqual(readdirSync(folders.outbox), []);
    assert.deepEqual(readdirSync(folders.released), ['other']);
  });
});
