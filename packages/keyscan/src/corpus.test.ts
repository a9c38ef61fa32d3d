// The corpus: every kind of key, in every coding, in every container, at every awkward place,
// planted and found once. And what is no key, and is not found.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { allFinders, type Find, openScanner } from './index.ts';
import { noise, tar, zip } from './testing/pack-containers.ts';
import { type Planted, plantedKeys } from './testing/plant-keys.ts';
import { scanAll } from './testing/scan-all.ts';

const FINDERS = allFinders();
const BLOCK = 4096;
const OVERLAP = Math.max(...FINDERS.map(({ window }) => window));

const CODINGS: Record<string, (planted: Planted) => Buffer | undefined> = {
  plain: ({ bytes }) => bytes,
  base64: ({ bytes }) => Buffer.from(bytes.toString('base64')),
  'base64 in lines': ({ bytes }) =>
    Buffer.from(bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n')),
  'base64url behind a name': ({ bytes }) => Buffer.from(`key_${bytes.toString('base64url')}`),
  'base64 twice': ({ bytes }) =>
    Buffer.from(Buffer.from(bytes.toString('base64')).toString('base64')),
  hex: ({ bytes }) => Buffer.from(bytes.toString('hex')),
  'hex in capitals': ({ bytes }) => Buffer.from(bytes.toString('hex').toUpperCase()),
  'pairs of hex': ({ bytes }) => Buffer.from(bytes.toString('hex').replaceAll(/..(?=.)/g, '$& ')),
  'pairs of hex in lines': ({ bytes }) =>
    Buffer.from(
      [...bytes.toString('hex').matchAll(/../g)]
        .map(([pair], at) => (at % 15 === 14 ? `${pair}:\n    ` : `${pair}:`))
        .join(''),
    ),
  'wide text': ({ bytes, text }) => (text ? Buffer.from(bytes.toString(), 'utf16le') : undefined),
  'wide base64': ({ bytes }) => Buffer.from(bytes.toString('base64'), 'utf16le'),
  'a string of JSON, as PHP writes it': ({ bytes, text }) =>
    text
      ? Buffer.from(JSON.stringify({ key: bytes.toString() }).replaceAll('/', '\\/'))
      : undefined,
  'a string of JSON': ({ bytes, text }) =>
    text ? Buffer.from(JSON.stringify({ key: bytes.toString() })) : undefined,
  'a string in a string of JSON': ({ bytes, text }) =>
    text ? Buffer.from(JSON.stringify(JSON.stringify({ key: bytes.toString() }))) : undefined,
};

function scanAt(secret: Buffer, offset: number): Find[] {
  const scanner = openScanner({ finders: FINDERS, blockBytes: BLOCK });
  const bytes = Buffer.concat([noise(offset), secret, noise(OVERLAP * 2)]);
  const finds: Find[] = [];
  for (let at = 0; at < bytes.length; at += 1_777)
    finds.push(...scanner.push(bytes.subarray(at, at + 1_777)));
  return [...finds, ...scanner.end()];
}

const CONTAINERS: Record<string, { pack: (bytes: Buffer) => Buffer; path: string[] }> = {
  gzip: { pack: (bytes) => gzipSync(bytes), path: ['gzip'] },
  zstd: { pack: (bytes) => zstdCompressSync(bytes), path: ['zstd'] },
  tar: { pack: (bytes) => tar('a/core', bytes), path: ['a/core'] },
  'zip, stored': { pack: (bytes) => zip('b', bytes, 0), path: ['b'] },
  'zip, deflated': { pack: (bytes) => zip('b', bytes, 8), path: ['b'] },
  'tar in gzip': { pack: (bytes) => gzipSync(tar('log', bytes)), path: ['gzip', 'log'] },
  'gzip in zip in zstd': {
    pack: (bytes) => zstdCompressSync(zip('x.gz', gzipSync(bytes), 0)),
    path: ['zstd', 'x.gz', 'gzip'],
  },
  'two members of gzip, cut in the middle': {
    pack: (bytes) => {
      const middle = bytes.length >> 1;
      return Buffer.concat([gzipSync(bytes.subarray(0, middle)), gzipSync(bytes.subarray(middle))]);
    },
    path: ['gzip'],
  },
};

describe('the corpus of planted keys', () => {
  const keys = plantedKeys();
  let planted = 0;

  // The first block is looked at when it and the overlap are full.
  const borders = [0, 1, BLOCK - 1, BLOCK, BLOCK + OVERLAP - 20, BLOCK * 3 + 5];

  for (const [coding, encode] of Object.entries(CODINGS)) {
    it(`finds every key, once, at every place, in ${coding}`, () => {
      for (const key of keys) {
        const secret = encode(key);
        if (secret === undefined) continue;
        for (const offset of borders) {
          planted += 1;
          const finds = scanAt(secret, offset);
          assert.deepEqual(
            finds.map(({ kind }) => kind),
            [key.kind],
            `${key.name} at ${offset}`,
          );
          const [find] = finds as [Find];
          const shift = find.offset - offset;
          assert.ok(shift >= 0 && shift < 16, `${key.name} at ${offset}: ${find.offset}`);
          assert.ok(find.length > secret.length * 0.95 - 32, `${key.name}: ${find.length} bytes`);
          assert.ok(find.offset + find.length <= offset + secret.length);
        }
      }
    });
  }

  for (const [name, { pack, path }] of Object.entries(CONTAINERS)) {
    it(`finds every key in ${name}`, async () => {
      for (const key of keys) {
        planted += 1;
        const bytes = pack(Buffer.concat([noise(5_000), key.bytes, noise(300)]));
        const { finds, unread } = await scanAll(bytes);
        assert.deepEqual(
          finds.map(({ kind, offset, container }) => ({ kind, offset, container })),
          [{ kind: key.kind, offset: 5_000, container: path }],
          key.name,
        );
        assert.deepEqual(unread, []);
      }
    });
  }

  it('was three hundred at least', () => {
    assert.ok(planted >= 300, `only ${planted}`);
  });

  it('never tells the secret', async () => {
    for (const key of keys) {
      const { finds } = await scanAll(key.bytes);
      const told = JSON.stringify(finds);
      const text = key.bytes.toString('latin1');
      for (const [word] of text.matchAll(/[A-Za-z0-9+/_-]{20,}/g)) assert.ok(!told.includes(word));
    }
  });
});

describe('what is no key', () => {
  it('is not found in noise', () => {
    const scanner = openScanner({ finders: FINDERS });
    for (let round = 0; round < 8; round += 1) {
      const bytes = Buffer.allocUnsafe(1 << 20);
      crypto.getRandomValues(bytes.subarray(0, 1 << 16));
      for (let at = 1 << 16; at < bytes.length; at += 1 << 16)
        crypto.getRandomValues(bytes.subarray(at, at + (1 << 16)));
      assert.deepEqual(scanner.push(bytes), []);
    }
    assert.deepEqual(scanner.end(), []);
  });

  it('is not found in programs and their text', () => {
    const root = join(import.meta.dirname, '../../../node_modules');
    const scanner = openScanner({ finders: FINDERS });
    for (const path of [
      'typescript',
      'playwright-core',
      '@biomejs',
      'oidc-provider',
      'jose',
      'hono',
    ])
      for (const entry of readdirSync(join(root, path), {
        recursive: true,
        encoding: 'utf8',
      }).slice(0, 400)) {
        const file = join(root, path, entry);
        const { size } = statSync(file);
        if (!statSync(file).isFile() || size > 8e6) continue;
        const finds = [...scanner.push(readFileSync(file)), ...scanner.skip(1)];
        // A key that is public on purpose is a key all the same.
        const known = file.endsWith('oidc-provider/lib/consts/dev_keystore.js');
        assert.equal(finds.length > 0, known, `${file}: ${JSON.stringify(finds)}`);
      }
    const program = readFileSync(process.execPath).subarray(0, 48 << 20);
    assert.deepEqual([...scanner.push(program), ...scanner.end()], []);
  });
});
