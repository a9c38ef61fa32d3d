// Containers that are odd, cut off, hostile or lying: what is in them is found, or it is said that it
// was not read.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { noise, tar, zip } from '../testing/pack-containers.ts';
import { scanAll } from '../testing/scan-all.ts';
import { scanSource } from './scan-source.ts';

const PEM = Buffer.from(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }),
);
const SECRET = Buffer.concat([noise(3_000), PEM, noise(200)]);

const places = ({ finds }: Awaited<ReturnType<typeof scanAll>>) =>
  finds.map(({ container, offset }) => [...container, offset].join(' '));
const reasons = ({ unread }: Awaited<ReturnType<typeof scanAll>>) =>
  unread.map(({ container, reason }) => [...container, reason].join(' '));

describe('scanning containers', () => {
  it('keeps the offsets of what lies behind an entry', async () => {
    const scanned = await scanAll(Buffer.concat([tar('a', SECRET), PEM]));
    assert.deepEqual(places(scanned), ['a 3000', 'after the archive 0']);
    const broken = tar('a', SECRET);
    PEM.copy(broken, broken.length - 1024);
    const rest = await scanAll(broken);
    assert.deepEqual(places(rest), ['a 3000', `${broken.length - 1024}`]);
    assert.deepEqual(reasons(rest), ['corrupt']);
  });

  it('opens what is appended to an archive', async () => {
    const scanned = await scanAll(Buffer.concat([zip('x', noise(9), 0), gzipSync(SECRET)]));
    assert.deepEqual(places(scanned), ['after the archive gzip 3000']);
    assert.deepEqual(reasons(scanned), []);
  });

  it('opens a zip that does not begin where its file begins', async () => {
    for (const before of [1, 100, 10_004, 10_005, 10_006, 200_000]) {
      const program = Buffer.concat([noise(before), zip('x', SECRET, 8)]);
      assert.deepEqual(places(await scanAll(program)), ['x 3000'], `${before}`);
    }
    const constants = Buffer.concat([noise(10), Buffer.from('PK\x03\x04PK\x03\x04%s'), PEM]);
    const scanned = await scanAll(constants);
    assert.deepEqual([places(scanned), reasons(scanned)], [['20'], []]);
  });

  it('reads every frame and every member', async () => {
    const frames = Buffer.concat([zstdCompressSync(noise(10)), zstdCompressSync(SECRET)]);
    assert.deepEqual(places(await scanAll(frames)), ['zstd 3010']);
    const members = Buffer.concat([gzipSync(noise(10)), gzipSync(SECRET), Buffer.from('junk')]);
    assert.deepEqual(places(await scanAll(members)), ['gzip 3010']);
  });

  it('says that an entry is encrypted, and reads the next', async () => {
    const locked = zip('locked', noise(500), 0, 1);
    const archive = Buffer.concat([locked.subarray(0, -22), zip('open', SECRET, 0)]);
    const scanned = await scanAll(archive);
    assert.deepEqual(reasons(scanned), ['locked encrypted']);
    assert.deepEqual(places(scanned), ['open 3000']);
  });

  it('says which containers it does not open', async () => {
    const xz = Buffer.concat([Buffer.from('fd377a585a00', 'hex'), noise(100)]);
    assert.deepEqual(reasons(await scanAll(tar('a.xz', xz))), ['a.xz method_unknown']);
    assert.deepEqual(reasons(await scanAll(Buffer.from(`Salted__${'x'.repeat(99)}`))), [
      'encrypted',
    ]);
  });

  it('looks at the bytes of what only pretends to be packed', async () => {
    for (const magic of ['1f8b08', '1f8b0800000000000000', '28b52ffd', '504b0304', '504b0506']) {
      const lie = Buffer.concat([Buffer.from(magic, 'hex'), PEM, noise(100)]);
      const scanned = await scanAll(lie);
      assert.ok(scanned.finds.length > 0, magic);
      assert.notDeepEqual(scanned.unread, [], magic);
    }
  });

  it('tells of a checksum that differs', async () => {
    const packed = gzipSync(SECRET);
    packed.writeUInt32LE(1, packed.length - 8);
    const scanned = await scanAll(packed);
    assert.deepEqual(reasons(scanned), ['corrupt']);
    assert.deepEqual(places(scanned).includes('gzip 3000'), true);
  });

  it('stops at a depth, a size and a ratio, and says so', async () => {
    const twice = gzipSync(gzipSync(SECRET));
    assert.deepEqual(reasons(await scanAll(twice, { depth: 1 })), ['gzip too_deep']);
    assert.deepEqual(places(await scanAll(twice, { depth: 2 })), ['gzip gzip 3000']);
    const bomb = zip('bomb', Buffer.alloc(1 << 24), 8);
    assert.ok(reasons(await scanAll(bomb, { unpackedBytes: 1 << 20 })).includes('bomb too_large'));
  });

  it('takes no name that would write on a terminal', async () => {
    const scanned = await scanAll(tar('\x1b[2Jx', SECRET));
    assert.deepEqual(scanned.finds[0]?.container, ['?[2Jx']);
  });

  it('finds the same however it is cut into chunks', async () => {
    const archive = gzipSync(Buffer.concat([tar('a', SECRET), zip('b', SECRET, 8)]));
    const whole = await scanAll(archive);
    for (const chunkBytes of [1, 7, 511, 513, 1 << 20])
      assert.deepEqual(await scanAll(archive, {}, chunkBytes), whole, `${chunkBytes}`);
  });
});

describe('hostile containers', () => {
  const good = [
    tar('a', SECRET),
    zip('b', SECRET, 8),
    zip('b', SECRET, 0),
    gzipSync(SECRET),
    zstdCompressSync(SECRET),
  ];

  it('finds the key or says what was not read, wherever the end is missing', async () => {
    // Less than a whole header of tar is no tar.
    for (const archive of good)
      for (let kept = 512; kept < archive.length; kept += 97) {
        const { finds, unread } = await scanAll(archive.subarray(0, kept));
        assert.ok(finds.length + unread.length > 0, `${kept} of ${archive.length}`);
      }
  });

  it('never fails on damage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (archive, damage) => {
          const damaged = Buffer.from(archive);
          for (const [at, byte] of damage) damaged[at % Math.min(damaged.length, 600)] = byte;
          const { finds } = await scanAll(damaged);
          for (const { offset, length } of finds) assert.ok(offset >= 0 && length > 0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('passes on that its input cannot be read', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield gzipSync(SECRET).subarray(0, 1_000);
      throw new Error('the disk is gone');
    }
    await assert.rejects(
      scanSource(failing(), { finders: [], onFind: () => {}, onUnread: () => {} }),
      /the disk is gone/,
    );
  });
});
