// `countersign keys gate` before those who would like to get a key past it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { serveAnswers } from '../../testing/serve-answers.ts';
import type { GateRecord } from './gate-record.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string;
const secretLine = pem.split('\n')[1] ?? '';
const FOLDERS = ['inbox', 'released', 'quarantine'] as const;

let home = '';
const trash: string[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keys-gate-'));
  trash.push(home);
  for (const name of FOLDERS) mkdirSync(join(home, name), { mode: 0o700 });
});
after(() => {
  for (const folder of trash) rmSync(folder, { recursive: true, force: true });
});

const path = (...names: string[]): string => join(home, ...names);
const drop = (name: string, content: string | Uint8Array): void =>
  writeFileSync(path('inbox', name), content);
const inQuarantine = (): string[] =>
  readdirSync(path('quarantine')).filter((name) => !/^\.gate$|\.report\.json$/.test(name));

async function gate(...more: string[]): Promise<{ run: CliRun; records: GateRecord[] }> {
  const named = FOLDERS.flatMap((name) => [`--${name}`, name]);
  const args = ['keys', 'gate', ...named, '--settle', '0.2', '--json', ...more];
  if (!more.includes('--endless')) args.push('--once');
  const run = await runCli(args, { workingFolder: home });
  const lines = run.out.split('\n').filter((line) => line !== '');
  const parsed = lines.map((line) => JSON.parse(line) as GateRecord);
  return { run, records: parsed.filter(({ format }) => format === 'countersign/gate-record/v1') };
}

