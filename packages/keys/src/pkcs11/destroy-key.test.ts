import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CodedError } from '@countersign/vocabulary';
import { Custodies, type CustodyHome } from '../custody/custodies.ts';
import type { Signer } from '../signing/signer.ts';
import { makeActive, requestOf, SignerWorld } from '../testing/signer-world.ts';
import { noSoftHsm, PIN, startSoftHsm, TOKEN_LABEL } from '../testing/softhsm.ts';
import { makeScope } from '../testing/token-fixture.ts';
import { CKA_CLASS, CKA_ID, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY } from './constants.ts';
import { findToken } from './find-token.ts';
import { loadModule } from './load-module.ts';
import { Pkcs11Custody } from './pkcs11-custody.ts';

const skip = noSoftHsm;
const hsm = skip === false ? startSoftHsm() : undefined;
after(() => hsm?.remove());
const settings = () => ({ module: hsm?.module ?? '', tokenLabel: TOKEN_LABEL });

async function openCustodies(home: CustodyHome): Promise<Custodies> {
  const readPin = () => Buffer.from(PIN);
  const token = await Pkcs11Custody.start({ settings: settings(), readPin, home });
  return new Custodies([token], 'pkcs11');
}

/** Objects in the token with this kid, both halves. */
async function halvesOf(kid: string): Promise<number> {
  const { cryptoki } = await loadModule(settings().module);
  const { slot } = findToken(cryptoki, settings());
  const session = cryptoki.C_OpenSession(slot, 4);
  const count = [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY].map((value) => {
    cryptoki.C_FindObjectsInit(session, [
      { type: CKA_CLASS, value },
      { type: CKA_ID, value: Buffer.from(kid, 'base64url') },
    ]);
    const found = cryptoki.C_FindObjects(session, 9).length;
    cryptoki.C_FindObjectsFinal(session);
    return found;
  });
  cryptoki.C_CloseSession(session);
  return count.reduce((sum, one) => sum + one, 0);
}

describe('a key in a token that is over (SoftHSM)', { skip }, () => {
  it('is destroyed there, the others are not; one whose token is away is destroyed when it is back', async () => {
    const world = new SignerWorld();
    const fileOf = ({ kid }: { kid: string }) => join(world.folder, 'keys', `${kid}.json`);
    let signer: Signer | undefined;
    try {
      signer = await world.start({ openCustodies });
      const [over, live, later] = [
        await makeActive(signer, makeScope(), 'ES256'),
        await makeActive(signer, makeScope(), 'ES256'),
        await makeActive(signer, makeScope(), 'ES256'),
      ];
      signer.changeKey(over.kid, 'revoked');
      await signer.bury(0);
      assert.deepEqual([await halvesOf(over.kid), await halvesOf(live.kid)], [0, 2]);
      assert.ok(!existsSync(fileOf(over)));
      const [outcome] = signer.signBatch([requestOf(live)]);
      assert.ok(outcome !== undefined && 'signature' in outcome);
      assert.equal((await outcome.signature).length, 64);

      world.stop();
      signer = await world.start({ openCustodies });
      signer.changeKey(later.kid, 'revoked');
      renameSync(hsm?.tokens as string, `${hsm?.tokens}.away`);
      await signer.bury(0);
      renameSync(`${hsm?.tokens}.away`, hsm?.tokens as string);
      // Whether it noticed or not: the next start looks again, and its file says where.
      signer = await world.restart({ openCustodies });
      await signer.bury(0);
      assert.equal(await halvesOf(later.kid), 0);
      assert.ok(!existsSync(fileOf(later)));
      const [key] = signer.listKeys(undefined, 'test', { kid: later.kid });
      assert.deepEqual([key?.custody, key?.life.state], ['pkcs11', 'revoked']);
    } finally {
      world.end();
    }
  });

  it('is told of, once, while its custody does not let go of it', async () => {
    const world = new SignerWorld();
    const told: string[] = [];
    const refusing = async (home: CustodyHome): Promise<Custodies> => {
      const custodies = await openCustodies(home);
      const gone = new Error('no answer');
      custodies.of('pkcs11').destroy = () => Promise.reject(gone);
      return custodies;
    };
    try {
      const onUndestroyed = ({ code, message }: CodedError) => told.push(`${code} ${message}`);
      let signer = await world.start({ openCustodies: refusing, onUndestroyed });
      const { kid } = await makeActive(signer, makeScope(), 'ES256');
      signer.changeKey(kid, 'revoked');
      await signer.bury(0);
      await signer.bury(0);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', new RegExp(`^key_not_destroyed .*${kid}.*internal_error`));
      assert.equal(await halvesOf(kid), 2);
      signer = await world.restart({ openCustodies, onUndestroyed });
      await signer.bury(0);
      assert.equal(await halvesOf(kid), 0);
      assert.equal(told.length, 1);
    } finally {
      world.end();
    }
  });
});
