import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { PublicKeyRecord, SignerClient, SignerStatus } from '@countersign/keys';
import { keyThumbprint } from '@countersign/verifier';
import { ownKeysOf } from './list-own-keys.ts';

const ISSUER = 'https://id.example/acme/partner';
const publicJwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as Record<
  string,
  unknown
>;
const counts = { journalled: 7, sinceStart: 3, made: 3, failed: 0 };
const record = {
  ...{ kid: 'one', scope: { issuer: ISSUER }, publicJwk, counts },
  life: { state: 'retired', sinceMs: { planned: 1, retired: 9 } },
};
const status = async () => ({ keys: 1 }) as SignerStatus;
const listing = (more: object) =>
  ownKeysOf({
    ...{ status, listKeys: async () => [{ ...record, ...more } as unknown as PublicKeyRecord] },
  })();

test('a key of the signer is named by its issuer, its kid and its public half, with its state', async () => {
  const thumbprint = keyThumbprint(publicJwk);
  const known = { issuer: ISSUER, kid: 'one', thumbprint, state: 'retired', stateSinceMs: 9 };
  assert.deepEqual(await listing({}), [{ ...known, counts }]);
});

test('a signer that is away says nothing of how often its keys have signed', async () => {
  const [key] = await listing({ away: true });
  assert.equal(key?.state, 'retired');
  assert.equal(key?.counts, undefined);
});

test('a signer that cannot answer is not taken for one without keys', async () => {
  const away = { status, listKeys: () => Promise.reject(new Error('away')) };
  await assert.rejects(ownKeysOf(away)(), /away/);
});

test('keys that ended long ago are asked for once, and are in the list for ever', async () => {
  const old = { ...record, kid: 'old', life: { state: 'retired', sinceMs: { retired: 9 } } };
  let live: object[] = [];
  const asked: (number | undefined)[] = [];
  const listKeys = (async (_issuer, wanted) => {
    asked.push(wanted?.endedAfterMs);
    return wanted?.endedAfterMs === undefined ? [old, ...live] : live;
  }) as SignerClient['listKeys'];
  const list = ownKeysOf({
    listKeys,
    status: async () => ({ keys: 1 + live.length }) as SignerStatus,
  });
  const kids = async () => (await list()).map(({ kid }) => kid);
  assert.deepEqual(await kids(), ['old']);
  live = [{ ...record, kid: 'new' }];
  assert.deepEqual(await kids(), ['old', 'new']);
  assert.deepEqual(await kids(), ['old', 'new']);
  assert.equal(asked.filter((since) => since === undefined).length, 1);
});
