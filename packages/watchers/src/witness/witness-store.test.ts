import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parseCheckpoint } from '@countersign/verifier';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import { verifyForkEvidence } from '../evidence/fork-evidence.ts';
import { makeKeyPair, TinyLog } from '../testing/tiny-log.ts';
import { post, requestBody, TestFolder, textOf } from '../testing/witness-folder.ts';
import { hashOrigin } from './hash-origin.ts';
import { openWitness, type WitnessOptions } from './open-witness.ts';

const folders: TestFolder[] = [];
after(() => {
  for (const folder of folders) folder.delete();
});
function newFolder(): string {
  const folder = new TestFolder();
  folders.push(folder);
  return folder.path;
}

const make = { name: 'witness.example/w1' };
const open = (folder: string, log: TinyLog, more: Partial<WitnessOptions> = {}) =>
  openWitness({ folder, logs: [log.key], ...more });

describe('the store of a witness', () => {
  it('keeps name, keys and what was cosigned', async () => {
    const folder = newFolder();
    const log = new TinyLog().grow(9);
    const first = await open(folder, log, { make });
    const { keys } = first;
    await post(first, requestBody(log, 0, 9));
    await first.close();
    const again = await open(folder, log);
    assert.deepEqual(again.keys, keys);
    assert.deepEqual(again.logs, [{ origin: log.origin, size: 9 }]);
    await again.close();
    for (const name of ['keys.json', 'witness.json', `logs/${hashOrigin(log.origin)}`]) {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    }
  });

  it('is not made by mistake, nor over anything, nor for two at once', async () => {
    const log = new TinyLog();
    const folder = newFolder();
    await assert.rejects(open(folder, log), { code: 'witness_missing' });
    await assert.rejects(open(join(folder, 'none'), log), { code: 'witness_missing' });
    await assert.rejects(open(folder, log, { make: { name: 'two words' } }), {
      code: 'name_malformed',
    });
    const witness = await open(folder, log, { make });
    await assert.rejects(open(folder, log), { code: 'folder_locked' });
    await witness.close();
    const filled = newFolder();
    writeFileSync(join(filled, 'notes.txt'), 'mine');
    await assert.rejects(open(filled, log, { make }), { code: 'folder_not_empty' });
    const receipts = { ...log.key, purpose: 'receipt' as const };
    await assert.rejects(openWitness({ folder, logs: [receipts] }), { code: 'log_key_unfit' });
    await assert.rejects(
      openWitness({ folder, logs: [makeKeyPair('w.example', 'cosignature').key] }),
      { code: 'log_key_unfit' },
    );
  });

  it('refuses to start without what it cosigned, or with something else in its place', async () => {
    const log = new TinyLog().grow(4);
    const other = new TinyLog('other.example/log').grow(4);
    const folder = newFolder();
    const witness = await openWitness({ folder, logs: [log.key, other.key], make });
    await post(witness, requestBody(log, 0, 4));
    await post(witness, requestBody(other, 0, 4));
    await witness.close();
    const path = join(folder, 'logs', hashOrigin(log.origin));
    const good = readFileSync(path, 'utf8');
    const ofOther = readFileSync(join(folder, 'logs', hashOrigin(other.origin)));
    for (const bytes of ['', good.slice(0, -30), good.replace('\n4\n', '\n3\n'), ofOther]) {
      writeFileSync(path, bytes);
      await assert.rejects(open(folder, log), { code: 'state_corrupt' });
    }
    rmSync(path);
    await assert.rejects(open(folder, log), { code: 'state_missing' });
    writeFileSync(path, good);
    for (const [name, text] of [
      ['witness.json', '{'],
      ['witness.json', '[]'],
      ['witness.json', '{"format":"countersign/witness/v2"}'],
    ] as const) {
      const sound = readFileSync(join(folder, name));
      writeFileSync(join(folder, name), text);
      await assert.rejects(open(folder, log), { code: 'state_corrupt' });
      writeFileSync(join(folder, name), sound);
    }
    const again = await openWitness({ folder, logs: [log.key, other.key] });
    assert.deepEqual(
      again.logs.map(({ size }) => size),
      [4, 4],
    );
    await again.close();
  });

  it('forgets nothing when a list of its logs was put back that lacks one', async () => {
    const log = new TinyLog().grow(9);
    const folder = newFolder();
    const witness = await open(folder, log, { make });
    await post(witness, requestBody(log, 0, 4));
    await witness.close();
    const path = join(folder, 'witness.json');
    const identity = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...identity, logs: [] }));
    const again = await open(folder, log);
    assert.deepEqual(again.logs, [{ origin: log.origin, size: 4 }]);
    assert.equal((await post(again, requestBody(log, 0, 4))).status, 409);
    await again.close();
  });

  it('keeps the proof against one log, however many another gave it', async () => {
    const log = new TinyLog().grow(7);
    const noisy = new TinyLog('noisy.example/log').grow(7);
    const folder = newFolder();
    const forks: string[] = [];
    const onFork = (origin: string) => forks.push(origin);
    const witness = await openWitness({ folder, logs: [log.key, noisy.key], make, onFork });
    for (const each of [log, noisy]) await post(witness, requestBody(each, 0, 7));
    const lie = noisy.fork(3).grow(4, 'other');
    for (let count = 0; count < 80; count += 1) {
      const blob = Uint8Array.of(count);
      lie.cosign = () => [{ name: 'grease', id: Uint8Array.of(1, 2, 3, 4), blob }];
      assert.equal((await post(witness, requestBody(lie, 7, 7))).status, 422);
    }
    assert.equal(forks.length, 64);
    await post(witness, requestBody(log.fork(3).grow(4, 'other'), 7, 7));
    assert.equal(forks.at(-1), log.origin);
    await witness.close();
  });

  it('seals the keys when there is a passphrase, and opens them by no other', async () => {
    const log = new TinyLog();
    const folder = newFolder();
    const passphrase = Buffer.from('sixteen bytes or more');
    const witness = await open(folder, log, { make, passphrase });
    await witness.close();
    await (await open(folder, log, { passphrase })).close();
    const file = readFileSync(join(folder, 'keys.json'), 'utf8');
    assert.ok(file.includes('argon2id'));
    const damaged = file.replace(/"bytes": "..../, '"bytes": "AAAA');
    for (const [text, given] of [
      [file, undefined],
      [file, Buffer.from('another one of sixteen')],
      [file, Buffer.from('short')],
      [damaged, passphrase],
      ['{}', passphrase],
      ['null', passphrase],
    ] as const) {
      writeFileSync(join(folder, 'keys.json'), text);
      const more = given === undefined ? {} : { passphrase: given };
      await assert.rejects(open(folder, log, more), { code: 'key_unreadable' });
    }
    const stranger = newFolder();
    await (await open(stranger, log, { make, passphrase })).close();
    writeFileSync(join(folder, 'keys.json'), readFileSync(join(stranger, 'keys.json')));
    await assert.rejects(open(folder, log, { passphrase }), { code: 'key_unreadable' });
  });

  it('is not rolled back by a smaller checkpoint that was asked for at the same time', async () => {
    const log = new TinyLog().grow(64);
    const witness = await open(newFolder(), log, { make });
    await post(witness, requestBody(log, 0, 8));
    const sizes = Array.from({ length: 56 }, (_, at) => 9 + ((at * 37) % 56));
    const answers = await Promise.all(
      sizes.map((size) => post(witness, requestBody(log, 8, size))),
    );
    const signed = answers.filter(({ status }) => status === 200);
    assert.equal(signed.length, 1);
    assert.ok(answers.every(({ status }) => status === 200 || status === 409));
    const [winner = 0] = sizes.filter((_, at) => answers[at]?.status === 200);
    assert.equal(witness.logs[0]?.size, winner);
    await witness.close();
  });

  it('signs and stores once a second, however often a stranger shows it what it has cosigned', async () => {
    const log = new TinyLog().grow(5);
    const folder = newFolder();
    const clock = new ManualClock();
    const witness = await open(folder, log, { make, clock });
    const first = textOf(await post(witness, requestBody(log, 0, 5)));
    const path = join(folder, 'logs', hashOrigin(log.origin));
    const { ino } = statSync(path);
    for (const answer of await Promise.all(
      Array.from({ length: 20 }, () => post(witness, requestBody(log, 5, 5))),
    )) {
      assert.deepEqual([answer.status, textOf(answer)], [200, first]);
    }
    assert.equal(statSync(path).ino, ino);
    clock.advanceMs(1000);
    assert.notEqual(textOf(await post(witness, requestBody(log, 5, 5))), first);
    assert.notEqual(statSync(path).ino, ino);
    await witness.close();
  });

  it('never states a second before one that it stated', async () => {
    const log = new TinyLog().grow(3);
    const folder = newFolder();
    const clock = new ManualClock();
    const witness = await open(folder, log, { make, clock });
    await post(witness, requestBody(log, 0, 1));
    clock.advanceMs(-5_000);
    assert.equal((await post(witness, requestBody(log, 1, 2))).status, 200);
    clock.advanceMs(-3_600_000);
    const answer = await post(witness, requestBody(log, 2, 3));
    assert.equal(answer.status, 503);
    assert.match(textOf(answer), /^clock_behind:/);
    await witness.close();
    await assert.rejects(open(folder, log, { clock }), { code: 'clock_behind' });
  });

  it('keeps the proof when a log shows it two roots of one size', async () => {
    const log = new TinyLog().grow(7);
    const folder = newFolder();
    const forks: string[] = [];
    const onFork = (origin: string, file: string) => forks.push(origin, file);
    const witness = await open(folder, log, { make, onFork });
    await post(witness, requestBody(log, 0, 7));
    const other = log.fork(3).grow(4, 'other');
    assert.equal((await post(witness, requestBody(other, 7, 7))).status, 422);
    assert.equal(forks[0], log.origin);
    const text = readFileSync(join(folder, forks[1] ?? assert.fail()), 'utf8');
    const proven = await verifyForkEvidence(text, log.key);
    assert.deepEqual([proven.first.root, proven.second.root], [log.root(), other.root()]);
    await witness.close();
  });

  it('signs nothing more once a write has failed', async () => {
    const log = new TinyLog().grow(3);
    const folder = newFolder();
    const faults: unknown[] = [];
    const onStopped = (error: unknown) => faults.push(error);
    const witness = await open(folder, log, { make, onStopped });
    await post(witness, requestBody(log, 0, 1));
    const logs = join(folder, 'logs');
    rmSync(logs, { recursive: true });
    writeFileSync(logs, 'in the way');
    for (const size of [2, 3]) {
      const answer = await post(witness, requestBody(log, 1, size));
      assert.equal(answer.status, 500);
      assert.match(textOf(answer), /^witness_stopped:/);
    }
    assert.equal(faults.length, 1);
    await witness.close();
  });
});

