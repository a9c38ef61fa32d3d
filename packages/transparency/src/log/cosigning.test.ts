import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  concatBytes,
  cosignatureMessage,
  createNoteKey,
  decodeBase64url,
  formatNote,
  type NoteKey,
  type NoteSignature,
  parseNote,
  parseVerifierKey,
  verifyCheckpoint,
} from '@countersign/verifier';
import { testEntries, testEntry } from '../testing/entries.ts';
import { diskError } from '../testing/faulty-disk.ts';
import { LogFolder, TEST_ORIGIN } from '../testing/log-folder.ts';
import type { OpenLogOptions } from './open-log.ts';
import type { TransparencyLog } from './transparency-log.ts';

const folders: LogFolder[] = [];
const newFolder = (): LogFolder => {
  const folder = new LogFolder();
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) folder.delete();
});

/** A witness without a memory, which is all that the log sees of one. */
class TestWitness {
  readonly #privateKey = generateKeyPairSync('ed25519').privateKey;
  readonly key: NoteKey;

  constructor(name: string) {
    const { x = '' } = this.#privateKey.export({ format: 'jwk' });
    this.key = createNoteKey(name, 'cosignature', decodeBase64url(x) as Uint8Array);
  }

  cosign(note: string, timeSeconds = 1_800_000_000): NoteSignature {
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, BigInt(timeSeconds));
    const message = cosignatureMessage(timeSeconds, parseNote(note).text);
    const blob = concatBytes(time, sign(null, message, this.#privateKey));
    return { name: this.key.name, id: this.key.id, blob };
  }

  lines(note: string, timeSeconds?: number): string {
    return linesOf([this.cosign(note, timeSeconds)]);
  }
}

const linesOf = (signatures: NoteSignature[]): string =>
  formatNote({ text: 'x\n', signatures }).slice(3);

const [one, two] = [new TestWitness('witness.example/1'), new TestWitness('witness.example/2')];

/** Which witnesses the shown checkpoint carries, by the verifier's own means. */
async function shown(folder: LogFolder, log: TransparencyLog) {
  const note = folder.disk.read('public/checkpoint') ?? assert.fail('nothing is shown');
  const key = parseVerifierKey(log.identity.keys.checkpoint);
  const { size, verified } = await verifyCheckpoint(note, TEST_ORIGIN, key, [one.key, two.key]);
  const names = verified.map((by) => by.key.name).filter((name) => name !== TEST_ORIGIN);
  return { size, names, times: verified.map((by) => by.timeSeconds).filter((time) => time) };
}

async function openWith(options: Partial<OpenLogOptions> = {}) {
  const folder = newFolder();
  const log = await folder.open({ cosignedWaitMs: 1000, ...options });
  const append = (count = 1): Promise<Uint8Array[]> =>
    log.appendMany(testEntries(log.durableSize, count, folder.clock.nowMs()));
  return { folder, log, append };
}

/** One turn of integration, as the log's own timer makes it. */
const turn = (log: TransparencyLog): Promise<void> => log.publishNow(true);

describe('a log that waits for cosignatures', () => {
  it('holds a new checkpoint back, and shows it with the first cosignatures', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    assert.equal((await shown(folder, log)).size, 0);
    const { sequence, note, size } = log.cosigning.head;
    assert.equal(size, 1);
    await log.cosigning.show(sequence, one.lines(note));
    assert.deepEqual(await shown(folder, log), {
      size: 1,
      names: ['witness.example/1'],
      times: [1_800_000_000],
    });
  });

  it('shows it without when none came in time', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    folder.clock.advanceMs(999);
    await turn(log);
    assert.equal((await shown(folder, log)).size, 0);
    folder.clock.advanceMs(1);
    await turn(log);
    assert.deepEqual(await shown(folder, log), { size: 1, names: [], times: [] });
  });

