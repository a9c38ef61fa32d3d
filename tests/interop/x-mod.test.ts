// Our log, read by golang.org/x/mod's note and tlog packages: nobody here wrote them.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openLog, type TransparencyLog } from '@countersign/transparency';
import { encodeHex, encodeLeafEntry, hashLeaf } from '@countersign/verifier';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import { buildGoReader, missingGo, readWithGo } from './read-with-go.ts';
import { type ServedFolder, serveFolder } from './serve-folder.ts';

const ORIGIN = 'log.example/log';
/** Around every border of the tiles (C2SP tlog-tiles), the tree growing from one to the next. */
const SIZES = [1, 2, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000];
const AT_ONCE = 4096;

const skip = missingGo();

function entryAt(index: number, issuedMs: number): Uint8Array {
  const commitment = new Uint8Array(32).fill(0x5a);
  new DataView(commitment.buffer).setUint32(0, index);
  const expiresAtSeconds = Math.floor(issuedMs / 1000) + 300;
  return encodeLeafEntry({ type: 'access', issuedMs, expiresAtSeconds, commitment });
}

describe('golang.org/x/mod reads our log', { skip: skip ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-interop-'));
  const data = mkdtempSync(join(tmpdir(), 'countersign-interop-log-'));
  const leaves: string[] = [];
  let log: TransparencyLog;
  let reader: string;
  let served: ServedFolder;

  before(async () => {
    reader = buildGoReader(folder);
    log = await openLog({
      folder: data,
      origin: ORIGIN,
      passphrase: Buffer.from('a passphrase for tests only'),
      clock: systemClock,
      random: systemRandom,
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 3_600_000,
      make: true,
      onFatal: (error) => {
        throw error;
      },
    });
    served = await serveFolder(join(data, 'public'));
  });
  after(async () => {
    await served?.close();
    await log?.close();
    for (const path of [folder, data]) rmSync(path, { recursive: true, force: true });
  });

  async function growTo(size: number): Promise<void> {
    while (leaves.length < size) {
      const count = Math.min(AT_ONCE, size - leaves.length);
      const nowMs = systemClock.nowMs();
      const entries = Array.from({ length: count }, (_, at) => entryAt(leaves.length + at, nowMs));
      await log.appendMany(entries);
      for (const entry of entries) leaves.push(encodeHex(hashLeaf(entry)));
    }
    await log.publishNow();
  }

  const question = (indexes: number[], olderCheckpoint?: string) => ({
    url: served.url,
    verifierKey: log.identity.keys.checkpoint,
    indexes,
    ...(olderCheckpoint === undefined ? {} : { olderCheckpoint }),
  });

  it('proves entries and growth at every size around a border of the tiles', async () => {
    const older = join(folder, 'older-checkpoint');
    for (const [at, size] of SIZES.entries()) {
      await growTo(size);
      const indexes = [0, size >> 1, size - 1, ...(size > 300 ? [255, 256] : [])];
      const report = await readWithGo(reader, question(indexes, at > 0 ? older : undefined));
      assert.equal(report.size, size);
      for (const index of indexes) assert.equal(report.leaves[index], leaves[index]);
      copyFileSync(join(data, 'public/checkpoint'), older);
    }
  });

  it('refuses a mirror that changes one bit of an entry, a tile or the checkpoint', async () => {
    for (const part of ['/tile/entries/', '/tile/0/', '/checkpoint']) {
      const mirror = await serveFolder(join(data, 'public'), (path, bytes) => {
        if (path.startsWith(part)) bytes[40] = (bytes[40] ?? 0) ^ 1;
        return bytes;
      });
      const asked = { ...question([0]), url: mirror.url };
      await assert.rejects(readWithGo(reader, asked), `a bit of ${part} was changed`);
      await mirror.close();
    }
  });
});
