import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CodedError, isCodedError, systemRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { createDirectory } from '../create-directory.ts';
import { CHEAP, STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import { boundHashing } from './bound-hashing.ts';
import { currentCost, deriveHash, hashOfNobody, isOutdated, matchesHash } from './derive-hash.ts';

const password = 'correct horse battery';

test('a hash matches its own password and no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), async (one, other) => {
      const phc = await deriveHash(one, systemRandom.bytes(16), CHEAP);
      assert.equal(await matchesHash(one, phc), true);
      assert.equal(await matchesHash(other, phc), one === other);
    }),
    { numRuns: 50 },
  );
});

test('hashes are argon2id at 19 MiB and 2 passes, in PHC form', async () => {
  const phc = await deriveHash(password, new Uint8Array(16), currentCost);
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$AAAAAAAAAAAAAAAAAAAAAA\$[\w+/]{43}$/);
  assert.equal(isOutdated(phc, currentCost), false);
  assert.equal(isOutdated(phc, CHEAP), true);
});

test('hashes are those of the reference implementation (its test.c, version 0x13)', async () => {
  const phc = await deriveHash('password', Buffer.from('somesalt'), {
    memoryKib: 65_536,
    passes: 2,
  });
  const expected = 'c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(phc, `$argon2id$v=19$m=65536,t=2,p=1$${expected}`);
});

test('a stored hash that is not one of ours, or asks for too much, is refused as damaged', async () => {
  const good = hashOfNobody(systemRandom.bytes(48), CHEAP);
  const bad = [
    '',
    'password',
    good.replace('argon2id', 'argon2i'),
    good.replace('v=19', 'v=16'),
    good.replace('m=64', 'm=4194304'),
    good.replace('m=64', 'm=0'),
    good.replace('t=1', 't=99'),
    good.replace('t=1', 't=0'),
    good.replace('p=1', 'p=4'),
    good.slice(0, -1),
    `${good}x`,
    `${good}\n`,
  ];
  for (const phc of bad) {
    await assert.rejects(matchesHash(password, phc), refusal('record_damaged'), phc);
  }
});

test('a hash made at another cost is renewed when its password is next given', () =>
  withDirectory(async ({ directory, store, clock }) => {
    const { id } = await directory.people.create({ realm: STAFF, username: 'alice', password });
    const readHash = async (): Promise<string> => {
      const row = await store.read
        .selectFrom('directory_password')
        .select('hash')
        .executeTakeFirst();
      return String(row?.hash);
    };
    const costlier = createDirectory({
      store,
      clock,
      random: systemRandom,
      passwords: { cost: { memoryKib: 128, passes: 1 } },
    });
    assert.match(await readHash(), /m=64,t=1/);
    assert.equal(await costlier.people.verifyPassword(STAFF, 'alice', 'wrong'), undefined);
    assert.match(await readHash(), /m=64,t=1/);
    assert.equal((await costlier.people.verifyPassword(STAFF, 'alice', password))?.id, id);
    const renewed = await readHash();
    assert.match(renewed, /m=128,t=1/);
    assert.ok(await costlier.people.verifyPassword(STAFF, 'alice', password));
    assert.equal(await readHash(), renewed);
  }));

test('a password that is changed while an old hash is renewed stays changed', () =>
  withDirectory(async ({ directory, store, clock }) => {
    const { id } = await directory.people.create({ realm: STAFF, username: 'alice', password });
    const costlier = createDirectory({ store, clock, random: systemRandom });
    // The renewal takes tens of milliseconds; the change is through long before.
    const verifying = costlier.people.verifyPassword(STAFF, 'alice', password);
    await directory.people.setPassword(STAFF, id, 'another horse, another day');
    assert.equal((await verifying)?.id, id);
    assert.equal(await directory.people.verifyPassword(STAFF, 'alice', password), undefined);
    const changed = 'another horse, another day';
    assert.ok(await directory.people.verifyPassword(STAFF, 'alice', changed));
  }));

test('an unknown, impossible or passwordless user keeps the hashing as busy as a known one', () =>
  withDirectory(
    async ({ directory: { people } }) => {
      await people.create({ realm: STAFF, username: 'alice', password });
      await people.create({ realm: STAFF, username: 'bob' });
      for (const username of ['alice', 'nobody', 'bob', 'no username', '']) {
        const verifying = people.verifyPassword(STAFF, username, 'wrong');
        await nextTurn();
        const meanwhile = people.verifyPassword(STAFF, 'alice', 'wrong');
        await assert.rejects(meanwhile, refusal('too_busy'), username);
        assert.equal(await verifying, undefined);
      }
    },
    { cost: currentCost, hashing: { mostRunning: 1, mostWaiting: 0 } },
  ));

function codeOf(error: unknown): string {
  assert.ok(isCodedError(error));
  return error.code;
}

test('a flood is refused as too_busy, alike for known and unknown users, and then passes', () =>
  withDirectory(
    async ({ directory: { people } }) => {
      await people.create({ realm: STAFF, username: 'alice', password });
      const verify = (username: string): Promise<unknown> =>
        people.verifyPassword(STAFF, username, password).then((person) => person?.username, codeOf);
      const flood = ['alice', 'nobody', 'alice', 'nobody', 'no username'].map(verify);
      const results = await Promise.all(flood);
      assert.deepEqual(results, ['alice', undefined, 'too_busy', 'too_busy', 'too_busy']);
      assert.equal(await verify('alice'), 'alice');
    },
    { hashing: { mostRunning: 1, mostWaiting: 1 } },
  ));

test('never more than the bound run at once, and each gets its turn in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 30 }),
      async (mostRunning, fails) => {
        const hashing = boundHashing({ mostRunning, mostWaiting: 30 });
        const started: number[] = [];
        let running = 0;
        let most = 0;
        const works = fails.map((fail, index) =>
          hashing.run(async () => {
            started.push(index);
            running += 1;
            most = Math.max(most, running);
            await new Promise((resume) => setImmediate(resume));
            running -= 1;
            if (fail) throw new CodedError('failed', 'Failed.');
            return index;
          }),
        );
        const results = await Promise.allSettled(works);
        assert.deepEqual(started, [...fails.keys()]);
        assert.ok(most <= mostRunning);
        assert.deepEqual(
          results.map(({ status }) => status === 'rejected'),
          fails,
        );
      },
    ),
    { numRuns: 40 },
  );
});