  it('does not wait longer because the clock was set back', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    folder.clock.advanceMs(-3_600_000);
    await turn(log);
    assert.equal((await shown(folder, log)).size, 1);
  });

  it('shows it by itself when the time is over', async () => {
    const folder = newFolder();
    const nowMs = () => 1_800_000_000_000 + Math.floor(performance.now());
    const clock = { nowMs } as LogFolder['clock'];
    const log = await folder.open({ clock, cosignedWaitMs: 30, integrateEveryMs: 20 });
    await log.append(testEntry(0, nowMs()));
    while ((await shown(folder, log)).size < 1) await new Promise(setImmediate);
  });

  it('answers appends all the while, and signs no second checkpoint over the first', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    const held = log.cosigning.head;
    for (let round = 0; round < 5; round += 1) {
      assert.equal((await append(10)).length, 10);
      await turn(log);
    }
    assert.equal(log.cosigning.head, held);
    await log.cosigning.show(held.sequence, one.lines(held.note));
    await turn(log);
    assert.equal(log.cosigning.head.size, 51);
    assert.equal((await shown(folder, log)).size, 1);
  });

  it('adds what comes later, renews what came before, and drops what is of an older checkpoint', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    const { sequence, note } = log.cosigning.head;
    await log.cosigning.show(sequence, one.lines(note));
    await log.cosigning.show(sequence, two.lines(note));
    await log.cosigning.show(sequence, one.lines(note, 1_800_000_040));
    assert.deepEqual(await shown(folder, log), {
      size: 1,
      names: ['witness.example/1', 'witness.example/2'],
      times: [1_800_000_040, 1_800_000_000],
    });
    await append();
    await turn(log);
    await log.cosigning.show(sequence, one.lines(note));
    assert.equal((await shown(folder, log)).size, 1);
    folder.clock.advanceMs(1000);
    await turn(log);
    assert.deepEqual(await shown(folder, log), { size: 2, names: [], times: [] });
  });

  it('repeats an idle checkpoint with its cosignatures, also after a restart', async () => {
    const { folder, log, append } = await openWith({ idleRepublishMs: 5000 });
    await append();
    await turn(log);
    await log.cosigning.show(log.cosigning.head.sequence, one.lines(log.cosigning.head.note));
    folder.clock.advanceMs(5000);
    await turn(log);
    assert.deepEqual((await shown(folder, log)).names, ['witness.example/1']);
    folder.crash();
    const again = await folder.open({ cosignedWaitMs: 1000 });
    assert.deepEqual((await shown(folder, again)).names, ['witness.example/1']);
  });

  it('shows what it has when it is closed', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    await log.close();
    assert.equal((await shown(folder, log)).size, 1);
  });

  it('refuses lines that are none, and any in its own name, which would spoil the note', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    const { sequence, note } = log.cosigning.head;
    const own = parseNote(note).signatures;
    const strangers = Array.from({ length: 65 }, (_, at) => ({
      ...one.cosign(note),
      name: `witness.example/stranger-${at}`,
    }));
    const bad = [
      '',
      'nonsense\n',
      one.lines(note).trimEnd(),
      `\n${one.lines(note)}`,
      `${one.lines(note)}\n`,
      ...own.map((signature) => linesOf([{ ...signature, blob: new Uint8Array(64) }])),
      linesOf(strangers),
      linesOf([{ ...one.cosign(note), blob: new Uint8Array(2_429) }]),
    ];
    for (const lines of bad) {
      await assert.rejects(log.cosigning.show(sequence, lines), { code: 'request_malformed' });
    }
    assert.equal((await shown(folder, log)).size, 0);
    await log.cosigning.show(sequence, one.lines(note));
    assert.deepEqual((await shown(folder, log)).names, ['witness.example/1']);
  });

  it('waits out a full disk, and stops at any other failure', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await turn(log);
    const { sequence, note } = log.cosigning.head;
    folder.disk.fault = ({ kind }) =>
      kind === 'replace' ? { error: diskError('ENOSPC') } : undefined;
    await log.cosigning.show(sequence, one.lines(note));
    assert.equal(log.status().waitsForRoom, true);
    folder.disk.fault = () => undefined;
    folder.clock.advanceMs(1000);
    await turn(log);
    assert.deepEqual((await shown(folder, log)).names, ['witness.example/1']);
    folder.disk.fault = ({ kind }) =>
      kind === 'replace' ? { error: diskError('EIO') } : undefined;
    await assert.rejects(log.cosigning.show(sequence, two.lines(note)), { code: 'log_stopped' });
    assert.equal(folder.fatal.length, 1);
    await assert.rejects(log.cosigning.show(sequence, two.lines(note)), { code: 'log_stopped' });
  });
});

