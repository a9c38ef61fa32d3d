import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { parseNote, parseVerifierKey, verifyCheckpoint, verifyNote } from '@countersign/verifier';
import { readHead } from '../log/head-file.ts';
import { digestOf, testEntries } from '../testing/entries.ts';
import { LogFolder, receiptIndex, TEST_ORIGIN, TEST_PASSPHRASE } from '../testing/log-folder.ts';
import { logKeyPath } from './log-identity.ts';
import { openLogKeyFile } from './log-key-file.ts';

const folders: LogFolder[] = [];
const newFolder = (): LogFolder => {
  const folder = new LogFolder();
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) folder.delete();
});

/** Lays out a log of 300 entries as the first version of this room wrote it, byte for byte. */
function layOutFirstVersion(folder: LogFolder): void {
  const path = join(import.meta.dirname, '../testing/first-layout.json');
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: Record<string, string> };
  for (const [name, packed] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), inflateRawSync(Buffer.from(packed, 'base64')));
  }
}

describe('the ML-DSA-44 key of a log', () => {
  it('signs every checkpoint beside Ed25519, the first included', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const { checkpoint, checkpointMlDsa44 } = log.identity.keys;
    const keys = [checkpoint, checkpointMlDsa44 ?? assert.fail()].map(parseVerifierKey);
    assert.deepEqual(
      keys.map(({ name, purpose }) => [name, purpose]),
      [
        [TEST_ORIGIN, 'ed25519'],
        [TEST_ORIGIN, 'mldsa44'],
      ],
    );
    for (const size of [0, 5]) {
      await log.appendMany(testEntries(0, size, folder.clock.nowMs()));
      await log.publishNow();
      const note = folder.disk.read('public/checkpoint') ?? assert.fail();
      const { verified } = await verifyNote(note, keys);
      assert.deepEqual(
        verified.map(({ key, timeSeconds }) => [key.purpose, timeSeconds]),
        [
          ['ed25519', undefined],
          ['mldsa44', undefined],
        ],
      );
      for (const key of keys) await verifyNote(note, [key]);
      const [, second = assert.fail()] = parseNote(note).signatures;
      assert.equal(second.blob.length, 8 + 2420);
    }
  });

  it('opens from its file to the same key, sealed like the others', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const bytes = folder.disk.read(logKeyPath('checkpointMlDsa44')) ?? assert.fail();
    const key = openLogKeyFile(bytes, TEST_PASSPHRASE);
    assert.equal(key.verifierKey, log.identity.keys.checkpointMlDsa44);
    assert.equal(key.privateKey.asymmetricKeyType, 'ml-dsa-44');
    assert.ok(bytes.length < 4096, 'a seed, not the expanded key');
    await log.close();
    const again = await folder.open();
    await again.appendMany(testEntries(0, 1, folder.clock.nowMs()));
    await again.publishNow();
    const note = folder.disk.read('public/checkpoint') ?? assert.fail();
    await verifyNote(note, [key.note]);
  });

  it('cannot be lost or replaced once the log names it', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    const path = join(folder.path, logKeyPath('checkpointMlDsa44'));
    writeFileSync(path, folder.disk.read(logKeyPath('checkpoint')) ?? assert.fail());
    await assert.rejects(folder.open(), { code: 'key_unreadable' });
    folder.disk.remove(logKeyPath('checkpointMlDsa44'));
    await assert.rejects(folder.open(), { code: 'key_unreadable' });
    const identity = JSON.parse(String(folder.disk.read('log.json')));
    identity.keys.checkpointMlDsa44 = 4;
    writeFileSync(join(folder.path, 'log.json'), JSON.stringify(identity));
    await assert.rejects(folder.open(), { code: 'log_half_made' });
  });

  it('leaves room in the head for the longest name', async () => {
    const folder = newFolder();
    const origin = `${'a'.repeat(242)}/log.log`;
    assert.equal(origin.length, 250);
    const log = await folder.open({ origin });
    await log.appendMany(testEntries(0, 3, folder.clock.nowMs()));
    await log.publishNow();
    assert.equal(readHead(folder.disk).size, 3);
    await log.close();
    await (await folder.open({ origin })).close();
  });
});

describe('a log that the first version made', () => {
  it('opens without migration: same keys, same entries, nothing lost', async () => {
    const folder = newFolder();
    layOutFirstVersion(folder);
    const before = folder.disk.read('log.json');
    const log = await folder.open({ make: false });
    assert.equal(log.identity.keys.checkpointMlDsa44, undefined);
    assert.equal(log.durableSize, 300);
    const entries = testEntries(0, 300, folder.clock.nowMs());
    assert.equal(digestOf(await log.readEntries(0, 4096)), digestOf(entries));
    assert.deepEqual(folder.disk.read('log.json'), before);
  });

  it('goes on, and its checkpoints are signed by Ed25519 alone', async () => {
    const folder = newFolder();
    layOutFirstVersion(folder);
    const log = await folder.open({ make: false });
    const entries = testEntries(300, 40, folder.clock.nowMs());
    const receipts = await log.appendMany(entries);
    assert.equal(receiptIndex(log, entries[39] ?? assert.fail(), receipts[39] as Uint8Array), 339);
    await log.publishNow();
    const note = folder.disk.read('public/checkpoint') ?? assert.fail();
    assert.equal(parseNote(note).signatures.length, 1);
    const key = parseVerifierKey(log.identity.keys.checkpoint);
    assert.equal((await verifyCheckpoint(note, TEST_ORIGIN, key)).size, 340);
    await log.close();
    assert.equal((await folder.open({ make: false })).durableSize, 340);
  });
});