describe('a witness that has stopped signing', () => {
  it('signs not even what was asked before', async () => {
    const log = new TinyLog().grow(9);
    const folder = newFolder();
    const obstacle = join(folder, 'logs', `${hashOrigin(log.origin)}.unfinished`);
    let asked = -Infinity;
    // The disk is well again as soon as the second request has its turn.
    const nowMs = (): number => {
      asked += 1;
      if (asked === 2) rmSync(obstacle, { recursive: true });
      return 1_800_000_000_000;
    };
    const witness = await open(folder, log, { make, clock: { nowMs } });
    await post(witness, requestBody(log, 0, 1));
    mkdirSync(obstacle);
    asked = 0;
    const answers = await Promise.all(
      [2, 3].map((size) => post(witness, requestBody(log, 1, size))),
    );
    for (const answer of answers) assert.match(textOf(answer), /^witness_stopped:/);
    assert.equal(witness.logs[0]?.size, 1);
    await witness.close();
  });

  it('leaves its folder to the next one, also when something was just asked', async () => {
    const log = new TinyLog().grow(9);
    const folder = newFolder();
    const first = await open(folder, log, { make });
    const late = Array.from({ length: 8 }, () => post(first, requestBody(log, 0, 4)));
    await first.close();
    const held = readFileSync(join(folder, 'logs', hashOrigin(log.origin)), 'utf8');
    await Promise.all(late);
    assert.equal(readFileSync(join(folder, 'logs', hashOrigin(log.origin)), 'utf8'), held);
  });
});

