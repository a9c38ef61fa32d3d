import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import { createDirectory } from '../create-directory.ts';
import { STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import type { NewClient } from './client-record.ts';

const service: NewClient & { client_id: string } = {
  client_id: 'service',
  client_name: 'Service',
  grant_types: ['client_credentials'],
};
const web: NewClient & { client_id: string } = {
  client_id: 'web',
  client_name: 'Web',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://app.example/callback'],
};

test('a registered client is found in its realm only, and shows its secret once', () =>
  withDirectory(async ({ directory: { clients }, store }) => {
    const { client, secret } = await clients.register(STAFF, service);
    assert.ok(secret !== undefined && secret.length === 43);
    assert.deepEqual(await clients.find(STAFF, 'service'), client);
    assert.equal(await clients.find('acme/customer', 'service'), undefined);
    const rows = await store.read.selectFrom('directory_client_secret').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(secret));
    assert.equal((await clients.register(STAFF, web)).secret, undefined);
  }));

test('a client without an id gets a random one', () =>
  withDirectory(async ({ directory: { clients } }) => {
    const { client_id: _, ...nameless } = service;
    const { client } = await clients.register(STAFF, nameless);
    assert.match(client.client_id, /^[A-Za-z0-9_-]{22}$/);
    assert.deepEqual(await clients.find(STAFF, client.client_id), client);
  }));

test('a client id is taken in its realm, and realms and resources must exist', () =>
  withDirectory(async ({ directory: { clients, resources, tenants } }) => {
    await clients.register(STAFF, service);
    await assert.rejects(clients.register(STAFF, service), refusal('client_exists'));
    await tenants.create({ name: 'other' });
    const identifier = 'https://api.other.example/';
    await resources.register({ tenant: 'other', identifier, name: 'API' });
    const foreign = clients.register(STAFF, { ...web, resources: [identifier] });
    await assert.rejects(foreign, refusal('resource_unknown'));
    await clients.register('other/workforce', { ...web, resources: [identifier] });
    await clients.register('acme/partner', service);
    const nowhere = clients.register('nobody/partner', service);
    await assert.rejects(nowhere, refusal('realm_unknown'));
    const lost = clients.register(STAFF, { ...web, resources: ['https://nowhere.example/'] });
    await assert.rejects(lost, refusal('resource_unknown'));
    const bad = clients.register(STAFF, { ...web, redirect_uris: ['http://app.example/'] });
    await assert.rejects(bad, refusal('bad_client'));
    assert.equal(await clients.find(STAFF, 'web'), undefined);
  }));

test('only its own secret authenticates a client, and a client without one never', () =>
  withDirectory(async ({ directory: { clients } }) => {
    const one = await clients.register(STAFF, service);
    const other = await clients.register('acme/partner', service);
    await clients.register(STAFF, web);
    assert.ok(one.secret !== undefined && other.secret !== undefined);
    assert.deepEqual(await clients.verifySecret(STAFF, 'service', one.secret), one.client);
    for (const secret of [other.secret, '', `${one.secret}x`, 'x'.repeat(100_000)]) {
      assert.equal(await clients.verifySecret(STAFF, 'service', secret), undefined);
    }
    assert.equal(await clients.verifySecret(STAFF, 'web', ''), undefined);
    assert.equal(await clients.verifySecret(STAFF, 'nobody', one.secret), undefined);
  }));

test('a rotated secret replaces the one before at once, or after the overlap', () =>
  withDirectory(async ({ directory: { clients }, clock }) => {
    const first = (await clients.register(STAFF, service)).secret ?? '';
    const works = async (secret: string): Promise<boolean> =>
      (await clients.verifySecret(STAFF, 'service', secret)) !== undefined;
    const second = (await clients.rotateSecret(STAFF, 'service')).secret;
    assert.deepEqual([await works(first), await works(second)], [false, true]);
    const third = (await clients.rotateSecret(STAFF, 'service', { keepOldSeconds: 60 })).secret;
    assert.deepEqual([await works(second), await works(third)], [true, true]);
    clock.advanceMs(59_999);
    assert.equal(await works(second), true);
    clock.advanceMs(1);
    assert.deepEqual([await works(second), await works(third)], [false, true]);
  }));

test('with two rotations inside the overlap only the last two secrets work', () =>
  withDirectory(async ({ directory: { clients } }) => {
    const secrets = [(await clients.register(STAFF, service)).secret ?? ''];
    for (let n = 0; n < 3; n += 1) {
      secrets.push((await clients.rotateSecret(STAFF, 'service', { keepOldSeconds: 60 })).secret);
    }
    const works = await Promise.all(
      secrets.map((secret) => clients.verifySecret(STAFF, 'service', secret)),
    );
    assert.deepEqual(works.map(Boolean), [false, false, true, true]);
  }));

