import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '@countersign/storage';
import {
  type CountersignEvent,
  ManualClock,
  type RealmId,
  seededRandom,
} from '@countersign/vocabulary';
import fc from 'fast-check';
import { createDirectory } from '../create-directory.ts';
import { directoryMigrations } from '../migrations.ts';
import { CHEAP, STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import type { DirectoryTables } from '../tables.ts';
import { MOST_PASSKEYS } from './keep-passkeys.ts';
import type { NewPasskey } from './passkey.ts';

const CUSTOMERS: RealmId = 'acme/customer';

function passkey(personId: string, change: Partial<NewPasskey> = {}): NewPasskey {
  return {
    realm: STAFF,
    personId,
    id: 'AAECAwQFBgcICQ',
    publicKey: 'pQECAyYgASFYIA',
    counter: 0,
    transports: ['internal', 'hybrid'],
    multiDevice: true,
    backedUp: true,
    aaguid: '00000000-0000-0000-0000-000000000000',
    name: 'Phone',
    ...change,
  };
}

test('a passkey is found with its handle, by its realm alone, and enrolled twice is one', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    const handle = await passkeys.handleOf(STAFF, id);
    assert.equal(await passkeys.handleOf(STAFF, id), handle);
    assert.equal(handle.includes(id), false);
    const enrolled = await passkeys.enrol(passkey(id));
    assert.deepEqual(await passkeys.enrol(passkey(id, { name: 'Again' })), enrolled);
    assert.deepEqual(await passkeys.findUsable(STAFF, enrolled.id), { ...enrolled, handle });
    assert.equal(await passkeys.findUsable(CUSTOMERS, enrolled.id), undefined);
    assert.equal(await passkeys.countOf(STAFF, id), 1);
    assert.deepEqual(await passkeys.list(STAFF, id), [enrolled]);
  }));

test('a passkey of one person is never that of another', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const ada = await people.create({ realm: STAFF, username: 'ada' });
    const bo = await people.create({ realm: STAFF, username: 'bo' });
    await passkeys.enrol(passkey(ada.id));
    await assert.rejects(passkeys.enrol(passkey(bo.id)), refusal('passkey_taken'));
    const otherKey = passkeys.enrol(passkey(ada.id, { publicKey: 'AQ' }));
    await assert.rejects(otherKey, refusal('passkey_taken'));
    const theirs = { realm: STAFF, personId: bo.id, id: passkey(ada.id).id };
    await assert.rejects(passkeys.rename(theirs, 'Mine'), refusal('passkey_unknown'));
    await assert.rejects(passkeys.remove(theirs), refusal('passkey_unknown'));
    assert.equal(await passkeys.countOf(STAFF, ada.id), 1);
  }));

test('a disabled person has no passkey that can be used, a removed one none at all', () =>
  withDirectory(async ({ directory: { people, passkeys }, store }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    await passkeys.handleOf(STAFF, id);
    const enrolled = await passkeys.enrol(passkey(id));
    await people.setDisabled(STAFF, id, true);
    assert.equal(await passkeys.findUsable(STAFF, enrolled.id), undefined);
    assert.equal(await passkeys.countOf(STAFF, id), 0);
    await people.setDisabled(STAFF, id, false);
    assert.equal(await passkeys.countOf(STAFF, id), 1);
    await people.remove(STAFF, id);
    assert.deepEqual(await store.read.selectFrom('directory_passkey').selectAll().execute(), []);
    assert.deepEqual(
      await store.read.selectFrom('directory_passkey_handle').selectAll().execute(),
      [],
    );
  }));

test('an account has a bounded number of passkeys', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    for (let made = 0; made < MOST_PASSKEYS; made += 1) {
      await passkeys.enrol(passkey(id, { id: `passkey-${made}` }));
    }
    const more = passkeys.enrol(passkey(id, { id: 'one-more' }));
    await assert.rejects(more, refusal('too_many_passkeys'));
    assert.equal(await passkeys.erase(STAFF, id), MOST_PASSKEYS);
    assert.deepEqual(await passkeys.list(STAFF, id), []);
    // All at once, too.
    await passkeys.handleOf(STAFF, id);
    const ids = Array.from({ length: MOST_PASSKEYS + 5 }, (_, made) => `at-once-${made}`);
    await Promise.allSettled(ids.map((one) => passkeys.enrol(passkey(id, { id: one }))));
    assert.equal(await passkeys.countOf(STAFF, id), MOST_PASSKEYS);
  }));

test('what does not fit is refused by name, and unknown transports are dropped', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    const bad: Partial<NewPasskey>[] = [
      { id: '' },
      { id: 'not base64url!' },
      { id: 'A'.repeat(1365) },
      { publicKey: 'A'.repeat(2801) },
      { counter: -1 },
      { counter: 2 ** 32 },
      { aaguid: 'iPhone' },
      { name: '' },
      { name: 'line\nbreak' },
      { name: 'x'.repeat(61) },
    ];
    for (const change of bad) {
      await assert.rejects(passkeys.enrol(passkey(id, change)), refusal('bad_passkey'));
    }
    await assert.rejects(passkeys.enrol(passkey('nobody')), refusal('person_unknown'));
    await assert.rejects(passkeys.handleOf(STAFF, 'nobody'), refusal('person_unknown'));
    const odd = await passkeys.enrol(passkey(id, { transports: ['telepathy', 'usb'] }));
    assert.deepEqual(odd.transports, ['usb']);
  }));

