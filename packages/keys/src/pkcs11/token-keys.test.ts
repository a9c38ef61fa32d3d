import assert from 'node:assert/strict';
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Attribute, Handle, PKCS11 } from 'pkcs11js';
import type { KeptKey } from '../custody/custody.ts';
import { kidOf } from '../custody/public-jwk.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { noSoftHsm, PIN, startSoftHsm, TOKEN_LABEL } from '../testing/softhsm.ts';
import { TOKEN_ALGORITHMS } from './algorithms.ts';
import {
  CKA_CLASS,
  CKA_EC_PARAMS,
  CKA_EXTRACTABLE,
  CKA_ID,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_TOKEN,
  CKA_VERIFY,
  CKA_WRAP,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKM_EC_KEY_PAIR_GEN,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
} from './constants.ts';
import { findToken } from './find-token.ts';
import { loadModule } from './load-module.ts';
import { Pkcs11Custody } from './pkcs11-custody.ts';

const CKA_VALUE = 0x11;
const CKA_VALUE_LEN = 0x161;
/** Private exponent, primes and what follows from them. */
const RSA_SECRETS = [0x123, 0x124, 0x125, 0x126, 0x127, 0x128];
const CKM_AES_KEY_GEN = 0x1080;
const WRAPS = { CKM_AES_KEY_WRAP: 0x2109, CKM_AES_KEY_WRAP_PAD: 0x210a, CKM_AES_CBC_PAD: 0x1085 };
const P256 = Buffer.from('06082a8648ce3d030107', 'hex');

const skip = noSoftHsm;
const hsm = skip === false ? startSoftHsm() : undefined;
const folder = mkdtempSync(join(tmpdir(), 'countersign-token-keys-'));
after(() => {
  hsm?.remove();
  rmSync(folder, { recursive: true });
});

/** Somebody in the signer's process, past everything that is ours: the module, logged in. */
interface Thief {
  cryptoki: PKCS11;
  session: Handle;
  find(objectClass: number, kid: string): Handle;
}

async function withThief(
  deed: (custody: Pkcs11Custody, thief: Thief) => Promise<void>,
): Promise<void> {
  const settings = { module: hsm?.module as string, tokenLabel: TOKEN_LABEL };
  const custody = await Pkcs11Custody.start({
    settings,
    readPin: () => Buffer.from(PIN),
    home: { folder, sealingKey: createSecretKey(randomBytes(32)) },
  });
  try {
    const { cryptoki } = await loadModule(settings.module);
    const { slot } = findToken(cryptoki, settings);
    const session = cryptoki.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    const find = (objectClass: number, kid: string): Handle => {
      cryptoki.C_FindObjectsInit(session, [
        { type: CKA_CLASS, value: objectClass },
        { type: CKA_ID, value: Buffer.from(kid, 'base64url') },
      ]);
      const [handle] = cryptoki.C_FindObjects(session, 1);
      cryptoki.C_FindObjectsFinal(session);
      return handle as Handle;
    };
    await deed(custody, { cryptoki, session, find });
  } finally {
    await custody.close();
  }
}

async function make(custody: Pkcs11Custody, alg: SignatureAlg): Promise<KeptKey> {
  const { publicKey, place } = await custody.make(alg, 'issuer');
  return { kid: kidOf(publicKey), alg, publicKey, place };
}

/** A pair that anybody might have put beside ours; `changes` go into its private half. */
function plantPair({ cryptoki, session }: Thief, kid: string, changes: Attribute[] = []): void {
  const id = { type: CKA_ID, value: Buffer.from(kid, 'base64url') };
  cryptoki.C_GenerateKeyPair(
    session,
    { mechanism: CKM_EC_KEY_PAIR_GEN },
    [
      { type: CKA_TOKEN, value: true },
      { type: CKA_VERIFY, value: true },
      { type: CKA_EC_PARAMS, value: P256 },
      id,
    ],
    [
      { type: CKA_TOKEN, value: true },
      { type: CKA_PRIVATE, value: true },
      { type: CKA_SIGN, value: true },
      id,
      ...changes,
    ],
  );
}

