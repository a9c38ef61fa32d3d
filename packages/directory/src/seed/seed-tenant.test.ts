import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POPULATIONS } from '@countersign/vocabulary';
import { withDirectory } from '../open-for-test.ts';
import { seedTenant } from './seed-tenant.ts';

const baseUrl = 'http://localhost:4600';

test('the first seed creates everything and shows each password and secret', () =>
  withDirectory(async ({ directory }) => {
    const seeded = await seedTenant(directory, { tenant: 'demo', baseUrl });
    assert.equal(seeded.changed, true);
    assert.deepEqual(
      seeded.realms.map(({ issuer }) => issuer),
      POPULATIONS.map((population) => `${baseUrl}/demo/${population}`),
    );
    assert.equal(seeded.people.length, 3);
    for (const { realm, username, password } of seeded.people) {
      assert.ok(password !== undefined);
      const person = await directory.people.verifyPassword(realm, username, password);
      assert.equal(person?.username, username);
    }
    for (const { realm, clientId, secret } of seeded.clients) {
      const client = await directory.clients.find(realm, clientId);
      assert.ok(client !== undefined);
      const withSecret = client.token_endpoint_auth_method === 'client_secret_basic';
      assert.equal(secret !== undefined, withSecret);
      if (secret === undefined) continue;
      assert.ok(await directory.clients.verifySecret(realm, clientId, secret));
    }
    const resource = await directory.resources.find('demo', seeded.resource.identifier);
    assert.deepEqual(resource?.populations, [...POPULATIONS]);
  }));

test('a second seed changes nothing and shows no password or secret', () =>
  withDirectory(async ({ directory }) => {
    const first = await seedTenant(directory, { tenant: 'demo', baseUrl });
    const second = await seedTenant(directory, { tenant: 'demo', baseUrl });
    assert.equal(second.changed, false);
    assert.ok(second.people.every((person) => !('password' in person)));
    assert.ok(second.clients.every((client) => !('secret' in client)));
    const [alice] = first.people;
    assert.ok(alice?.password !== undefined);
    assert.ok(await directory.people.verifyPassword(alice.realm, alice.username, alice.password));
  }));

test('a seed that was cut short is completed by the next', () =>
  withDirectory(async ({ directory }) => {
    await directory.tenants.create({ name: 'demo' });
    await seedTenant(directory, { tenant: 'demo', baseUrl });
    await directory.clients.remove('demo/device', 'acme-sensor');
    const again = await seedTenant(directory, { tenant: 'demo', baseUrl });
    assert.equal(again.changed, true);
    const sensor = again.clients.find(({ clientId }) => clientId === 'acme-sensor');
    assert.ok(sensor?.secret !== undefined);
  }));

test('two seeds draw different passwords', () =>
  withDirectory(async ({ directory }) => {
    const one = await seedTenant(directory, { tenant: 'one', baseUrl });
    const two = await seedTenant(directory, { tenant: 'two', baseUrl });
    assert.notEqual(one.people[0]?.password, two.people[0]?.password);
  }));
