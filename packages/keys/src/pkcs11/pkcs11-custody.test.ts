import assert from 'node:assert/strict';
import { createPublicKey, createSecretKey, randomBytes, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { MadeKey } from '../custody/custody.ts';
import { kidOf } from '../custody/public-jwk.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { initToken, noSoftHsm, PIN, startSoftHsm, TOKEN_LABEL } from '../testing/softhsm.ts';
import * as constants from './constants.ts';
import type { TokenSettings } from './find-token.ts';
import { Pkcs11Custody } from './pkcs11-custody.ts';

const ALGS: SignatureAlg[] = ['ES256', 'EdDSA', 'RS256'];
const skip = noSoftHsm;
const hsm = skip === false ? startSoftHsm() : undefined;
const folder = mkdtempSync(join(tmpdir(), 'countersign-pkcs11-'));
after(() => {
  hsm?.remove();
  rmSync(folder, { recursive: true });
});

const sealingKey = createSecretKey(randomBytes(32));
const settings = (): TokenSettings => ({ module: hsm?.module ?? '', tokenLabel: TOKEN_LABEL });

interface Start {
  settings?: Partial<TokenSettings>;
  pin?: () => string;
  home?: string;
}

function start({ pin = () => PIN, home = folder, ...rest }: Start = {}): Promise<Pkcs11Custody> {
  return Pkcs11Custody.start({
    settings: { ...settings(), ...rest.settings },
    readPin: () => Buffer.from(pin()),
    home: { folder: home, sealingKey },
  });
}

async function withToken(
  deed: (custody: Pkcs11Custody) => Promise<void>,
  options: Start = {},
): Promise<void> {
  const custody = await start(options);
  try {
    await deed(custody);
  } finally {
    await custody.close();
  }
}

const kept = ({ publicKey, place }: MadeKey, alg: SignatureAlg) => ({
  kid: kidOf(publicKey),
  alg,
  publicKey,
  place,
});

function isGood(alg: SignatureAlg, key: MadeKey, input: Uint8Array, signature: Uint8Array) {
  const verifyKey = { key: createPublicKey(key.publicKey.export({ format: 'pem', type: 'spki' })) };
  const hashName = alg === 'EdDSA' ? null : 'sha256';
  return verify(hashName, input, { ...verifyKey, dsaEncoding: 'ieee-p1363' }, signature);
}

describe('keys in a token (SoftHSM)', { skip }, () => {
  it('sign as keys of this process do, for each algorithm, many at a time', async () => {
    await withToken(async (custody) => {
      for (const alg of ALGS) {
        const made = await custody.make(alg, 'https://id.example/acme/workforce');
        const handle = await custody.open(kept(made, alg));
        const inputs = Array.from({ length: 100 }, (_, n) => Buffer.from(`${alg} ${n}`));
        const signatures = await Promise.all(inputs.map((input) => handle.sign(input)));
        signatures.forEach((signature, n) => {
          assert.ok(isGood(alg, made, inputs[n] as Buffer, signature), `${alg} ${n}`);
        });
        assert.equal(handle.made, 100);
      }
    });
  });

  it('are the same keys after a start', async () => {
    let made: MadeKey | undefined;
    await withToken(async (custody) => {
      made = await custody.make('ES256', 'issuer');
    });
    await withToken(async (custody) => {
      const handle = await custody.open(kept(made as MadeKey, 'ES256'));
      const input = Buffer.from('input');
      assert.ok(isGood('ES256', made as MadeKey, input, await handle.sign(input)));
    });
  });

  it('are away while the token is, say so, and sign again when it is back', async () => {
    await withToken(async (custody) => {
      const made = await custody.make('ES256', 'issuer');
      const handle = await custody.open(kept(made, 'ES256'));
      const tokens = hsm?.tokens as string;
      renameSync(tokens, `${tokens}.out`);
      mkdirSync(tokens);
      const away = { code: 'signer_unavailable', retryAfterSeconds: 5 };
      // In flight when it was taken away.
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), away);
      assert.equal(handle.away()?.code, 'signer_unavailable');
      await assert.rejects(custody.make('ES256', 'issuer'), away);
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), away);
      assert.match(handle.away()?.message ?? '', /There is no token "countersign test"/);
      rmSync(tokens, { recursive: true });
      renameSync(`${tokens}.out`, tokens);
      while (handle.away() !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
      const input = Buffer.from('again');
      assert.ok(isGood('ES256', made, input, await handle.sign(input)));
      assert.equal(handle.made, 1);
    });
  });

  it('are pulled and put back under load without a crash, and count exactly what was signed', async () => {
    await withToken(async (custody) => {
      const handle = await custody.open(kept(await custody.make('ES256', 'issuer'), 'ES256'));
      let signed = 0;
      let pulls = 0;
      const work = async (): Promise<void> => {
        while (pulls < 2 || handle.away() !== undefined) {
          const signature = await Promise.resolve(handle.sign(randomBytes(100))).catch(() => null);
          if (signature !== null) signed += 1;
          else await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const workers = Array.from({ length: 40 }, work);
      const tokens = hsm?.tokens as string;
      for (; pulls < 2; pulls += 1) {
        const before = signed;
        while (signed < before + 100) await new Promise((resolve) => setTimeout(resolve, 10));
        renameSync(tokens, `${tokens}.out`);
        mkdirSync(tokens);
        while (handle.away() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
        rmSync(tokens, { recursive: true });
        renameSync(`${tokens}.out`, tokens);
      }
      await Promise.all(workers);
      assert.equal(handle.made, signed);
    });
  });

  it('stay away when the token comes back with another PIN, which is asked for once, until it is right', async () => {
    let pin = PIN;
    let asked = 0;
    const home = mkdtempSync(join(folder, 'other-pin-'));
    const options = { home, pin: () => pin };
    await withToken(async (custody) => {
      const handle = await custody.open(kept(await custody.make('ES256', 'issuer'), 'ES256'));
      const tokens = hsm?.tokens as string;
      renameSync(tokens, `${tokens}.out`);
      mkdirSync(tokens);
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))));
      pin = '9999';
      rmSync(tokens, { recursive: true });
      renameSync(`${tokens}.out`, tokens);
      const said = new Set<string>();
      while (![...said].some((message) => message.includes('refused this PIN before'))) {
        const message = handle.away()?.message ?? assert.fail('it signs with a wrong PIN');
        if (message.includes('CKR_PIN_INCORRECT')) asked += said.has(message) ? 0 : 1;
        said.add(message);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(asked, 1);
      pin = PIN;
      while (handle.away() !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
      await handle.sign(Buffer.from('x'));
    }, options);
  });

  it('are not signed with any more once they are given up', async () => {
    await withToken(async (custody) => {
      const handle = await custody.open(kept(await custody.make('EdDSA', 'issuer'), 'EdDSA'));
      handle.forget();
      assert.equal(handle.away()?.code, 'key_expired');
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), { code: 'key_expired' });
    });
  });

  it('cannot be made for an algorithm that the token lacks', async () => {
    const poor = startSoftHsm('CKM_EC_KEY_PAIR_GEN,CKM_ECDSA');
    try {
      await withToken(async (custody) => {
        await assert.rejects(custody.make('EdDSA', 'issuer'), {
          code: 'custody_unsupported',
          message: /makes no keys for EdDSA/,
        });
        await custody.make('ES256', 'issuer');
      });
    } finally {
      poor.remove();
      process.env['SOFTHSM2_CONF'] = hsm?.conf;
    }
  });
});

