import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createAudit } from '../audit.ts';
import { closeHouses, ISSUER, KID, REALM, TestHouse } from '../testing/open-house.ts';
import type { AnnouncedKeyEvent } from './key-event.ts';
import { registerLogs } from './log-places.ts';

afterEach(closeHouses);

const [FIRST, SECOND, THIRD] = ['a/log', 'b/log', 'c/log'] as const;

async function openTwoLogs() {
  const house = await TestHouse.open();
  const { store, clock, random } = house;
  const logs = await registerLogs({ store, clock }, [FIRST, SECOND]);
  house.audit = createAudit({
    ...{ store, clock, random, logs, product: { name: 'countersign', version: '0.1.0' } },
    ownership: { realmOfIssuer: () => REALM, ownsAudience: async () => true },
  });
  const sizes = () =>
    Promise.all([FIRST, SECOND, THIRD].map((origin) => house.audit.promisedSize(origin)));
  return { house, sizes };
}

const announced = (atMs: number): AnnouncedKeyEvent => ({
  ...{ event: 'published', issuer: ISSUER, kid: KID, realm: REALM, alg: 'ES256', atMs },
  thumbprint: Buffer.alloc(32, 7).toString('base64url'),
  notAfterSeconds: 9_999_999,
  leafHash: '17'.repeat(32),
});

describe('what the ledger says of a log that is away', () => {
  it('is nothing while nothing of it left the house, and of a log that is none of ours', async () => {
    const { sizes } = await openTwoLogs();
    assert.deepEqual(await sizes(), [undefined, undefined, undefined]);
  });

  it('is one past the highest leaf of each, whatever the order they were recorded in', async () => {
    const { house, sizes } = await openTwoLogs();
    for (const [logIndex, logOrigin] of [
      [9, FIRST],
      [4, FIRST],
      [2 ** 48 - 1, SECOND],
    ] as const) {
      await house.record(house.build({ facts: { logIndex, logOrigin } }));
    }
    assert.deepEqual(await sizes(), [10, 2 ** 48, undefined]);
  });

  it('counts the entry of a key once it was settled, and no token that did not leave', async () => {
    const { house, sizes } = await openTwoLogs();
    await house.record(house.build({ facts: { logIndex: 3, logOrigin: SECOND } }));
    house.build({ facts: { logIndex: 8, logOrigin: SECOND } });
    const event = announced(house.clock.nowMs());
    await house.audit.announceKeyEvent(event);
    assert.deepEqual(await sizes(), [undefined, 4, undefined]);
    const receipt = Uint8Array.of(1);
    await house.audit.settleKeyEvent(event, { logIndex: 5, logOrigin: SECOND, receipt });
    assert.deepEqual(await sizes(), [undefined, 6, undefined]);
  });
});
