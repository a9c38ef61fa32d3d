import assert from 'node:assert/strict';
import { createPublicKey, createSecretKey, randomBytes, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { FAST_KDF, makeScope, NOW_MS } from '../testing/token-fixture.ts';
import { deriveSealingKey, passphraseBytes } from './derive-key.ts';
import { encodeKeyFile, type KeyFile } from './key-file.ts';
import { makePrivateKey } from './make-key.ts';
import { openKeyFile, parseKeyFile, unsealKeyFile } from './open-key-file.ts';
import { sealKeyFile } from './seal-key-file.ts';
import { softwareCustody } from './software-custody.ts';

const passphrase = 'correct horse battery staple';
const sealing = { key: deriveSealingKey(Buffer.from(passphrase), FAST_KDF), kdf: FAST_KDF };
const privateKey = await makePrivateKey('ES256');
const publicKey = createPublicKey(privateKey);
const made = { publicKey, alg: 'ES256' as const, scope: makeScope(), createdMs: NOW_MS };
const file = sealKeyFile(
  { ...made, place: { kind: 'software', privateKey } },
  sealing,
  systemRandom,
);
const reference = { tokenLabel: 'countersign', tokenSerial: '0f1e2d3c4b5a6978' };
const tokenFile = sealKeyFile(
  { ...made, place: { kind: 'pkcs11', reference } },
  sealing,
  systemRandom,
);
const bytes = encodeKeyFile(file);
const reopen = (changed: KeyFile) =>
  unsealKeyFile(parseKeyFile(encodeKeyFile(changed)), sealing.key);

describe('a key file', () => {
  it('opens with its passphrase and gives the key it was made from', () => {
    const { record, privateKey: opened } = openKeyFile(bytes, passphrase);
    assert.deepEqual(record.scope, makeScope());
    assert.equal(record.kid, record.publicJwk.kid);
    const data = Buffer.from('data');
    assert.ok(verify('sha256', data, privateKey, sign('sha256', data, opened)));
  });

  it('opens for each algorithm', async () => {
    for (const alg of ['EdDSA', 'RS256'] as const) {
      const { publicKey, place } = await softwareCustody.make(alg, 'any');
      const scope = makeScope();
      const sealed = sealKeyFile(
        { publicKey, place, alg, scope, createdMs: 1 },
        sealing,
        systemRandom,
      );
      const { place: opened, record } = reopen(sealed);
      assert.ok(opened.kind === 'software' && place.kind === 'software');
      assert.ok(opened.privateKey.equals(place.privateKey));
      assert.equal(record.publicJwk.alg, alg);
    }
  });

  it('publishes what the key may speak for beside the key', () => {
    const { kid, x, y, ...jwk } = file.publicJwk;
    const scope = makeScope();
    assert.deepEqual(jwk, {
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      iss: scope.issuer,
      nbf: scope.notBeforeSeconds,
      exp: scope.notAfterSeconds,
      tenant: scope.tenant,
      token_types: scope.tokenTypes,
    });
  });

  it('does not hold the private half in the clear', () => {
    const text = Buffer.from(bytes).toString();
    const { d } = privateKey.export({ format: 'jwk' });
    const scalar = Buffer.from(d as string, 'base64url');
    for (const spelling of ['base64url', 'base64', 'hex'] as const) {
      assert.ok(!text.includes(scalar.toString(spelling)));
    }
  });

  it('does not open with another passphrase', () => {
    for (const wrong of ['', 'Correct horse battery staple', `${passphrase} `]) {
      assert.throws(() => openKeyFile(bytes, wrong), { code: 'passphrase_wrong' });
    }
  });

  it('does not open when its scope, or anything else it says, was changed', () => {
    const wider = { ...file, scope: { ...file.scope, audiences: '*' as const } };
    assert.throws(() => reopen(wider), { code: 'passphrase_wrong' });
    const longer = {
      ...file,
      scope: { ...file.scope, notAfterSeconds: file.scope.notAfterSeconds + 1 },
    };
    assert.throws(() => reopen(longer), { code: 'passphrase_wrong' });
    assert.throws(() => reopen({ ...file, createdMs: 1 }), { code: 'passphrase_wrong' });
  });

  it('does not open with any single character changed', () => {
    const text = Buffer.from(bytes).toString();
    const meaning = JSON.stringify(JSON.parse(text));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        try {
          fc.pre(JSON.stringify(JSON.parse(changed)) !== meaning);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
        }
        assert.throws(
          () => unsealKeyFile(parseKeyFile(Buffer.from(changed)), sealing.key),
          ({ code }: { code: string }) => ['passphrase_wrong', 'key_file_corrupt'].includes(code),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('does not open when it is cut, empty, too long, or names a member twice', () => {
    const corrupt = { code: 'key_file_corrupt' };
    const text = Buffer.from(bytes).toString();
    const wrongs = ['', text.slice(0, -5), text.replace('"version"', '"kid": "x", "version"')];
    for (const wrong of wrongs) {
      assert.throws(() => openKeyFile(Buffer.from(wrong), passphrase), corrupt);
    }
    const long = Buffer.concat([bytes, Buffer.alloc(300_000, ' ')]);
    assert.throws(() => openKeyFile(long, passphrase), corrupt);
    assert.throws(() => openKeyFile(Buffer.from([0xff, 0xfe]), passphrase), corrupt);
  });

  it('cannot make its reader spend unbounded time or memory', () => {
    for (const changes of [{ memoryKiB: 2 ** 31 }, { passes: 1e6 }, { parallelism: 255 }]) {
      const kdf = { ...FAST_KDF, ...changes };
      const costly = encodeKeyFile({ ...file, custody: { kind: 'software', kdf } });
      assert.throws(() => openKeyFile(costly, passphrase), { code: 'key_file_corrupt' });
    }
  });

  it('does not open when it holds another key than it says', async () => {
    const other = sealKeyFile(
      {
        ...(await softwareCustody.make('EdDSA', 'any')),
        alg: 'EdDSA',
        scope: makeScope(),
        createdMs: NOW_MS,
      },
      { ...sealing, key: createSecretKey(randomBytes(32)) },
      systemRandom,
    );
    assert.throws(() => reopen({ ...other, sealed: file.sealed }), { code: 'passphrase_wrong' });
  });
});

describe('a key file whose key is in a token', () => {
  it('says where the key is, and holds no private half', () => {
    assert.deepEqual(reopen(tokenFile).place, { kind: 'pkcs11', reference });
    assert.throws(() => openKeyFile(encodeKeyFile(tokenFile), passphrase), {
      code: 'key_elsewhere',
    });
  });

  it('does not open when scope, token or kind of custody was changed: the seal binds them', () => {
    const scope = { ...tokenFile.scope, audiences: '*' as const };
    const { kdf } = tokenFile.custody;
    const elsewhere = { ...reference, tokenSerial: 'another' };
    const changes: Partial<KeyFile>[] = [
      { scope },
      { custody: { kind: 'pkcs11', kdf, reference: elsewhere } },
      { custody: { kind: 'software', kdf } },
    ];
    for (const change of changes) {
      assert.throws(() => reopen({ ...tokenFile, ...change }), { code: 'passphrase_wrong' });
    }
  });

  it('does not open with the seal of another key of the same folder', () => {
    const scope = { ...makeScope(), longestLifetimeSeconds: 60 };
    const place = { kind: 'pkcs11' as const, reference };
    const other = sealKeyFile({ ...made, place, scope }, sealing, systemRandom);
    assert.throws(() => reopen({ ...tokenFile, sealed: other.sealed }), {
      code: 'passphrase_wrong',
    });
    assert.throws(() => reopen({ ...tokenFile, sealed: file.sealed }), {
      code: 'passphrase_wrong',
    });
  });
});

describe('a passphrase', () => {
  it('does not count one line end', () => {
    const text = (passphrase: string): string =>
      Buffer.from(passphraseBytes(passphrase)).toString();
    for (const written of ['secret', 'secret\n', 'secret\r\n'])
      assert.equal(text(written), 'secret');
    assert.equal(text('secret\n\n'), 'secret\n');
    assert.equal(text(' secret '), ' secret ');
    assert.equal(text(''), '');
  });
});
