import assert from 'node:assert/strict';
import { createPublicKey, sign, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { LogFolder, TEST_ORIGIN, TEST_PASSPHRASE } from '../testing/log-folder.ts';
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

describe('the identity of a log', () => {
  it('is made once and stays: origin, four different keys', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const { keys } = log.identity;
    assert.equal(new Set(Object.values(keys)).size, 4);
    assert.ok(keys.feed.startsWith(`${TEST_ORIGIN}/feed+`));
    await log.close();
    const again = await folder.open();
    assert.deepEqual(again.identity.keys, keys);
    await again.close();
  });

  it('is not made in an empty folder unless that was asked for', async () => {
    await assert.rejects(newFolder().open({ make: false }), { code: 'log_missing' });
  });

  it('is not made in a folder that holds something else', async () => {
    const folder = newFolder();
    writeFileSync(join(folder.path, 'notes.txt'), 'mine');
    await assert.rejects(folder.open(), { code: 'folder_not_empty' });
  });

  it('is not made over a half-made log', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await log.close();
    folder.disk.remove('log.json');
    await assert.rejects(folder.open(), { code: 'log_half_made' });
  });

  it('keeps its origin for life', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    await assert.rejects(folder.open({ origin: 'other.example/log' }), { code: 'origin_mismatch' });
  });

  it('needs a sound origin', async () => {
    for (const origin of ['', 'https://a.example/log', 'a b', 'a+b', 'a'.repeat(251)]) {
      await assert.rejects(newFolder().open({ origin }), { code: 'origin_malformed' });
    }
  });

  it('of an unknown format is left alone', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    writeFileSync(join(folder.path, 'log.json'), '{"format":"countersign/log/v2"}');
    await assert.rejects(folder.open(), { code: 'log_format_unknown' });
    writeFileSync(join(folder.path, 'log.json'), '{');
    await assert.rejects(folder.open(), { code: 'log_half_made' });
    writeFileSync(
      join(folder.path, 'log.json'),
      `{"format":"countersign/log/v1","origin":"${TEST_ORIGIN}"}`,
    );
    await assert.rejects(folder.open(), { code: 'log_half_made' });
  });

  it('has one writer at a time', async () => {
    const folder = newFolder();
    const log = await folder.open();
    await assert.rejects(folder.open(), { code: 'log_locked' });
    await log.close();
    await (await folder.open()).close();
  });
});

describe('the key files of a log', () => {
  it('open with the passphrase to the keys that the log publishes', async () => {
    const folder = newFolder();
    const log = await folder.open();
    const bytes = folder.disk.read(logKeyPath('receipt')) ?? assert.fail();
    const key = openLogKeyFile(bytes, TEST_PASSPHRASE);
    assert.equal(key.verifierKey, log.identity.keys.receipt);
    const message = Buffer.from('a thief signs');
    const signature = sign(null, message, key.privateKey);
    const x = Buffer.from(key.note.publicKey).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    assert.ok(verify(null, message, publicKey, signature));
    await log.close();
  });

  it('do not open with another passphrase, and no new keys are made', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    const before = folder.disk.read(logKeyPath('receipt'));
    const passphrase = Buffer.from('not the passphrase of this log');
    await assert.rejects(folder.open({ passphrase }), { code: 'key_unreadable' });
    await assert.rejects(folder.open({ passphrase: Buffer.from('short') }), {
      code: 'key_unreadable',
    });
    assert.deepEqual(folder.disk.read(logKeyPath('receipt')), before);
  });

  it('with any fact changed do not open', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    const text = folder.disk.read(logKeyPath('checkpoint'))?.toString() ?? '';
    const other = folder.disk.read(logKeyPath('feed'))?.toString() ?? '';
    const file = JSON.parse(text) as Record<string, unknown>;
    const changes: Record<string, unknown>[] = [
      { role: 'receipt' },
      { role: 'emperor' },
      { verifierKey: JSON.parse(other).verifierKey },
      { cost: { memoryKiB: 16, passes: 1 } },
      { cost: { memoryKiB: 2 ** 30, passes: 1 } },
      { cost: { memoryKiB: 8, passes: 1.5 } },
      { cost: null },
      { nonce: 'AAAAAAAAAAAAAAAA' },
      { nonce: 'AAAA' },
      { salt: 'AAAAAAAAAAAAAAAAAAAAAA' },
      { salt: '' },
      { sealed: '' },
      { sealed: '!' },
      { format: 'countersign/log-key/v2' },
    ];
    for (const change of changes) {
      const bytes = Buffer.from(JSON.stringify({ ...file, ...change }));
      assert.throws(
        () => openLogKeyFile(bytes, TEST_PASSPHRASE),
        { code: 'key_unreadable' },
        JSON.stringify(change),
      );
    }
    for (const bytes of ['', '{', 'null', '[]', text.slice(0, -10)]) {
      assert.throws(() => openLogKeyFile(Buffer.from(bytes), TEST_PASSPHRASE), {
        code: 'key_unreadable',
      });
    }
  });

  it('cannot be swapped, lost or replaced', async () => {
    const folder = newFolder();
    await (await folder.open()).close();
    const stranger = newFolder();
    await (await stranger.open()).close();
    const path = join(folder.path, logKeyPath('receipt'));
    const own = folder.disk.read(logKeyPath('receipt')) ?? assert.fail();
    for (const bytes of [
      folder.disk.read(logKeyPath('checkpoint')) ?? assert.fail(),
      stranger.disk.read(logKeyPath('receipt')) ?? assert.fail(),
    ]) {
      writeFileSync(path, bytes);
      await assert.rejects(folder.open(), { code: 'key_unreadable' });
    }
    folder.disk.remove(logKeyPath('receipt'));
    await assert.rejects(folder.open(), { code: 'key_unreadable' });
    writeFileSync(path, own);
    await (await folder.open()).close();
  });
});
