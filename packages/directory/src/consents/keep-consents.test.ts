import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Directory } from '../create-directory.ts';
import { STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import type { NewConsent } from './keep-consents.ts';

const API = 'https://api.acme.example/';

async function addPersonAndClient({ people, clients }: Directory): Promise<string> {
  await clients.register(STAFF, {
    client_id: 'web',
    client_name: 'Web',
    redirect_uris: ['https://app.example/'],
  });
  return (await people.create({ realm: STAFF, username: 'alice' })).id;
}

test('consents add up, keep the time of the first, and are gone when withdrawn', () =>
  withDirectory(async ({ directory, clock }) => {
    const { consents } = directory;
    const personId = await addPersonAndClient(directory);
    const key = { realm: STAFF, personId, clientId: 'web' };
    const givenMs = clock.nowMs();
    await consents.give({ ...key, scopes: ['openid'], resourceScopes: { [API]: ['read'] } });
    clock.advanceMs(1000);
    const added = { scopes: ['email'], resourceScopes: { [API]: ['write'] } };
    const joined = await consents.give({ ...key, ...added });
    assert.deepEqual(joined, {
      ...key,
      scopes: ['email', 'openid'],
      resourceScopes: { [API]: ['read', 'write'] },
      givenMs,
      updatedMs: givenMs + 1000,
    });
    assert.deepEqual(await consents.find(STAFF, personId, 'web'), joined);
    assert.deepEqual(await consents.listOf(STAFF, personId), [joined]);
    assert.equal(await consents.withdraw(STAFF, personId, 'web'), true);
    assert.equal(await consents.withdraw(STAFF, personId, 'web'), false);
    assert.equal(await consents.find(STAFF, personId, 'web'), undefined);
  }));

test('two consents given at once both count', () =>
  withDirectory(async ({ directory }) => {
    const { consents } = directory;
    const key = { realm: STAFF, personId: await addPersonAndClient(directory), clientId: 'web' };
    await Promise.all(['a', 'b', 'c'].map((scope) => consents.give({ ...key, scopes: [scope] })));
    assert.deepEqual((await consents.find(STAFF, key.personId, 'web'))?.scopes, ['a', 'b', 'c']);
  }));

test('a consent needs a person and a client of the same realm, and scopes that fit', () =>
  withDirectory(async ({ directory }) => {
    const { consents } = directory;
    const key = { realm: STAFF, personId: await addPersonAndClient(directory), clientId: 'web' };
    const lost = [
      { personId: 'nobody' },
      { clientId: 'nobody' },
      { realm: 'acme/customer' as const },
    ];
    for (const wrong of lost) {
      const given = consents.give({ ...key, ...wrong, scopes: ['openid'] });
      await assert.rejects(given, refusal('person_unknown'));
    }
    const bad: Partial<NewConsent>[] = [
      { scopes: ['two words'] },
      { resourceScopes: { toString: ['read'] } },
      { resourceScopes: { 'no uri': ['read'] } },
      { scopes: Array.from({ length: 201 }, (_, n) => `s${n}`) },
    ];
    for (const wrong of bad) {
      await assert.rejects(consents.give({ ...key, ...wrong }), refusal('bad_consent'));
    }
  }));

test('consents grow no further than the limit, one scope at a time', () =>
  withDirectory(async ({ directory }) => {
    const { consents } = directory;
    const key = { realm: STAFF, personId: await addPersonAndClient(directory), clientId: 'web' };
    const many = Array.from({ length: 200 }, (_, n) => `s${n}`);
    await consents.give({ ...key, scopes: many });
    const more = consents.give({ ...key, scopes: ['one-more'] });
    await assert.rejects(more, refusal('bad_consent'));
    assert.equal((await consents.find(STAFF, key.personId, 'web'))?.scopes.length, 200);
  }));

test('a removed client, and a removed person, take their consents along', () =>
  withDirectory(async ({ directory }) => {
    const { clients, consents, people } = directory;
    const personId = await addPersonAndClient(directory);
    await consents.give({ realm: STAFF, personId, clientId: 'web', scopes: ['openid'] });
    await clients.remove(STAFF, 'web');
    assert.deepEqual(await consents.listOf(STAFF, personId), []);
    await people.remove(STAFF, personId);
    const another = await addPersonAndClient(directory);
    await consents.give({ realm: STAFF, personId: another, clientId: 'web', scopes: ['openid'] });
    await people.remove(STAFF, another);
    assert.deepEqual(await consents.listOf(STAFF, another), []);
  }));

test('a row that somebody else wrote is refused rather than served', () =>
  withDirectory(async ({ directory, store }) => {
    const personId = await addPersonAndClient(directory);
    await directory.consents.give({ realm: STAFF, personId, clientId: 'web', scopes: ['openid'] });
    for (const scopes of ['', '{}', '["two words"]']) {
      await store.transaction((tx) =>
        tx.updateTable('directory_consent').set({ scopes }).execute(),
      );
      const found = directory.consents.find(STAFF, personId, 'web');
      await assert.rejects(found, refusal('record_damaged'), scopes);
    }
  }));