describe('a log compared with what a witness holds', () => {
  it('goes on when it is ahead, level, or both are empty', async () => {
    const { folder, log, append } = await openWith();
    const seen = [log.cosigning.head.note];
    for (const count of [1, 254, 1, 1, 300]) {
      await append(count);
      await log.publishNow();
      seen.push(log.cosigning.head.note);
    }
    for (const note of seen) await log.cosigning.check(note);
    assert.equal((await append()).length, 1);
    assert.deepEqual(folder.fatal, []);
  });

  it('stops when the witness has seen more of it, stays stopped, and goes on once restored', async () => {
    const { folder, log, append } = await openWith();
    await append(20);
    await log.publishNow();
    await log.close();
    const backup = newFolder();
    cpSync(folder.path, backup.path, { recursive: true });
    rmSync(join(backup.path, 'lock'));

    const going = await folder.open();
    await going.append(testEntry(20, folder.clock.nowMs()));
    await going.publishNow();
    const held = going.cosigning.head.note;
    await going.close();

    const restored = await backup.open();
    await assert.rejects(restored.cosigning.check(held), { code: 'rollback', message: /21/ });
    await assert.rejects(restored.append(testEntry(20, backup.clock.nowMs())), {
      code: 'log_stopped',
    });
    await new Promise(setImmediate);
    assert.equal(backup.fatal.length, 1);
    backup.crash();
    await assert.rejects(backup.open(), { code: 'rollback' });

    // The true copy over the false one: what stopped the log is now among what it remembers.
    cpSync(folder.path, backup.path, { recursive: true });
    assert.equal((await backup.open()).durableSize, 21);
    assert.equal(backup.disk.read('witnessed'), undefined);
  });

  it('says why it stopped, and is not started again, when it cannot remember it', async () => {
    const { folder, log, append } = await openWith();
    await append(2);
    await log.publishNow();
    await log.close();
    const backup = newFolder();
    cpSync(folder.path, backup.path, { recursive: true });
    rmSync(join(backup.path, 'lock'));
    const going = await folder.open();
    await going.append(testEntry(2, folder.clock.nowMs()));
    await going.publishNow();
    const held = going.cosigning.head.note;

    const restored = await backup.open();
    for (const code of ['ENOSPC', 'EIO']) {
      backup.disk.fault = ({ path }) =>
        path === 'witnessed' ? { error: diskError(code) } : undefined;
      await assert.rejects(restored.cosigning.check(held), {
        code: 'rollback',
        message: /written down/,
      });
      await assert.rejects(restored.append(testEntry(2, backup.clock.nowMs())), {
        code: 'log_stopped',
      });
      await new Promise(setImmediate);
      assert.deepEqual(backup.fatal, [], 'a new process would go on where this one had to stop');
    }
    backup.disk.fault = () => undefined;
    await assert.rejects(restored.cosigning.check(held), { code: 'rollback' });
    await new Promise(setImmediate);
    assert.equal(backup.fatal.length, 1);
    backup.crash();
    await assert.rejects(backup.open(), { code: 'rollback' });
  });

  it('stops when the witness holds another history, of this size or an older one', async () => {
    for (const more of [0, 40]) {
      const { folder, log, append } = await openWith();
      await append(20);
      await log.publishNow();
      await log.close();
      const other = newFolder();
      cpSync(folder.path, other.path, { recursive: true });
      rmSync(join(other.path, 'lock'));
      const fork = await other.open();
      await fork.append(testEntry(999, other.clock.nowMs()));
      await fork.publishNow();
      const held = fork.cosigning.head.note;

      const going = await folder.open();
      await going.appendMany(testEntries(20, 1 + more, folder.clock.nowMs()));
      await going.publishNow();
      await assert.rejects(going.cosigning.check(held), { code: 'log_forked' });
      folder.crash();
      await assert.rejects(folder.open(), { code: 'log_forked' });
    }
  });

  it('does not believe a checkpoint that it did not sign', async () => {
    const { folder, log, append } = await openWith();
    await append();
    await log.publishNow();
    const { log: stranger } = await openWith();
    await stranger.appendMany(testEntries(0, 50, folder.clock.nowMs()));
    await stranger.publishNow();
    const { note } = stranger.cosigning.head;
    const { text } = parseNote(note);
    const garbage = formatNote({ text, signatures: [one.cosign(note)] });
    const own = parseNote(log.cosigning.head.note).signatures;
    for (const lie of ['', 'x', note, garbage, formatNote({ text, signatures: own })]) {
      await assert.rejects(log.cosigning.check(lie), { name: 'FormatError' });
    }
    assert.deepEqual(folder.fatal, []);
    assert.equal((await append()).length, 1);
  });

  it('does not open over a damaged memory of what stopped it', async () => {
    const { folder, log } = await openWith();
    await log.close();
    await folder.disk.replace('witnessed', Buffer.from('damaged'));
    await assert.rejects(folder.open(), { code: 'head_corrupt' });
  });
});
