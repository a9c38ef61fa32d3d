// A signer on a host of its own whose keys are in a real token: the whole way, from the issuer's
// connection over mutual TLS to the token and back.

import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectRelay, createSignerClient, type SignerClient } from '@countersign/keys';
import { RemoteHome } from '../../apps/signer/src/testing/remote-home.ts';
import { makeInput, makeScope } from '../../apps/signer/src/testing/start-signer.ts';
import {
  noSoftHsm,
  PIN,
  type SoftHsm,
  startSoftHsm,
  TOKEN_LABEL,
} from '../../packages/keys/src/testing/softhsm.ts';

describe('a signer on another host with a token', { skip: noSoftHsm }, () => {
  let token: SoftHsm;
  let home: RemoteHome;
  let signer: SignerClient;

  before(async () => {
    token = startSoftHsm();
    home = new RemoteHome();
    const pin = join(home.root, 'pin');
    writeFileSync(pin, PIN, { mode: 0o600 });
    const { listen } = await home.start(0, [
      ...['--custody', 'pkcs11', '--pkcs11-module', token.module, '--pkcs11-token', TOKEN_LABEL],
      ...['--pin-file', pin, '--softhsm-conf', token.conf],
    ]);
    const peer = home.connect(listen);
    while (!peer.connected) await sleep(10);
    signer = createSignerClient(connectRelay({ peer }));
  });
  after(() => {
    signer.close();
    home.delete();
    token.remove();
  });

  it('signs with keys that are in no file of that host', async () => {
    const { kid, custody, publicJwk } = await signer.makeKey('ES256', makeScope());
    assert.equal(custody, 'pkcs11');
    await signer.changeKey(kid, 'published');
    await signer.changeKey(kid, 'active');
    const inputs = Array.from({ length: 20 }, (_, mark) => makeInput(kid, mark));
    const answers = await Promise.all(inputs.map((input) => signer.sign(kid, input)));
    const { kty, crv, x, y } = publicJwk as unknown as Record<string, string>;
    const key = createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' });
    answers.forEach(({ signature, keyNumber }, at) => {
      const input = inputs[at] as Uint8Array;
      assert.ok(verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature));
      assert.equal(keyNumber, at + 1);
    });
    const [file] = readdirSync(join(home.folder, 'keys')).filter((name) => name.includes(kid));
    assert.match(readFileSync(join(home.folder, 'keys', file ?? ''), 'utf8'), /"pkcs11"/);
  });
});
