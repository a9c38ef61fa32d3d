import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openStore } from '@countersign/storage';
import {
  type ActorFacts,
  type CountersignEvent,
  ManualClock,
  seededRandom,
} from '@countersign/vocabulary';
import fc from 'fast-check';
import { createDirectory } from './create-directory.ts';
import { directoryMigrations } from './migrations.ts';
import { CHEAP } from './open-for-test.ts';
import { describeDifference, type RecordEvents } from './record-change.ts';
import type { DirectoryTables } from './tables.ts';

const ana: ActorFacts = { kind: 'operator', id: 'ana' };
const realm = 'acme/workforce';
const app = { client_name: 'Mail', redirect_uris: ['https://mail.example/cb'] };

async function openDirectory(record: RecordEvents) {
  const clock = new ManualClock();
  const store = await openStore<DirectoryTables>({
    memory: true,
    migrations: directoryMigrations,
    clock,
  });
  const passwords = { cost: CHEAP };
  const directory = createDirectory({ store, clock, random: seededRandom(3), record, passwords });
  return { store, directory };
}

describe('a change in the directory', () => {
  test('is told with who made it, before and after', async () => {
    const told: CountersignEvent[] = [];
    const { directory, store } = await openDirectory(async (events) => told.push(...events));
    await directory.tenants.create({ name: 'acme' }, ana);
    const { id } = await directory.people.create({ realm, username: 'bo' }, ana);
    await directory.people.setDisabled(realm, id, true, ana);
    await directory.people.setDisabled(realm, id, true, ana);
    await directory.people.setPassword(realm, id, 'a long word of green tea', ana);
    const { client } = await directory.clients.register(realm, app, ana);
    const evil = 'https://evil.example/cb';
    await directory.clients.update(realm, client.client_id, { redirect_uris: [evil] }, ana);
    await directory.clients.rotateSecret(realm, client.client_id, {}, ana);
    const allowed = {
      realm,
      personId: id,
      clientId: client.client_id,
      scopes: ['openid'],
    } as const;
    await directory.consents.give({ ...allowed, scopes: ['openid'] });
    await directory.consents.withdraw(realm, id, client.client_id);
    const { id: reporter } = await directory.reporters.create({ tenant: 'acme', name: 'api' }, ana);
    await directory.reporters.revoke(reporter, ana);
    await directory.reporters.revoke(reporter, ana);
    await directory.clients.remove(realm, client.client_id, ana);
    await directory.people.remove(realm, id, ana);
    assert.deepEqual(
      told.map(({ name, operation, actor }) => [name, operation ?? '', actor?.id].join(' ')),
      [
        'tenant.created  ana',
        'account.created  ana',
        'account.changed disabled ana',
        'account.changed password_reset ana',
        'client.created  ana',
        'client.changed redirect_uris_changed ana',
        'client.changed secret_rotated ana',
        `consent.granted  ${id}`,
        `consent.withdrawn  ${id}`,
        'log.source_changed enabled ana',
        'log.source_changed disabled ana',
        'client.removed  ana',
        'account.removed  ana',
      ],
    );
    assert.deepEqual(told[5]?.change, {
      before: { redirect_uris: 'https://mail.example/cb' },
      after: { redirect_uris: evil },
    });
    await store.close();
  });

  test('does not happen when it cannot be told', async () => {
    const { directory, store } = await openDirectory(async () => {
      throw new Error('the record cannot be written');
    });
    await assert.rejects(directory.tenants.create({ name: 'acme' }), /cannot be written/);
    assert.equal(await directory.tenants.find('acme'), undefined);
    await store.close();
  });

  test('that is refused is not told', async () => {
    const told: CountersignEvent[] = [];
    const { directory, store } = await openDirectory(async (events) => told.push(...events));
    await assert.rejects(directory.clients.register(realm, app));
    await assert.rejects(directory.people.remove(realm, 'nobody'));
    await assert.rejects(directory.reporters.revoke('nobody'));
    assert.deepEqual(told, []);
    await store.close();
  });

  test('never tells a secret or a password', async () => {
    const told: CountersignEvent[] = [];
    const { directory, store } = await openDirectory(async (events) => told.push(...events));
    await directory.tenants.create({ name: 'acme' });
    const password = 'a long word of green tea';
    await directory.people.create({ realm, username: 'bo', password });
    const { secret } = await directory.clients.register(realm, app);
    const { credential } = await directory.reporters.create({ tenant: 'acme', name: 'api' });
    const text = JSON.stringify(told);
    for (const hidden of [password, secret ?? assert.fail(), credential]) {
      assert.ok(!text.includes(hidden));
    }
    await store.close();
  });
});

test('a difference of any two records fits into an event', () => {
  const record = fc.dictionary(fc.string({ maxLength: 40 }), fc.jsonValue(), { maxKeys: 40 });
  fc.assert(
    fc.property(record, record, (before, after) => {
      const change = describeDifference(before, after);
      for (const side of [change.before, change.after]) {
        assert.ok(JSON.stringify(side).length <= 4096);
        assert.ok(
          Object.values(side).every((value) => value === null || typeof value !== 'object'),
        );
      }
    }),
  );
});
