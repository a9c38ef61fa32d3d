import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRiskHouse, REALM } from '../testing/open-risk-house.ts';
import { judgeUses } from './judge-uses.ts';

test('a use that cannot be judged costs those beside it nothing', async () => {
  const house = await openRiskHouse();
  const atMs = house.clock.nowMs();
  const issued = {
    realm: REALM,
    subject: 'p-1',
    clientId: 'shop',
    rootAuthId: 'r-1',
    audience: [],
  };
  const { promise: isLast, resolve: last } = Promise.withResolvers<void>();
  const uses = judgeUses(house.risk.house, {
    findIssued: async (key) => {
      const { tokenHash } = key as { tokenHash?: string };
      if (tokenHash === 'h-1') throw new Error('the ledger does not answer');
      if (tokenHash === 'h-3') last();
      return issued as never;
    },
  });
  const use = (id: number) => ({
    ...{ id: `u-${id}`, atMs, decision: 'accepted', tokenHash: `h-${id}`, ip: '192.0.2.7' },
  });
  uses.take({ id: 'shop-api', tenant: 'acme' }, { uses: [1, 2, 3].map(use) });
  await Promise.race([isLast, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
  await uses.close();
  const judged = await house.risk.house.memory.acts.list({ realm: REALM });
  assert.deepEqual(judged.map(({ id }) => id).sort(), ['use-shop-api-u-2', 'use-shop-api-u-3']);
  await house.close();
});
