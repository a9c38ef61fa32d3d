// The forms that the corpus does not hold, and what looks like a key and is none.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { allFinders } from '../all-finders.ts';
import type { Find } from '../find.ts';
import { openScanner } from '../scan-stream.ts';

function scan(input: string | Buffer): Find[] {
  const scanner = openScanner({ finders: allFinders() });
  return [...scanner.push(Buffer.from(input)), ...scanner.end()];
}

const kinds = (input: string | Buffer): string[] => scan(input).map(({ kind }) => kind);

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const body = randomBytes(600).toString('base64');

describe('keys as text', () => {
  it('finds a PEM that a crash cut off', () => {
    const [find] = scan(`${pem.slice(0, 140)}\0\0\0\0`);
    assert.equal(find?.kind, 'pem');
    assert.equal(find?.length, 140);
  });

  it('finds a PEM that a log wrote in front of every line', () => {
    const text = pem.replaceAll(/^/gm, 'Nov 21 23:58:12 host signer[471]: ');
    const [find, ...more] = scan(text);
    assert.equal(find?.kind, 'pem');
    assert.deepEqual(more, []);
    assert.equal(find?.offset, text.indexOf('-----BEGIN'));
    assert.equal(find?.length, text.lastIndexOf('-----') + 5 - find.offset);
  });

  it('finds a PEM in a URL', () => {
    assert.deepEqual(kinds(`a=1&key=${encodeURIComponent(pem)}&b`), ['pem']);
    assert.deepEqual(kinds(`key=${new URLSearchParams({ pem })}`), ['pem']);
  });

  it('finds keys of PGP and PuTTY', () => {
    const pgp = `-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n${body}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----`;
    assert.deepEqual(kinds(pgp), ['pem']);
    const putty = `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPublic-Lines: 1\n${body.slice(0, 64)}\nPrivate-Lines: 1\n${body.slice(64, 128)}\nPrivate-MAC: 00\n`;
    assert.deepEqual(kinds(putty), ['pem']);
  });

  it('finds one key after the other', () => {
    assert.deepEqual(kinds(`${pem}${pem}\n\n${pem}`), ['pem', 'pem', 'pem']);
  });

  it('does not take for a key what only writes about one', () => {
    for (const text of [
      'pem = "-----BEGIN PRIVATE KEY-----\\n" + encodePrivateKeyAsBase64(theKey) + "\\n-----END PRIVATE KEY-----";',
      'Expected "-----BEGIN RSA PRIVATE KEY-----" or "-----BEGIN EC PRIVATE KEY-----" in the file.',
      `-----BEGIN PRIVATE KEY-----\n${'x'.repeat(64)}\n-----END PRIVATE KEY-----`,
      ec.publicKey.export({ type: 'spki', format: 'pem' }) as string,
      '-----BEGIN PGP PRIVATE KEY BLOCK-----AbortSignalAbsoluteOrientationSensorAbstractRangeAccelerometer',
      `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`,
    ])
      assert.deepEqual(scan(text), [], text);
  });
});