test('a counter that does not go up stops the passkey for good, whatever came before', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const { id: personId } = await people.create({ realm: STAFF, username: 'ada' });
    let made = 0;
    const counters = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(counters, async ([first = 0, ...later]) => {
      made += 1;
      const id = `key-${made}`;
      await passkeys.enrol(passkey(personId, { id, counter: first }));
      let last: number | undefined = first;
      for (const counter of later) {
        const said = await passkeys.use(STAFF, id, { counter, backedUp: false });
        if (last === undefined) assert.equal(said, 'unknown');
        else if (counter > last || (counter === 0 && last === 0)) {
          assert.equal(said, 'used');
          last = counter;
        } else {
          assert.equal(said, 'stopped');
          last = undefined;
        }
        const usable = await passkeys.findUsable(STAFF, id);
        assert.equal(usable?.counter, last);
      }
      await passkeys.erase(STAFF, personId);
      await passkeys.handleOf(STAFF, personId);
    });
    await passkeys.handleOf(STAFF, personId);
    await fc.assert(property, { numRuns: 40 });
  }));

test('each change is told with what it is about, and a copied passkey loudly', async () => {
  const told: CountersignEvent[] = [];
  const clock = new ManualClock();
  const migrations = directoryMigrations;
  const store = await openStore<DirectoryTables>({ memory: true, migrations, clock });
  const directory = createDirectory({
    ...{ store, clock, random: seededRandom(5), passwords: { cost: CHEAP } },
    record: async (events) => told.push(...events),
  });
  await directory.tenants.create({ name: 'acme' });
  const { people, passkeys } = directory;
  const { id: personId } = await people.create({ realm: STAFF, username: 'ada' });
  const by = { kind: 'person' as const, id: personId };
  const { id } = await passkeys.enrol(passkey(personId, { counter: 4 }), by);
  await passkeys.enrol(passkey(personId, { counter: 4 }), by);
  const owner = { realm: STAFF, personId, id };
  await passkeys.rename(owner, 'Work phone', by);
  await passkeys.use(STAFF, id, { counter: 5, backedUp: true });
  await passkeys.use(STAFF, id, { counter: 5, backedUp: true });
  await passkeys.remove(owner, by);
  await store.close();
  const about = told.filter(({ item }) => item?.kind === 'passkey');
  assert.deepEqual(
    about.map(({ name, operation, actor }) => `${name} ${operation} ${actor?.kind}`),
    [
      'account.changed factor_enrolled person',
      'account.changed factor_changed person',
      'account.changed factor_stopped system',
      'account.changed factor_removed person',
    ],
  );
  assert.deepEqual(
    about.map(({ severity, reason }) => [severity, reason]),
    [
      [undefined, undefined],
      [undefined, undefined],
      ['high', 'passkey_cloned'],
      [undefined, undefined],
    ],
  );
  assert.equal(JSON.stringify(about).includes('phone'), false);
});

test('what others take away is told to the person for 90 days, and what the person takes away is not', () =>
  withDirectory(async ({ directory: { people, passkeys }, clock }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    const bo = await people.create({ realm: STAFF, username: 'bo' });
    const first = await passkeys.enrol(passkey(id, { name: 'Lost phone' }));
    const owner = { realm: STAFF, personId: id, id: first.id };
    await passkeys.remove(owner, { kind: 'operator', id: 'alice' });
    assert.deepEqual(await passkeys.removedByOthers(STAFF, id), [
      { name: 'Lost phone', removedMs: clock.nowMs() },
    ]);
    assert.deepEqual(await passkeys.removedByOthers(STAFF, bo.id), []);
    // Another person of the realm is somebody else, too.
    for (const by of [id, bo.id]) {
      clock.advanceMs(1000);
      await passkeys.enrol(passkey(id));
      await passkeys.remove(owner, { kind: 'person', id: by });
    }
    const names = (await passkeys.removedByOthers(STAFF, id)).map(({ name }) => name);
    assert.deepEqual(names, ['Phone', 'Lost phone']);
    clock.advanceMs(90 * 86_400_000 + 1);
    assert.deepEqual(await passkeys.removedByOthers(STAFF, id), []);
  }));

test('who is erased leaves no word of what was taken away', () =>
  withDirectory(async ({ directory: { people, passkeys } }) => {
    const { id } = await people.create({ realm: STAFF, username: 'ada' });
    const { id: key } = await passkeys.enrol(passkey(id));
    await passkeys.remove({ realm: STAFF, personId: id, id: key });
    assert.equal((await passkeys.removedByOthers(STAFF, id)).length, 1);
    await passkeys.erase(STAFF, id);
    assert.deepEqual(await passkeys.removedByOthers(STAFF, id), []);
  }));
