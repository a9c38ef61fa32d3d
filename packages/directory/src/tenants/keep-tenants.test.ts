import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';

test('a tenant is found by its exact name and no other', () =>
  withDirectory(async ({ directory, clock }) => {
    const createdMs = clock.nowMs();
    assert.deepEqual(await directory.tenants.find('acme'), {
      name: 'acme',
      displayName: 'Acme',
      createdMs,
    });
    assert.equal(await directory.tenants.find('ACME'), undefined);
    assert.equal(await directory.tenants.find(''), undefined);
  }));

test('a tenant that was looked for before it was created is found afterwards', () =>
  withDirectory(async ({ directory }) => {
    assert.equal(await directory.tenants.find('later'), undefined);
    await directory.tenants.create({ name: 'later' });
    assert.equal((await directory.tenants.find('later'))?.displayName, 'later');
  }));

test('a tenant is created once, also when two create it at the same moment', () =>
  withDirectory(async ({ directory }) => {
    const both = await Promise.allSettled([
      directory.tenants.create({ name: 'twice' }),
      directory.tenants.create({ name: 'twice' }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    await assert.rejects(directory.tenants.create({ name: 'acme' }), refusal('tenant_exists'));
  }));

test('names that are no slug, or would shadow a path of the server, are refused', () =>
  withDirectory(async ({ directory }) => {
    for (const name of [
      '',
      'Acme',
      '1acme',
      'a/b',
      '-a',
      'a'.repeat(64),
      'api',
      'log',
      'healthz',
    ]) {
      await assert.rejects(directory.tenants.create({ name }), refusal('bad_tenant'), name);
    }
  }));

test('tenants are listed by name, in pages, within limits', () =>
  withDirectory(async ({ directory }) => {
    for (const name of ['beta', 'alpha', 'gamma']) await directory.tenants.create({ name });
    const first = await directory.tenants.list({ limit: 2 });
    assert.deepEqual(
      first.map(({ name }) => name),
      ['acme', 'alpha'],
    );
    const rest = await directory.tenants.list({ after: 'alpha' });
    assert.deepEqual(
      rest.map(({ name }) => name),
      ['beta', 'gamma'],
    );
    await assert.rejects(directory.tenants.list({ limit: 501 }), refusal('bad_page'));
    await assert.rejects(directory.tenants.list({ limit: 0 }), refusal('bad_page'));
  }));
