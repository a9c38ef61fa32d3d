import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import { closeHouses, REALM, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

async function revokedIndexes(house: TestHouse): Promise<number[]> {
  const { firstIndex, bitmap } = await house.audit
    .revocationBitmaps()
    .then(([first]) => first ?? assert.fail());
  return [...bitmap].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7]
      .filter((bit) => (byte >> bit) & 1)
      .map((bit) => firstIndex + at * 8 + bit),
  );
}

describe('revocation', () => {
  test('of one token takes what was derived from it, however deep, and nothing else', async () => {
    const house = await TestHouse.open();
    const facts = { rootAuthId: 'root' };
    const top = await house.issue({ facts });
    const middle = await house.issue({ facts: { ...facts, parentJtiHash: top.issued.jtiHash } });
    await house.issue({ facts: { ...facts, parentJtiHash: middle.issued.jtiHash } });
    await house.issue({ facts });
    const count = await house.audit.revoke({
      target: { jtiHash: middle.issued.jtiHash },
      reason: 'requested',
    });
    assert.equal(count, 2);
    assert.deepEqual(await revokedIndexes(house), [1, 2]);
    assert.equal(await house.audit.isRevoked({ logIndex: 1 }), true);
    assert.equal(await house.audit.isRevoked({ logIndex: 0 }), false);
    await house.issue({ facts });
  });

  test('of a root, grant or session takes the whole tree and lets nothing new grow', async () => {
    const house = await TestHouse.open();
    for (const [target, facts] of [
      [{ realm: REALM, rootAuthId: 'r' }, { rootAuthId: 'r' }],
      [{ realm: REALM, grantId: 'g' }, { grantId: 'g' }],
      [{ realm: REALM, sessionId: 's' }, { sessionId: 's' }],
    ] as const) {
      await house.issue({ facts });
      await house.issue({ facts });
      await house.issue();
      assert.equal(await house.audit.revoke({ target, reason: 'logout' }), 2);
      assert.equal(await house.audit.revoke({ target, reason: 'logout' }), 0, 'again is no error');
      const late = house.build({ facts });
      await assert.rejects(
        house.record(late),
        (error) => isCodedError(error) && error.code === 'lineage_ended',
      );
    }
    assert.equal((await revokedIndexes(house)).length, 6);
  });

  test('of a root in one realm leaves the same name in another alone', async () => {
    const house = await TestHouse.open();
    await house.issue({ facts: { rootAuthId: 'r' } });
    const target = { realm: 'acme/customer', rootAuthId: 'r' } as const;
    assert.equal(await house.audit.revoke({ target, reason: 'logout' }), 0);
    await house.issue({ facts: { rootAuthId: 'r' } });
  });

  test('is on record for each token, with its reason and cause', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    await house.audit.revoke({
      target: { logIndex: issued.logIndex },
      reason: 'compromised',
      causedBy: 'event-1',
    });
    const [event] = await house.audit.listEvents({ causedBy: 'event-1' });
    assert.equal(event?.name, 'token.revoked');
    const [facts] = await house.extensions('token.revoked');
    assert.equal(facts?.['reason'], 'compromised');
    assert.equal(facts?.['token_hash'], issued.tokenHash);
  });

  test('of more tokens than one transaction takes ends them all', async () => {
    const house = await TestHouse.open();
    const facts = { rootAuthId: 'r' };
    await Promise.all(Array.from({ length: 620 }, () => house.issue({ facts })));
    const target = { realm: REALM, rootAuthId: 'r' };
    assert.equal(await house.audit.revoke({ target, reason: 'administrator' }), 620);
  });

  test('in a transaction that fails has not happened', async () => {
    const house = await TestHouse.open();
    await house.issue({ facts: { rootAuthId: 'r' } });
    const revocation = { target: { realm: REALM, rootAuthId: 'r' }, reason: 'logout' } as const;
    const failing = house.store.transaction(async (tx) => {
      assert.equal(await house.audit.revoke(revocation, tx), 1);
      throw new Error('the rest failed');
    });
    await assert.rejects(failing, /the rest failed/);
    assert.deepEqual(await revokedIndexes(house), []);
    await house.issue({ facts: { rootAuthId: 'r' } });
  });

  test('leaves the list when the token has expired, clock skew included', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    await house.audit.revoke({ target: { logIndex: issued.logIndex }, reason: 'logout' });
    house.clock.advanceMs(601_000);
    assert.deepEqual(await revokedIndexes(house), [0]);
    house.clock.advanceMs(300_000);
    assert.deepEqual(await revokedIndexes(house), []);
  });
});
