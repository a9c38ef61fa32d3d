// What clients see of keys that turn over: tokens go on, by a key that everybody can know.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { openWorld, type World } from './testing/open-world.ts';
import {
  type RegisteredClient,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';

const BY = { by: 'ana', reason: 'drill' };
let world: World;
let client: RegisteredClient;
let issuer: string;
before(async () => {
  world = await openWorld();
  ({ issuer } = await seedAcme(world));
  client = await registerClient(world);
});
after(() => world.close());

async function signedBy(): Promise<string> {
  const { access_token: token } = await signInForTokens(world, client);
  assert.equal(decodeJwt(token).iss, issuer);
  return decodeProtectedHeader(token).kid ?? assert.fail();
}

async function shown(): Promise<string[]> {
  const { keys } = await world.house.jwks({ tenant: 'acme', population: 'workforce' });
  return keys.map(({ kid }) => kid);
}

describe('tokens while keys turn over', () => {
  test('name the standby as soon as it signs, and the key set has it all along', async () => {
    const before = await signedBy();
    assert.equal((await shown()).length, 6);
    await world.keyLives.rotate(issuer, { ...BY, alg: 'ES256', force: true });
    const next = await signedBy();
    assert.notEqual(next, before);
    const kids = await shown();
    assert.ok(kids.includes(before) && kids.includes(next));
  });

  test('C-14 are signed by another key from the moment of a revocation, and the key set is without it', async () => {
    const kid = await signedBy();
    await world.keyLives.revoke(kid, BY);
    assert.ok(!(await shown()).includes(kid));
    assert.notEqual(await signedBy(), kid);
  });

  test('do not fail when another server has turned a key over that this one still knows', async () => {
    const kid = await signedBy();
    const keys = await world.signer.listKeys(issuer);
    const standby = keys.find(({ alg, life }) => alg === 'ES256' && life.state === 'published');
    await world.signer.changeKey(standby?.kid ?? '', 'active');
    await world.signer.changeKey(kid, 'retiring');
    // What is known is asked for again at most once a second.
    await sleep(1000);
    assert.equal(await signedBy(), standby?.kid);
    assert.ok((await shown()).includes(kid));
  });

  test('are as before after a restart', async () => {
    const kid = await signedBy();
    const kids = await shown();
    await world.restart();
    assert.equal(await signedBy(), kid);
    assert.deepEqual((await shown()).toSorted(), kids.toSorted());
  });
});
