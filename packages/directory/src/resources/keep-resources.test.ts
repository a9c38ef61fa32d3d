import assert from 'node:assert/strict';
import { test } from 'node:test';
import { POPULATIONS } from '@countersign/vocabulary';
import { withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';

const api = { tenant: 'acme', identifier: 'https://api.acme.example/', name: 'API' };

test('a resource is found by its exact identifier in its tenant, with its defaults', () =>
  withDirectory(async ({ directory: { resources, tenants } }) => {
    await tenants.create({ name: 'other' });
    const registered = await resources.register(api);
    assert.deepEqual(registered, {
      ...api,
      alg: 'ES256',
      accessTokenLifetimeSeconds: 600,
      scopes: [],
      populations: [...POPULATIONS],
    });
    assert.deepEqual(await resources.find('acme', api.identifier), registered);
    assert.equal(await resources.find('acme', 'https://api.acme.example'), undefined);
    assert.equal(await resources.find('other', api.identifier), undefined);
    await assert.rejects(resources.register(api), refusal('resource_exists'));
    await resources.register({ ...api, tenant: 'other' });
    const nowhere = resources.register({ ...api, tenant: 'nobody' });
    await assert.rejects(nowhere, refusal('tenant_unknown'));
  }));

test('what does not fit is refused', () =>
  withDirectory(async ({ directory: { resources } }) => {
    const bad = [
      { identifier: 'http://api.acme.example/' },
      { identifier: 'https://api.acme.example/#x' },
      { identifier: 'https://u:p@api.acme.example/' },
      { identifier: 'api' },
      { identifier: `https://a/${'x'.repeat(512)}` },
      { alg: 'HS256' as 'ES256' },
      { accessTokenLifetimeSeconds: 29 },
      { accessTokenLifetimeSeconds: 86_401 },
      { accessTokenLifetimeSeconds: 60.5 },
      { scopes: ['two words'] },
      { scopes: ['a', 'a'] },
      { populations: [] },
      { populations: ['robots' as 'device'] },
    ];
    for (const fields of bad) {
      const registered = resources.register({ ...api, ...fields });
      await assert.rejects(registered, refusal('bad_resource'), JSON.stringify(fields));
    }
    assert.deepEqual(await resources.list('acme'), []);
  }));

test('a replaced resource is seen at once, and an unknown one is not created', () =>
  withDirectory(async ({ directory: { resources } }) => {
    await resources.register(api);
    assert.ok(await resources.find('acme', api.identifier));
    const replaced = await resources.replace({ ...api, alg: 'EdDSA', scopes: ['read'] });
    assert.deepEqual(await resources.find('acme', api.identifier), replaced);
    assert.deepEqual(await resources.list('acme'), [replaced]);
    const unknown = resources.replace({ ...api, identifier: 'urn:acme:other' });
    await assert.rejects(unknown, refusal('resource_unknown'));
  }));

test('a row that somebody else wrote is refused rather than served', () =>
  withDirectory(async ({ directory: { resources }, store }) => {
    await resources.register(api);
    const forgeries = [{ alg: 'none' }, { scopes: '[' }, { populations: '["robots"]' }];
    for (const forgery of forgeries) {
      await store.transaction((tx) =>
        tx
          .updateTable('directory_resource')
          .set({ scopes: '[]', ...forgery })
          .execute(),
      );
      const found = resources.find('acme', api.identifier);
      await assert.rejects(found, refusal('record_damaged'), JSON.stringify(forgery));
    }
  }));
