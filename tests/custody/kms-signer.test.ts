import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import {
  openKeyFile,
  type PublicKeyRecord,
  planCustodyLaunch,
  type SignerClient,
} from '@countersign/keys';
import {
  MAIN,
  makeInput,
  makeScope,
  NODE_MODULES,
  newHome,
  PASSPHRASE,
  type StartedSigner,
  startSigner,
} from '../../apps/signer/src/testing/start-signer.ts';
import {
  KMS_ACCESS,
  KMS_CREDENTIALS,
  KMS_REGION,
  startKmsStandIn,
} from '../../packages/keys/src/testing/kms-stand-in.ts';

const kms = await startKmsStandIn();
after(() => kms.close());

let home: ReturnType<typeof newHome>;
beforeEach(() => {
  home = newHome();
});
afterEach(() => home.remove());

function start(credentials = KMS_CREDENTIALS): StartedSigner {
  const file = join(dirname(home.folder), 'aws');
  writeFileSync(file, credentials, { mode: 0o600 });
  const awsKms = { region: KMS_REGION, endpoint: kms.endpoint, credentials: { file } };
  const launch = planCustodyLaunch(NODE_MODULES, { default: 'aws-kms', awsKms });
  return startSigner(home.folder, home.secret, MAIN, launch);
}

async function makeActive(signer: SignerClient): Promise<PublicKeyRecord> {
  const { kid } = await signer.makeKey('ES256', makeScope());
  await signer.changeKey(kid, 'published');
  return signer.changeKey(kid, 'active');
}

describe('a confined signer with keys in AWS KMS (stand-in)', () => {
  it('makes a key there by default, signs with it, and finds it again after a start', async () => {
    const first = start();
    const { kid } = await first.signer.makeKey('ES256', makeScope());
    await first.signer.changeKey(kid, 'published');
    const key = await first.signer.changeKey(kid, 'active');
    assert.equal(key.custody, 'aws-kms');
    await first.stop();
    const second = start();
    const input = makeInput(kid, 1);
    const { signature } = await second.signer.sign(kid, input);
    const publicKey = createPublicKey({ key: key.publicJwk as JsonWebKey, format: 'jwk' });
    assert.ok(verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
    const commandLine = readFileSync(`/proc/${second.child.pid}/cmdline`, 'utf8');
    const environment = readFileSync(`/proc/${second.child.pid}/environ`, 'utf8');
    assert.ok(commandLine.includes(kms.endpoint));
    for (const secret of [KMS_ACCESS.secretAccessKey, KMS_ACCESS.accessKeyId, PASSPHRASE]) {
      assert.ok(!commandLine.includes(secret) && !environment.includes(secret));
    }
    await second.stop();
    assert.deepEqual([...first.log, ...second.log], []);
    const file = readFileSync(join(home.folder, 'keys', `${kid}.json`));
    assert.throws(() => openKeyFile(file, PASSPHRASE), { code: 'key_elsewhere' });
  });

  it('does not start with credentials that KMS refuses, or that are none', async () => {
    const first = start();
    const { kid } = await first.signer.makeKey('ES256', makeScope());
    await first.signer.changeKey(kid, 'published');
    await first.stop();
    for (const [credentials, said] of [
      [KMS_CREDENTIALS.replace('wJalr', 'other'), /^credentials_refused: .*kms:Sign/m],
      ['nothing of the kind', /^credentials_missing: .*aws configure/m],
    ] as const) {
      const { exited, log } = start(credentials);
      assert.equal((await exited).code, 78);
      assert.match(log.join('\n'), said);
      assert.ok(!log.join('\n').includes('other'));
    }
  });

  it('starts without a key that KMS has disabled, says so, and lets it be revoked: the others sign', async () => {
    const first = start();
    const [lost, other] = [await makeActive(first.signer), await makeActive(first.signer)];
    await first.stop();
    const arn = [...kms.keys.keys()].at(-2);
    Object.assign(kms.keys.get(arn as string) as object, { state: 'Disabled' });
    const { signer, log, stop } = start();
    await signer.sign(other.kid, makeInput(other.kid, 1));
    await assert.rejects(signer.sign(lost.kid, makeInput(lost.kid, 2)), {
      code: 'signer_unavailable',
      message: /is Disabled in AWS KMS .* No new key is made in its place/,
    });
    const { lastNumber } = await signer.status();
    assert.equal(lastNumber, 1);
    assert.match(log.join('\n'), /^custody_key_missing: The key .* is Disabled/m);
    await signer.changeKey(lost.kid, 'revoked', { reason: 'its key was disabled by a stranger' });
    await stop();
    const again = start();
    await again.signer.sign(other.kid, makeInput(other.kid, 3));
    await again.stop();
    assert.deepEqual(again.log, []);
  });

  it('may read no more of our libraries than KMS needs, and has no way to addons', () => {
    const { libraries, opens } = planCustodyLaunch(NODE_MODULES, {
      default: 'software',
      awsKms: { region: KMS_REGION, credentials: { file: home.secret } },
    });
    assert.deepEqual(opens, { addons: false, network: true });
    assert.ok(libraries.length > 5 && libraries.length < 40);
    assert.ok(libraries.every((name) => !/oidc|express|playwright|pkcs11/.test(name)));
  });
});
