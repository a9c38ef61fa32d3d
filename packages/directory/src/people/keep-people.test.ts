import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RealmId } from '@countersign/vocabulary';
import { STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';

const password = 'correct horse battery';
const alice = { realm: STAFF, username: 'Alice', email: 'alice@acme.example', password };

test('a person is found by id and by username in any case, in the own realm only', () =>
  withDirectory(async ({ directory: { people } }) => {
    const created = await people.create(alice);
    assert.deepEqual(await people.find(STAFF, created.id), created);
    assert.deepEqual(await people.findByUsername(STAFF, 'ALICE'), created);
    assert.equal(created.username, 'Alice');
    assert.equal(created.emailVerified, false);
    assert.equal(await people.find('acme/customer', created.id), undefined);
    assert.equal(await people.findByUsername('acme/customer', 'alice'), undefined);
    assert.equal(await people.findByUsername(STAFF, 'alice\u200b'), undefined);
  }));

test('a username is taken in its realm whatever its case, and free in the others', () =>
  withDirectory(async ({ directory: { people } }) => {
    await people.create(alice);
    const again = people.create({ realm: STAFF, username: 'aLiCe' });
    await assert.rejects(again, refusal('username_taken'));
    const elsewhere = await people.create({ realm: 'acme/customer', username: 'alice' });
    assert.equal(elsewhere.realm, 'acme/customer');
  }));

test('of many who take one username at once, one gets it and nothing of the others stays', () =>
  withDirectory(async ({ directory: { people }, store }) => {
    const tries = Array.from({ length: 20 }, () => people.create(alice));
    const results = await Promise.allSettled(tries);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    const hashes = await store.read.selectFrom('directory_password').selectAll().execute();
    assert.equal(hashes.length, 1);
  }));

test('realms that do not exist and fields that do not fit are refused', () =>
  withDirectory(async ({ directory: { people } }) => {
    const unknown = people.create({ realm: 'nobody/workforce', username: 'alice' });
    await assert.rejects(unknown, refusal('realm_unknown'));
    const malformed = people.create({ realm: 'acme' as RealmId, username: 'alice' });
    await assert.rejects(malformed, refusal('bad_realm'));
    const bad = [
      { username: 'two words' },
      { username: 'alice', email: 'not an address' },
      { username: 'alice', name: 'line\nbreak' },
      { username: 'alice', name: 'x'.repeat(201) },
      { username: 'alice', admin: true },
    ];
    for (const fields of bad) {
      await assert.rejects(people.create({ realm: STAFF, ...fields }), refusal('bad_person'));
    }
    const weak = people.create({ realm: STAFF, username: 'alice', password: 'alice-alice-1234' });
    await assert.rejects(weak, refusal('bad_password'));
    assert.equal(await people.findByUsername(STAFF, 'alice'), undefined);
  }));

test('username and password together find the person; anything else finds nobody', () =>
  withDirectory(async ({ directory: { people } }) => {
    const created = await people.create(alice);
    const withoutPassword = await people.create({ realm: STAFF, username: 'bob' });
    assert.deepEqual(await people.verifyPassword(STAFF, 'alice', password), created);
    assert.deepEqual(await people.verifyPassword(STAFF, 'ALICE', password), created);
    const wrong: [RealmId, string, string][] = [
      [STAFF, 'alice', `${password}!`],
      [STAFF, 'alice', ''],
      [STAFF, 'alice', 'x'.repeat(1_000_000)],
      [STAFF, 'nobody', password],
      [STAFF, 'no username at all', password],
      ['acme/customer', 'alice', password],
      [STAFF, withoutPassword.username, ''],
      [STAFF, withoutPassword.username, password],
    ];
    for (const [realm, username, given] of wrong) {
      assert.equal(await people.verifyPassword(realm, username, given), undefined, username);
    }
  }));

test('a new password replaces the one before', () =>
  withDirectory(async ({ directory: { people } }) => {
    const { id } = await people.create(alice);
    await people.setPassword(STAFF, id, 'another horse, another day');
    assert.equal(await people.verifyPassword(STAFF, 'alice', password), undefined);
    assert.ok(await people.verifyPassword(STAFF, 'alice', 'another horse, another day'));
    const short = people.setPassword(STAFF, id, 'short');
    await assert.rejects(short, refusal('bad_password'));
    const nobody = people.setPassword(STAFF, 'nobody', password);
    await assert.rejects(nobody, refusal('person_unknown'));
    const elsewhere = people.setPassword('acme/customer', id, password);
    await assert.rejects(elsewhere, refusal('person_unknown'));
  }));

test('a disabled person is found and cannot sign in until enabled again', () =>
  withDirectory(async ({ directory: { people } }) => {
    const { id } = await people.create(alice);
    await people.setDisabled(STAFF, id, true);
    assert.equal((await people.find(STAFF, id))?.disabled, true);
    assert.equal(await people.verifyPassword(STAFF, 'alice', password), undefined);
    await people.setDisabled(STAFF, id, false);
    assert.ok(await people.verifyPassword(STAFF, 'alice', password));
    const nobody = people.setDisabled(STAFF, 'nobody', true);
    await assert.rejects(nobody, refusal('person_unknown'));
  }));

test('people are listed in pages, of one realm', () =>
  withDirectory(async ({ directory: { people } }) => {
    for (const username of ['a', 'b', 'c']) await people.create({ realm: STAFF, username });
    await people.create({ realm: 'acme/partner', username: 'd' });
    const first = await people.list(STAFF, { limit: 2 });
    const after = first.at(-1)?.id ?? '';
    const rest = await people.list(STAFF, { after });
    const names = [...first, ...rest].map(({ username }) => username).sort();
    assert.deepEqual(names, ['a', 'b', 'c']);
  }));

test('a removed person is gone with the password, and the username is free', () =>
  withDirectory(async ({ directory: { people }, store }) => {
    const { id } = await people.create(alice);
    await people.remove(STAFF, id);
    assert.equal(await people.find(STAFF, id), undefined);
    assert.equal(await people.verifyPassword(STAFF, 'alice', password), undefined);
    const hashes = await store.read.selectFrom('directory_password').selectAll().execute();
    assert.deepEqual(hashes, []);
    await assert.rejects(people.remove(STAFF, id), refusal('person_unknown'));
    const again = await people.create(alice);
    assert.notEqual(again.id, id);
  }));