describe('keys as DER', () => {
  const der = ec.privateKey.export({ type: 'pkcs8', format: 'der' });

  it('finds what was cut off', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const pkcs1 = rsa.export({ type: 'pkcs1', format: 'der' });
    assert.deepEqual(kinds(pkcs1.subarray(0, 700)), ['der-pkcs1']);
    assert.deepEqual(kinds(der.subarray(0, 70)), ['der-pkcs8']);
  });

  it('finds a key of DSA, and one of post-quantum signatures', () => {
    const dsa = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
    assert.deepEqual(kinds(dsa.privateKey.export({ type: 'pkcs8', format: 'der' })), ['der-pkcs8']);
    const lattice = generateKeyPairSync('ml-dsa-44').privateKey;
    assert.deepEqual(kinds(lattice.export({ type: 'pkcs8', format: 'der' })), ['der-pkcs8']);
  });

  it('finds a PKCS#12 store of unknown length', () => {
    const store = Buffer.concat([
      Buffer.from('3080020103308006092a864886f70d010701a0802480', 'hex'),
      randomBytes(2_000),
    ]);
    assert.deepEqual(kinds(store), ['pkcs12']);
  });

  it('does not find the constant that short keys begin with', () => {
    const constant = Buffer.from('302e020100300506032b656e04220420', 'hex');
    const names = Buffer.from('_x25519_generate_key_backend_from_private');
    assert.deepEqual(scan(Buffer.concat([constant, names])), []);
  });

  it('does not find constants of programs: empty forms of EC keys, or several forms in a row', () => {
    const empty = [
      '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420a144034200',
      '3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430a164036200',
      '0002010603030105010504'.repeat(30),
    ];
    assert.deepEqual(scan(Buffer.from(empty.join(''), 'hex')), []);
    const forms = [
      '302e020100300506032b657004220420',
      '3046020100300506032b656f043a0438',
      '3047020100300506032b6571043b0439',
    ];
    const text = Buffer.from('Could not encode EDDSA public key\0OSSLEDPublicKey.cpp of OpenSSL');
    assert.deepEqual(scan(Buffer.concat([Buffer.from(forms.join(''), 'hex'), text])), []);
  });

  it('finds every key that node makes, of every curve, alone and cut right behind its secret', () => {
    const pairs = [
      ...['P-256', 'P-384', 'P-521', 'secp256k1'].map((namedCurve) =>
        generateKeyPairSync('ec', { namedCurve }),
      ),
      ...[generateKeyPairSync('ed25519'), generateKeyPairSync('ed448')],
      ...[generateKeyPairSync('x25519'), generateKeyPairSync('x448')],
    ];
    for (const { privateKey } of pairs) {
      const whole = privateKey.export({ type: 'pkcs8', format: 'der' });
      assert.deepEqual(kinds(whole), ['der-pkcs8']);
      assert.deepEqual(kinds(whole.subarray(0, -1)), ['der-pkcs8']);
    }
  });

  it('does not find public keys and certificates', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    assert.deepEqual(scan(rsa.export({ type: 'pkcs1', format: 'der' })), []);
    assert.deepEqual(scan(rsa.export({ type: 'spki', format: 'der' })), []);
    assert.deepEqual(scan(ec.publicKey.export({ type: 'spki', format: 'der' })), []);
  });

  it('does not find lengths that do not fit', () => {
    const longer = Buffer.from(der);
    longer[1] = 0x20;
    const scanned = scan(longer).filter(({ offset }) => offset === 0);
    assert.deepEqual(scanned, []);
  });
});

describe('keys as JWK', () => {
  const jwk = { kid: 'k-7', ...ec.privateKey.export({ format: 'jwk' }) };

  it('finds each of a set, and says what it calls itself, which proves no key to be ours', () => {
    const text = JSON.stringify({ keys: [jwk, { ...jwk, kid: 'k-8' }] });
    const finds = scan(text);
    assert.deepEqual(
      finds.map(({ kid, what, offset }) => [kid, what, offset]),
      [
        [undefined, 'private JWK (EC) named k-7', text.indexOf('{', 1)],
        [undefined, 'private JWK (EC) named k-8', text.lastIndexOf('{')],
      ],
    );
  });

  it('finds one that was printed as an object', () => {
    assert.deepEqual(kinds(`got ${inspect(jwk)} instead`), ['jwk']);
    assert.deepEqual(kinds(`got ${inspect({ a: [jwk] }, { compact: false, depth: 5 })}`), ['jwk']);
  });

  it('finds symmetric keys, and those of post-quantum signatures', () => {
    assert.deepEqual(kinds(JSON.stringify({ kty: 'oct', k: body.slice(0, 43) })), ['jwk']);
    assert.deepEqual(kinds(JSON.stringify({ priv: body.slice(0, 43), kty: 'AKP' })), ['jwk']);
  });

  it('finds one whose object was cut off', () => {
    const text = JSON.stringify({ kty: 'EC', d: jwk.d, x: jwk.x });
    assert.deepEqual(kinds(`\0${text.slice(1, -20)}\0`), ['jwk']);
  });

  it('does not find public keys', () => {
    const { d: _, ...open } = jwk;
    assert.deepEqual(scan(JSON.stringify({ keys: [open, open] })), []);
    assert.deepEqual(scan(JSON.stringify({ kty: 'RSA', n: body, k: body.slice(0, 43) })), []);
  });
});

describe('OpenSSH', () => {
  it('is not found where a program names its format', () => {
    assert.deepEqual(scan('openssh-key-v1\0%s: invalid\0bcrypt\0none\0aes256-ctr\0'), []);
  });
});