describe('the gate (C-11)', () => {
  afterEach(() => {
    // Whatever a test did: nothing among the released holds the key.
    for (const name of readdirSync(path('released')))
      assert.ok(!readFileSync(path('released', name), 'latin1').includes(secretLine), name);
  });

  it('releases what is clean, whole and under its name', async () => {
    drop('app.log', 'nothing to see\n');
    const { run, records } = await gate();
    assert.equal(run.exitCode, 0, run.out + run.err);
    assert.equal(readFileSync(path('released/app.log'), 'utf8'), 'nothing to see\n');
    assert.equal(statSync(path('released/app.log')).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(path('inbox')), []);
    const [record] = records;
    assert.equal(record?.outcome, 'released');
    assert.equal(record?.sha256, createHash('sha256').update('nothing to see\n').digest('hex'));
  });

  it('puts what holds a key into quarantine, with a report that does not', async () => {
    drop('packed.gz', gzipSync(`text ${pem}`));
    const { run, records } = await gate();
    assert.equal(run.exitCode, 1);
    assert.equal(records[0]?.reason, 'private_key');
    const [held = ''] = inQuarantine();
    assert.match(held, /^[0-9a-f]{12}-packed\.gz$/);
    assert.equal(statSync(path('quarantine', held)).mode & 0o777, 0o600);
    const report = readFileSync(path('quarantine', `${held}.report.json`), 'utf8');
    const { finds } = JSON.parse(report) as { finds: { kind: string; container: string[] }[] };
    assert.deepEqual(
      finds.map(({ kind, container }) => [kind, container]),
      [['pem', ['gzip']]],
    );
    assert.ok(!(report + run.out).includes(secretLine.slice(0, 16)));
    assert.deepEqual(readdirSync(path('released')), []);
  });

  it('blocks what it cannot read to its end', async () => {
    drop('cut.gz', gzipSync('nothing to see').subarray(0, -4));
    drop('locked.7z', Buffer.from('377abcaf271c000400000000', 'hex'));
    const { records } = await gate();
    assert.deepEqual(
      records.map(({ reason }) => reason),
      ['unreadable', 'unreadable'],
    );
    assert.deepEqual(readdirSync(path('released')), []);
  });

  it('never opens a link, a pipe, a folder or a second name, and takes them away', async () => {
    writeFileSync(path('secret.pem'), pem);
    symlinkSync(path('secret.pem'), path('inbox/link.log'));
    linkSync(path('secret.pem'), path('inbox/second.log'));
    execFileSync('mkfifo', [path('inbox/pipe.log')]);
    mkdirSync(path('inbox/folder.log'));
    const { run, records } = await gate();
    assert.deepEqual(records.map(({ name, reason }) => [name, reason]).toSorted(), [
      ['folder.log', 'not_a_file'],
      ['link.log', 'not_a_file'],
      ['pipe.log', 'not_a_file'],
      ['second.log', 'linked'],
    ]);
    assert.equal(run.exitCode, 1);
    assert.deepEqual(readdirSync(path('inbox')), []);
    assert.equal(inQuarantine().length, 4);
    assert.equal(readFileSync(path('secret.pem'), 'utf8'), pem);
    assert.equal(statSync(path('secret.pem')).mode & 0o777, 0o644);
  });

  it('gives nothing to a writer who kept the file open and writes the key after the scan', async () => {
    const writer = openSync(path('inbox/open.log'), 'w');
    writeSync(writer, 'x'.repeat(1000));
    const { records } = await gate();
    assert.equal(records[0]?.outcome, 'released');
    writeSync(writer, pem, 0);
    closeSync(writer);
    assert.equal(readFileSync(path('released/open.log'), 'utf8'), 'x'.repeat(1000));
  });

  it('waits for a file that still grows, and for one that is written under a dotted name', async () => {
    drop('.whole.log', 'half');
    let grows = true;
    const growing = (async () => {
      for (; grows; await sleep(20)) appendFileSync(path('inbox/growing.log'), 'more\n');
    })();
    await sleep(50);
    const stopping = Promise.withResolvers<void>();
    const named = FOLDERS.flatMap((name) => [`--${name}`, name]);
    const args = ['keys', 'gate', ...named, '--settle', '0.3', '--json'];
    const running = runCli(args, { workingFolder: home, stopped: stopping.promise });
    await sleep(1200);
    assert.deepEqual(readdirSync(path('released')), []);
    grows = false;
    await growing;
    const whole = readFileSync(path('inbox/growing.log'), 'utf8');
    appendFileSync(path('inbox/.whole.log'), ' and half');
    renameSync(path('inbox/.whole.log'), path('inbox/whole.log'));
    while (readdirSync(path('released')).length < 2) await sleep(20);
    stopping.resolve();
    assert.equal((await running).exitCode, 0);
    assert.equal(readFileSync(path('released/growing.log'), 'utf8'), whole);
    assert.equal(readFileSync(path('released/whole.log'), 'utf8'), 'half and half');
  });

  it('writes over nothing that was released before', async () => {
    for (const content of ['first', 'second', 'third']) {
      drop('app.log', content);
      await gate();
    }
    const files = ['app.log', 'app.log.2', 'app.log.3'];
    assert.deepEqual(readdirSync(path('released')).toSorted(), files);
    assert.deepEqual(
      files.map((name) => readFileSync(path('released', name), 'utf8')),
      ['first', 'second', 'third'],
    );
  });

  it('takes names for what they are: bytes that somebody chose', async () => {
    const der = key.export({ type: 'pkcs8', format: 'der' }).toString('base64url');
    drop(`${der}.log`, 'clean');
    drop('$(reboot);\u202e\n.log', 'clean');
    drop('-rf', 'clean');
    writeFileSync(Buffer.concat([Buffer.from(path('inbox/')), Buffer.from([0xff, 0xfe])]), 'clean');
    const { run, records } = await gate();
    assert.deepEqual(records.map(({ name, outcome }) => [name, outcome]).toSorted(), [
      ['$(reboot);__.log', 'released'],
      ['(withheld)', 'blocked'],
      ['-rf', 'released'],
      ['__', 'released'],
    ]);
    assert.deepEqual(readdirSync(path('released')).toSorted(), ['__', '__reboot____.log', '_rf']);
    assert.deepEqual(readdirSync(path('inbox')), []);
    const told = run.out + readdirSync(path('quarantine')).join();
    assert.ok(!told.includes(der.slice(0, 40)));
  });

  it('releases a copy with zeros with --redact, and keeps the whole one', async () => {
    drop('app.log', `before\n${pem}after\n`);
    drop('packed.gz', gzipSync(pem));
    const { records } = await gate('--redact');
    assert.deepEqual(
      records.map(({ name, outcome, redacted }) => `${name} ${outcome} ${redacted}`).toSorted(),
      ['app.log blocked false', 'app.log released true', 'packed.gz blocked false'],
    );
    const copy = readFileSync(path('released/app.log'), 'latin1');
    assert.equal(copy, `before\n${'\0'.repeat(pem.length - 1)}\nafter\n`);
    assert.equal(inQuarantine().length, 2);
  });

  it('lets nothing pass while it cannot read what to look for', async () => {
    drop('app.log', 'clean');
    const { run } = await gate('--fingerprints', 'gone.json');
    assert.equal(run.exitCode, 2);
    assert.ok(existsSync(path('inbox/app.log')));
    assert.deepEqual(readdirSync(path('released')), []);
  });

  it('refuses folders in each other, and a quarantine that others may enter', async () => {
    const run = (quarantine: string) =>
      runCli(
        ['keys', 'gate', '--inbox', 'inbox', '--released', 'released', '--quarantine', quarantine],
        { workingFolder: home },
      );
    assert.equal((await run('inbox/held')).exitCode, 2);
    assert.equal((await run('inbox')).exitCode, 2);
    mkdirSync(path('open'));
    execFileSync('chmod', ['755', path('open')]);
    assert.equal((await run('open')).exitCode, 2);
  });

  it('keeps records while the server is away, and brings them when it is back', async () => {
    writeFileSync(path('token'), 'operator-token-for-this-test');
    drop('one.log', 'clean');
    const away = ['--server', 'http://127.0.0.1:9', '--token-file', 'token'];
    const first = await gate(...away);
    assert.match(first.run.err, /a record was not taken/);
    assert.equal(first.run.out.match(/"undelivered":1/g)?.length, 1);
    const server = await serveAnswers({ '/api/v1/dumps': { body: '{}' } });
    drop('two.log', pem);
    const { run } = await gate('--server', server.url, '--token-file', 'token', '--zone', 'cells');
    server.close();
    assert.match(run.out, /"undelivered":0/);
    assert.equal(server.requests.length, 2);
    assert.ok(
      server.requests.every(
        ({ headers }) => headers.authorization === 'Bearer operator-token-for-this-test',
      ),
    );
    assert.deepEqual(readdirSync(path('quarantine/.gate/outbox')), []);
  });
});
