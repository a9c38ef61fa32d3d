import assert from 'node:assert/strict';
import { createHash, createPrivateKey, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { Signer } from '../signing/signer.ts';
import { makeActive } from '../testing/signer-world.ts';
import { FAST_KDF, makeScope, NOW_MS } from '../testing/token-fixture.ts';
import { fingerprintKey, type SecretFingerprint } from './fingerprint-key.ts';
import { makePrivateKey } from './make-key.ts';
import { openKeyFile } from './open-key-file.ts';

const passphrase = Buffer.from('correct horse battery staple');
const KID = 'k'.repeat(43);
const LABEL = 'countersign/scanner-fingerprint/v1\n';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-fingerprints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const path = (): string => join(folder, 'fingerprints.json');
const start = (): Promise<Signer> => {
  const clock = new ManualClock(NOW_MS);
  return Signer.open({ folder, passphrase, clock, kdf: FAST_KDF, claimWaitMs: 0 });
};
const told = (): SecretFingerprint[] => JSON.parse(readFileSync(path(), 'utf8')).secrets;
const hashOf = (window: Uint8Array, kid = KID): string =>
  createHash('sha256')
    .update(LABEL)
    .update(kid)
    .update(window)
    .digest()
    .toString('base64url', 0, 16);

describe('the fingerprints of a key', () => {
  it('are the ones that decision 0014 prints', () => {
    const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    assert.deepEqual(fingerprintKey(KID, 'EdDSA', key)[0], {
      kid: KID,
      secret: 'ed25519-seed',
      length: 32,
      at: 0,
      sum: 44_032,
      hashes: { forward: 'ILVCyCHViI-Y5yHkgbBTcQ', reversed: 'EpxEAqzFuW9UDK4mZeAIWw' },
    });
  });

  it('are of the scalar, of both primes, of the seed and both halves it expands to', async () => {
    const bytes = (text: unknown): Buffer => Buffer.from(text as string, 'base64url');
    const expected = {
      ES256: ({ d }: JsonWebKey) => [['ec-scalar', bytes(d)] as const],
      RS256: ({ p, q }: JsonWebKey) => [
        ['rsa-prime', bytes(p)] as const,
        ['rsa-prime', bytes(q)] as const,
      ],
      EdDSA: ({ d }: JsonWebKey) => {
        const expanded = hash('sha512', bytes(d), 'buffer');
        expanded[0] = (expanded[0] as number) & 248;
        expanded[31] = ((expanded[31] as number) & 127) | 64;
        const halves = [expanded.subarray(0, 32), expanded.subarray(32)] as const;
        return [
          ['ed25519-seed', bytes(d)] as const,
          ['ed25519-scalar', halves[0]] as const,
          ['ed25519-prefix', halves[1]] as const,
        ];
      },
    };
    for (const alg of ['ES256', 'RS256', 'EdDSA'] as const) {
      const key = await makePrivateKey(alg);
      const secrets = expected[alg](key.export({ format: 'jwk' }) as JsonWebKey);
      assert.deepEqual(
        fingerprintKey(KID, alg, key).map(({ secret, length, at, hashes }) => [
          secret,
          length,
          at,
          hashes.forward,
        ]),
        secrets.map(([name, secret]) => {
          const at = (secret.length - 32) / 2;
          return [name, secret.length, at, hashOf(secret.subarray(at, at + 32))];
        }),
      );
    }
  });

  it('tell a sum that is the same in every order of the bytes, and nothing else that is not hashed', async () => {
    const [first] = fingerprintKey(KID, 'ES256', await makePrivateKey('ES256'));
    assert.ok(first !== undefined && Number.isInteger(first.sum));
    assert.ok(first.sum >= 0 && first.sum < 65_536);
    assert.deepEqual(Object.keys(first), ['kid', 'secret', 'length', 'at', 'sum', 'hashes']);
    for (const text of Object.values(first.hashes)) assert.match(text, /^[A-Za-z0-9_-]{22}$/);
  });
});

describe('the fingerprints of a signer', () => {
  it('are in its folder for each key it has, for its user alone', async () => {
    const signer = await start();
    assert.deepEqual(told(), []);
    const { kid } = await makeActive(signer, makeScope(), 'ES256');
    const { kid: other } = await makeActive(signer, makeScope(), 'EdDSA');
    signer.close();
    assert.deepEqual(
      told().map((secret) => secret.kid),
      [kid, other, other, other].sort(),
    );
    assert.equal(statSync(path()).mode & 0o777, 0o600);
    const { privateKey } = openKeyFile(
      readFileSync(join(folder, 'keys', `${kid}.json`)),
      passphrase,
    );
    assert.deepEqual(
      told().filter((secret) => secret.kid === kid),
      fingerprintKey(kid, 'ES256', privateKey),
    );
  });

  it('come back as they were when the file is lost, cut or changed, and are left alone when not', async () => {
    const signer = await start();
    for (const alg of ['ES256', 'RS256', 'EdDSA'] as const)
      await makeActive(signer, makeScope(), alg);
    signer.close();
    const text = readFileSync(path(), 'utf8');
    const damages = [
      () => rmSync(path()),
      () => writeFileSync(path(), text.slice(0, 100)),
      () => writeFileSync(path(), text.replace('"version":1', '"version":2')),
    ];
    for (const damage of damages) {
      damage();
      (await start()).close();
      assert.equal(readFileSync(path(), 'utf8'), text);
    }
    const { ino } = statSync(path());
    (await start()).close();
    assert.equal(statSync(path()).ino, ino);
  });

  it('are there before the key: without them no key is kept', async () => {
    const signer = await start();
    rmSync(path());
    mkdirSync(path());
    await assert.rejects(makeActive(signer, makeScope(), 'ES256'), { code: 'EISDIR' });
    rmSync(path(), { recursive: true });
    assert.deepEqual(signer.listKeys(), []);
    const { kid } = await makeActive(signer, makeScope(), 'ES256');
    signer.close();
    assert.deepEqual(
      told().map((secret) => secret.kid),
      [kid],
    );
  });
});