describe('C-09 a key in a token', { skip }, () => {
  it('gives out no private byte, whoever asks the token itself, logged in', async () => {
    await withThief(async (custody, { cryptoki, session, find }) => {
      for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
        const { kid } = await make(custody, alg);
        const key = find(CKO_PRIVATE_KEY, kid);
        for (const type of alg === 'RS256' ? RSA_SECRETS : [CKA_VALUE]) {
          assert.throws(
            () => cryptoki.C_GetAttributeValue(session, key, [{ type }]),
            /CKR_ATTRIBUTE_SENSITIVE/,
            `${alg} ${type}`,
          );
        }
      }
    });
  });

  it('is wrapped for nobody', async () => {
    await withThief(async (custody, { cryptoki, session, find }) => {
      const wrapper = cryptoki.C_GenerateKey(session, { mechanism: CKM_AES_KEY_GEN }, [
        { type: CKA_VALUE_LEN, value: 32 },
        { type: CKA_WRAP, value: true },
      ]);
      for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
        const key = find(CKO_PRIVATE_KEY, (await make(custody, alg)).kid);
        for (const [name, mechanism] of Object.entries(WRAPS)) {
          const how = name === 'CKM_AES_CBC_PAD' ? { parameter: Buffer.alloc(16) } : {};
          assert.throws(
            () =>
              cryptoki.C_WrapKey(session, { mechanism, ...how }, wrapper, key, Buffer.alloc(4096)),
            /CKR_(KEY_UNEXTRACTABLE|KEY_NOT_WRAPPABLE|MECHANISM_INVALID)/,
            `${alg} ${name}`,
          );
        }
        assert.throws(
          () =>
            cryptoki.C_WrapKey(
              session,
              { mechanism: WRAPS.CKM_AES_KEY_WRAP_PAD },
              wrapper,
              key,
              Buffer.alloc(4096),
            ),
          /CKR_KEY_UNEXTRACTABLE/,
        );
      }
    });
  });

  it('is not loosened, and not copied to something looser', async () => {
    await withThief(async (custody, { cryptoki, session, find }) => {
      const key = find(CKO_PRIVATE_KEY, (await make(custody, 'ES256')).kid);
      const loose = [{ type: CKA_EXTRACTABLE, value: true }];
      const open = [{ type: CKA_SENSITIVE, value: false }];
      for (const change of [loose, open]) {
        assert.throws(() => cryptoki.C_SetAttributeValue(session, key, change), /CKR_/);
        assert.throws(() => cryptoki.C_CopyObject(session, key, change), /CKR_/);
      }
    });
  });

  it('is wrapped when it is extractable: the attempts above can succeed', async () => {
    await withThief(async (_custody, thief) => {
      const kid = randomBytes(32).toString('base64url');
      plantPair(thief, kid, [{ type: CKA_EXTRACTABLE, value: true }]);
      const { cryptoki, session, find } = thief;
      const wrapper = cryptoki.C_GenerateKey(session, { mechanism: CKM_AES_KEY_GEN }, [
        { type: CKA_VALUE_LEN, value: 32 },
        { type: CKA_WRAP, value: true },
      ]);
      const wrapped = cryptoki.C_WrapKey(
        session,
        { mechanism: WRAPS.CKM_AES_KEY_WRAP_PAD },
        wrapper,
        find(CKO_PRIVATE_KEY, kid),
        Buffer.alloc(4096),
      );
      assert.ok(wrapped.length > 32);
    });
  });
});

describe('a key that is not as it was made', { skip }, () => {
  it('is refused when two in the token have its kid', async () => {
    await withThief(async (custody, thief) => {
      const key = await make(custody, 'ES256');
      plantPair(thief, key.kid);
      await assert.rejects(custody.open(key), {
        code: 'custody_key_duplicate',
        message: /two private keys with the CKA_ID/,
      });
    });
  });

  it('is refused when the token has another key under its kid', async () => {
    await withThief(async (custody, thief) => {
      const key = await make(custody, 'ES256');
      for (const objectClass of [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY]) {
        thief.cryptoki.C_DestroyObject(thief.session, thief.find(objectClass, key.kid));
      }
      plantPair(thief, key.kid);
      await assert.rejects(custody.open(key), { code: 'custody_key_unfit' });
    });
  });

  it('is refused when it could be taken out of the token', async () => {
    await withThief(async (custody, thief) => {
      const { publicKey: _, ...key } = await make(custody, 'ES256');
      const kid = randomBytes(32).toString('base64url');
      plantPair(thief, kid, [{ type: CKA_EXTRACTABLE, value: true }]);
      const { cryptoki, session, find } = thief;
      const publicKey = readPlanted(cryptoki, session, find(CKO_PUBLIC_KEY, kid));
      await assert.rejects(custody.open({ ...key, kid, publicKey }), {
        code: 'custody_key_unfit',
        message: /may be taken out/,
      });
    });
  });

  it('signs no more once the token signs with another key in its place', async () => {
    await withThief(async (custody, thief) => {
      const key = await make(custody, 'ES256');
      const other = await make(custody, 'ES256');
      const { cryptoki, session, find } = thief;
      const rename = (from: string, to: string): void =>
        cryptoki.C_SetAttributeValue(session, find(CKO_PRIVATE_KEY, from), [
          { type: CKA_ID, value: Buffer.from(to, 'base64url') },
        ]);
      const aside = randomBytes(32).toString('base64url');
      rename(key.kid, aside);
      rename(other.kid, key.kid);
      const handle = await custody.open(key);
      const refused = { code: 'signer_unavailable', message: /signs with another key/ };
      await assert.rejects(Promise.resolve(handle.sign(Buffer.from('x'))), refused);
      assert.equal(handle.away()?.code, 'signer_unavailable');
    });
  });
});

function readPlanted(cryptoki: PKCS11, session: Handle, handle: Handle): KeyObject {
  const { publicParts, importPublic } = TOKEN_ALGORITHMS.ES256;
  const parts = cryptoki.C_GetAttributeValue(
    session,
    handle,
    publicParts.map((type) => ({ type })),
  );
  return importPublic(parts.map(({ value }) => value as Buffer));
}
