import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { PublicKeyRecord } from '@countersign/keys';
import { keyThumbprint } from '@countersign/verifier';
import { ownKeysOf } from './list-own-keys.ts';

test('a key of the signer is named by its issuer, its kid and its public half', async () => {
  const publicJwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Record<
    string,
    unknown
  >;
  const scope = { issuer: 'https://id.example/acme/partner' };
  const keys = [{ kid: 'one', scope, publicJwk }] as unknown as PublicKeyRecord[];
  assert.deepEqual(await ownKeysOf({ listKeys: async () => keys })(), [
    { issuer: scope.issuer, kid: 'one', thumbprint: keyThumbprint(publicJwk) },
  ]);
});

test('a signer that cannot answer is not taken for one without keys', async () => {
  const away = { listKeys: () => Promise.reject(new Error('away')) };
  await assert.rejects(ownKeysOf(away)(), /away/);
});
