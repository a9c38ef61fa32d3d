// A policy between its commit and the moment it is in force: who reads of it on record waits for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRiskHouse, REALM } from '../testing/open-risk-house.ts';
import { followEvents } from './follow-events.ts';

const BY = { kind: 'operator', id: 'op' } as const;
const policyOf = (name: string) => ({
  ...{ version: 1, name },
  rules: [{ name: 'out', when: { level: 'high' }, action: 'deny' }],
});

test('what is put at once is in force as it was written last, and the record says what it replaced', async () => {
  const house = await openRiskHouse();
  const { policies, memory } = house.risk.house;
  const { put } = memory.policies;
  const written: string[] = [];
  let slow = true;
  Object.assign(memory.policies, {
    put: async (...given: Parameters<typeof put>) => {
      await put(...given);
      written.push(JSON.parse(given[0].body).name);
      // The first hears of its commit after the second.
      if (slow) {
        slow = false;
        for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      }
    },
  });
  const putting = ['first', 'second'].map((name) => policies.put('acme', policyOf(name), BY));
  await policies.caughtUp();
  assert.equal(policies.of('acme').policy.name, written.at(-1));
  await Promise.all(putting);
  const changed = await house.events('policy.changed');
  assert.match(changed[1]?.text ?? '', /"before":{[^}]*"name":"first"/);
  await house.close();
});

test('what is refused, or cannot be written, keeps nobody waiting, and nothing of it is in force', async () => {
  const house = await openRiskHouse();
  const { policies, memory } = house.risk.house;
  await assert.rejects(policies.put('acme', { version: 2 }, BY), { code: 'bad_policy' });
  const { put } = memory.policies;
  Object.assign(memory.policies, { put: () => Promise.reject(new Error('no disk')) });
  await assert.rejects(policies.put('acme', policyOf('lost'), BY), /no disk/);
  Object.assign(memory.policies, { put });
  await policies.caughtUp();
  assert.equal(policies.of('acme').from, 'default');
  await policies.put('acme', policyOf('kept'), BY);
  assert.equal(policies.of('acme').policy.name, 'kept');
  await house.close();
});

test('an event that is read behind a change of policy is followed by that policy', async () => {
  const house = await openRiskHouse();
  const { policies, memory } = house.risk.house;
  const { put } = memory.policies;
  const { promise: isOnRecord, resolve: onRecord } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: confirm } = Promise.withResolvers<void>();
  Object.assign(memory.policies, {
    put: async (...given: Parameters<typeof put>) => {
      await put(...given);
      onRecord();
      await goOn;
    },
  });
  const putting = policies.put('acme', policyOf('stern'), BY);
  await isOnRecord;
  await house.audit.record([
    { name: 'risk.changed', timeMs: house.clock.nowMs(), realm: REALM, subject: 'p-1' },
  ]);
  const seen: string[] = [];
  const place = { follower: 'of-this-test', names: ['risk.changed' as const] };
  const following = followEvents(house.risk.house, place, async () => {
    seen.push(policies.of('acme').policy.name);
  })();
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  confirm();
  await Promise.all([putting, following]);
  assert.deepEqual(seen, ['stern']);
  await house.close();
});
