import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import { CLIENT, closeHouses, KID, REPORTER, sha256, TestHouse } from '../testing/open-house.ts';
import { MOST_ACCESSES } from './access-batch.ts';

afterEach(closeHouses);

const ITEM = { kind: 'mail', id: '<a@acme.example>', in: 'ana@acme.example' };

function access(house: TestHouse, tokenHash: string, more: object = {}) {
  return {
    id: 'a-1',
    atMs: house.clock.nowMs(),
    tokenHash,
    operation: 'read',
    item: ITEM,
    ...more,
  };
}

describe('what a resource says was read', () => {
  test('is on record with who and which client the ledger knows', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue({ facts: { sessionId: 's-7' } });
    const accesses = [access(house, sha256(token), { ip: '192.0.2.7', count: 3, complete: false })];
    const taken = await house.audit.recordAccesses(REPORTER, { accesses });
    assert.deepEqual(taken, { accepted: 1, joined: 1 });
    const [event] = await house.audit.listEvents({ names: ['data.accessed'] });
    const [told] = await house.extensions('data.accessed');
    assert.deepEqual(told?.['item'], ITEM);
    assert.equal(told?.['kid'], KID);
    assert.equal(told?.['client_id'], CLIENT);
    assert.equal(told?.['ledger_match'], true);
    assert.deepEqual(told?.['extra'], { complete: false, reporter: REPORTER.id });
    assert.ok(JSON.stringify(event?.ocsf['src_endpoint']).includes('192.0.2.7'));
  });

  test('is found by the hash of its jti as well', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    const { tokenHash: _, ...named } = access(house, '');
    const accesses = [{ ...named, jtiHash: issued.jtiHash }];
    assert.equal((await house.audit.recordAccesses(REPORTER, { accesses })).joined, 1);
    const [told] = await house.extensions('data.accessed');
    assert.equal(told?.['token_hash'], issued.tokenHash);
  });

  test('counts once, however often it comes', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    const accesses = [access(house, sha256(token)), access(house, sha256(token), { id: 'a-2' })];
    for (let time = 0; time < 3; time += 1)
      assert.equal((await house.audit.recordAccesses(REPORTER, { accesses })).accepted, 2);
    assert.equal((await house.extensions('data.accessed')).length, 2);
    // Another reporter's ids are its own.
    await house.audit.recordAccesses({ id: 'r-2', tenant: 'acme' }, { accesses });
    assert.equal((await house.extensions('data.accessed')).length, 4);
  });

  test('of a token that nobody issued is kept, and says so', async () => {
    const house = await TestHouse.open();
    const accesses = [access(house, sha256('forged'))];
    assert.deepEqual(await house.audit.recordAccesses(REPORTER, { accesses }), {
      accepted: 1,
      joined: 0,
    });
    const [told] = await house.extensions('data.accessed');
    assert.equal(told?.['ledger_match'], false);
    assert.equal(told?.['sub'], undefined);
  });

  test('tells a reporter of another tenant nothing about whose token it is', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    const stranger = { id: 'r-other', tenant: 'umbrella' };
    const accesses = [access(house, sha256(token))];
    assert.equal((await house.audit.recordAccesses(stranger, { accesses })).joined, 0);
    const [event] = await house.audit.listEvents({ names: ['data.accessed'] });
    assert.equal(event?.tenant, 'umbrella');
    assert.ok(!JSON.stringify(event).includes(CLIENT));
  });

  test('is dated by us when the reporter’s clock cannot be right', async () => {
    const house = await TestHouse.open();
    const atMs = house.clock.nowMs() + 86_400_000;
    const accesses = [access(house, sha256('x'), { atMs })];
    await house.audit.recordAccesses(REPORTER, { accesses });
    const [event] = await house.audit.listEvents({ names: ['data.accessed'] });
    assert.equal(event?.timeMs, house.clock.nowMs());
    const [told] = await house.extensions('data.accessed');
    assert.deepEqual(told?.['extra'], { reporter: REPORTER.id, saidMs: atMs });
  });

  const wrong: [string, (house: TestHouse) => unknown][] = [
    ['no list', () => ({})],
    ['no token', (house) => ({ accesses: [{ ...access(house, ''), tokenHash: undefined }] })],
    ['a token itself', (house) => ({ accesses: [access(house, 'eyJhbGciOiJFUzI1NiJ9.e30.x')] })],
    [
      'an operation that is none',
      (house) => ({ accesses: [access(house, sha256('x'), { operation: 'peek' })] }),
    ],
    [
      'an item without an id',
      (house) => ({ accesses: [access(house, sha256('x'), { item: { kind: 'mail' } })] }),
    ],
    [
      'a member that is not known',
      (house) => ({ accesses: [access(house, sha256('x'), { subject: 'ana' })] }),
    ],
    [
      'too many',
      (house) => ({
        accesses: Array.from({ length: MOST_ACCESSES + 1 }, () => access(house, sha256('x'))),
      }),
    ],
  ];
  for (const [what, batch] of wrong) {
    test(`is refused whole with ${what}`, async () => {
      const house = await TestHouse.open();
      await assert.rejects(
        house.audit.recordAccesses(REPORTER, batch(house)),
        (error) => isCodedError(error) && error.code === 'accesses_malformed',
      );
      assert.deepEqual(await house.extensions('data.accessed'), []);
    });
  }
});