test('a secret is not rotated for a client that has none, is unknown, or for too long', () =>
  withDirectory(async ({ directory: { clients } }) => {
    await clients.register(STAFF, web);
    await clients.register(STAFF, service);
    await assert.rejects(clients.rotateSecret(STAFF, 'web'), refusal('client_without_secret'));
    await assert.rejects(clients.rotateSecret(STAFF, 'nobody'), refusal('client_unknown'));
    const long = clients.rotateSecret(STAFF, 'service', { keepOldSeconds: 1e9 });
    await assert.rejects(long, refusal('bad_client'));
  }));

test('a change is seen at once by whoever looked before, and what contradicts it is refused', () =>
  withDirectory(async ({ directory: { clients } }) => {
    const { secret } = await clients.register(STAFF, service);
    assert.equal((await clients.find(STAFF, 'service'))?.client_name, 'Service');
    const changed = await clients.update(STAFF, 'service', { client_name: 'Robot' });
    assert.equal(changed.client_name, 'Robot');
    assert.deepEqual(await clients.find(STAFF, 'service'), changed);
    assert.ok(await clients.verifySecret(STAFF, 'service', secret ?? ''));
    const bad = clients.update(STAFF, 'service', { grant_types: ['authorization_code'] });
    await assert.rejects(bad, refusal('bad_client'));
    const lost = clients.update(STAFF, 'service', { resources: ['https://nowhere.example/'] });
    await assert.rejects(lost, refusal('resource_unknown'));
    const nobody = clients.update(STAFF, 'nobody', { client_name: 'Robot' });
    await assert.rejects(nobody, refusal('client_unknown'));
    assert.deepEqual(await clients.find(STAFF, 'service'), changed);
  }));

test('an update cannot change who the client is or how it authenticates', () =>
  withDirectory(async ({ directory: { clients } }) => {
    await clients.register(STAFF, service);
    const changed = await clients.update(STAFF, 'service', {
      client_id: 'other',
      token_endpoint_auth_method: 'none',
    });
    assert.equal(changed.client_id, 'service');
    assert.equal(changed.token_endpoint_auth_method, 'client_secret_basic');
  }));

test('a removed client is gone at once, with its secrets', () =>
  withDirectory(async ({ directory: { clients }, store }) => {
    const { secret } = await clients.register(STAFF, service);
    assert.ok(await clients.find(STAFF, 'service'));
    await clients.remove(STAFF, 'service');
    assert.equal(await clients.find(STAFF, 'service'), undefined);
    assert.equal(await clients.verifySecret(STAFF, 'service', secret ?? ''), undefined);
    const rows = await store.read.selectFrom('directory_client_secret').selectAll().execute();
    assert.deepEqual(rows, []);
    await assert.rejects(clients.remove(STAFF, 'service'), refusal('client_unknown'));
  }));

test('a change made by another process is seen within five seconds', () =>
  withDirectory(async ({ directory, store, clock }) => {
    await directory.clients.register(STAFF, service);
    const other = createDirectory({ store, clock, random: systemRandom });
    assert.ok(await other.clients.find(STAFF, 'service'));
    await directory.clients.remove(STAFF, 'service');
    clock.advanceMs(5000);
    assert.equal(await other.clients.find(STAFF, 'service'), undefined);
  }));

test('a client that was found cannot be changed in place', () =>
  withDirectory(async ({ directory: { clients } }) => {
    await clients.register(STAFF, service);
    const found = await clients.find(STAFF, 'service');
    assert.throws(() => found?.grant_types.push('refresh_token'), TypeError);
  }));

test('a row that somebody else wrote is refused rather than served', () =>
  withDirectory(async ({ directory: { clients }, store }) => {
    await clients.register(STAFF, service);
    const forgeries = [
      '{"client_id":',
      '{}',
      JSON.stringify({ ...service, client_id: 'other' }),
      JSON.stringify({ ...service, redirect_uris: ['http://evil.example/'] }),
    ];
    for (const metadata of forgeries) {
      await store.transaction((tx) =>
        tx.updateTable('directory_client').set({ metadata }).execute(),
      );
      await assert.rejects(clients.find(STAFF, 'service'), refusal('record_damaged'), metadata);
      await assert.rejects(clients.list(STAFF), refusal('record_damaged'), metadata);
    }
  }));

test('clients are listed by id, in pages, of one realm', () =>
  withDirectory(async ({ directory: { clients } }) => {
    for (const client_id of ['c', 'a', 'b']) {
      await clients.register(STAFF, { ...service, client_id });
    }
    await clients.register('acme/device', { ...service, client_id: 'd' });
    const first = await clients.list(STAFF, { limit: 2 });
    const rest = await clients.list(STAFF, { after: 'b' });
    assert.deepEqual(
      [...first, ...rest].map(({ client_id }) => client_id),
      ['a', 'b', 'c'],
    );
  }));