describe('a witness that is killed', () => {
  it('still holds all that it acknowledged, again and again', { timeout: 120_000 }, async () => {
    const log = new TinyLog().grow(4_000);
    const folder = newFolder();
    const random = seededRandom(20_261_121);
    let acknowledged = 0;
    for (let round = 0; round < 4; round += 1) {
      const { child, port } = await startProcess(folder, log);
      const dies = once(child, 'exit');
      const patienceMs = 50 + (random.bytes(1)[0] ?? 0);
      setTimeout(() => child.kill('SIGKILL'), patienceMs);
      acknowledged = await feed(log, port, acknowledged);
      await dies;
      const witness = await open(folder, log);
      const held = witness.logs[0]?.size ?? 0;
      assert.ok(held >= acknowledged, `holds ${held}, acknowledged ${acknowledged}`);
      assert.ok(held <= acknowledged + 1);
      const note = witness.latest(hashOrigin(log.origin));
      if (note !== undefined) {
        assert.deepEqual(parseCheckpoint(`${note.split('\n\n')[0]}\n`).root, log.root(held));
      }
      acknowledged = held;
      await witness.close();
    }
    assert.ok(acknowledged > 0, 'nothing was ever acknowledged');
  });
});

async function startProcess(
  folder: string,
  log: TinyLog,
): Promise<{ child: ChildProcess; port: number }> {
  const script = join(import.meta.dirname, '../testing/witness-process.ts');
  const child = spawn(process.execPath, [script, folder, log.vkey], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
  return { child, port: Number(String(line)) };
}

/** Adds leaf after leaf until the witness is gone; the size of the last answer it gave. */
async function feed(log: TinyLog, port: number, from: number): Promise<number> {
  let size = from;
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/add-checkpoint`, {
        method: 'POST',
        body: requestBody(log, size, size + 1),
      });
      assert.equal(answer.status, 200, await answer.clone().text());
      await answer.arrayBuffer();
      size += 1;
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return size;
  }
}