describe('a token that cannot be used (SoftHSM)', { skip }, () => {
  it('is told when its module is missing or is none', async () => {
    for (const module of ['/nowhere/module.so', '/etc/hostname']) {
      await assert.rejects(start({ settings: { module } }), {
        code: 'custody_not_installed',
        message: /Check custody.pkcs11.module/,
      });
    }
  });

  it('is told when it is missing, with the tokens that are there', async () => {
    await assert.rejects(start({ settings: { tokenLabel: 'another' } }), {
      code: 'custody_unreachable',
      message: /There is no token "another" .* there is "countersign test"/,
    });
  });

  it('is told when two have its label, until a serial number says which', async () => {
    const two = startSoftHsm();
    initToken(two.conf, TOKEN_LABEL);
    try {
      const error = await start().then(
        () => assert.fail('it should not start'),
        (thrown: Error) => thrown,
      );
      assert.match(error.message, /2 tokens are called "countersign test"/);
      const [tokenSerial] = /[0-9a-f]{16}/.exec(error.message) ?? [];
      await withToken(async () => undefined, { settings: { tokenSerial } });
    } finally {
      two.remove();
      process.env['SOFTHSM2_CONF'] = hsm?.conf;
    }
  });

  it('asks a wrong PIN once and never again, whoever starts it, and takes the right one then', async () => {
    const home = mkdtempSync(join(folder, 'pin-'));
    const refused = { code: 'pin_wrong' };
    const again = { ...refused, message: /refused this PIN before, and is not asked again/ };
    await assert.rejects(start({ home, pin: () => '0000' }), {
      ...refused,
      message: /refused the PIN \(CKR_PIN_INCORRECT\)/,
    });
    await assert.rejects(start({ home, pin: () => '0000' }), again);
    await assert.rejects(start({ home, pin: () => '1111' }), { message: /CKR_PIN_INCORRECT/ });
    await withToken(async () => undefined, { home });
  });
});

describe('a key that a token does not have as it should (SoftHSM)', { skip }, () => {
  it('is refused when it is missing, and no new one is made in its place', async () => {
    const elsewhere = startSoftHsm();
    let made: MadeKey | undefined;
    await withToken(async (custody) => {
      made = await custody.make('ES256', 'issuer');
    });
    elsewhere.remove();
    process.env['SOFTHSM2_CONF'] = hsm?.conf;
    await withToken(async (custody) => {
      await assert.rejects(custody.open(kept(made as MadeKey, 'ES256')), {
        code: 'custody_unreachable',
        message: /is in the token "countersign test" \([0-9a-f]{16}\), and custody.pkcs11 names/,
      });
      const here = await custody.make('ES256', 'issuer');
      const lost = { ...kept(here, 'ES256'), kid: randomBytes(32).toString('base64url') };
      await assert.rejects(custody.open(lost), {
        code: 'custody_key_missing',
        message: /No new key is made in its place/,
      });
    });
  });
});

describe('the constants of PKCS#11', { skip }, () => {
  it('are those of pkcs11js, where it has them', async () => {
    const theirs = ((await import('pkcs11js')) as unknown as { default: Record<string, number> })
      .default;
    const known = Object.entries(constants).filter(([name]) => theirs[name] !== undefined);
    assert.ok(known.length > 30);
    for (const [name, value] of known) assert.equal(theirs[name], value, name);
  });
});
