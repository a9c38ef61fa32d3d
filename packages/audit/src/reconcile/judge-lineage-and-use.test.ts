import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { closeHouses, GRACE_MS, REALM, sha256, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

describe('laundering, theft and replay', () => {
  test('a token derived from one that was never issued is laundered', async () => {
    const house = await TestHouse.open();
    await house.issue({ facts: { parentJtiHash: sha256('forged parent') } });
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(
      house.told.map(({ reason, proven }) => [reason, proven]),
      [['parent_unknown', true]],
    );
  });

  test('a refreshed token of the same person, client and root is not', async () => {
    const house = await TestHouse.open();
    const { issued: parent } = await house.issue();
    await house.issue({ facts: { parentJtiHash: parent.jtiHash, rootAuthId: parent.rootAuthId } });
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('nor is one that descends from an opaque token on record', async () => {
    const house = await TestHouse.open();
    await house.audit.record([
      {
        name: 'token.issued',
        timeMs: 1,
        realm: REALM,
        clientId: 'mail-web',
        subject: 'p-1',
        token: { kind: 'refresh', jtiHash: sha256('opaque'), rootAuthId: 'root-9' },
      },
    ]);
    await house.issue({ facts: { parentJtiHash: sha256('opaque'), rootAuthId: 'root-9' } });
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  test('a token under the root of another person is laundered', async () => {
    const house = await TestHouse.open();
    await house.audit.record([
      {
        name: 'session.started',
        timeMs: 1,
        realm: REALM,
        subject: 'p-other',
        extra: { rootAuthId: 'root-1' },
      },
    ]);
    await house.issue({ facts: { rootAuthId: 'root-1' } });
    await house.issue({ facts: { rootAuthId: 'root-2', subject: 'p-1' } });
    await house.issue({ facts: { rootAuthId: 'root-2', subject: 'p-2' } });
    await house.pass(3 * GRACE_MS);
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['person_differs', 'person_differs'],
    );
  });

  test('a token of one audience accepted at another is laundered', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    await house.report([house.use(token, { audience: ['https://files.acme.example'] })]);
    await house.pass(1000);
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['audience_differs'],
    );
  });

  test('a bound token under another key, or long after its revocation, is stolen', async () => {
    const house = await TestHouse.open();
    const bound = await house.issue({ facts: { jkt: 'key-a' } });
    const ended = await house.issue();
    await house.report([house.use(bound.token, { jkt: 'key-a' })]);
    await house.report([
      house.use(bound.token, { jkt: 'key-b', decision: 'refused', code: 'dpop_mismatch' }),
    ]);
    await house.audit.revoke({ target: { logIndex: ended.issued.logIndex }, reason: 'logout' });
    house.clock.advanceMs(60_000);
    await house.report([house.use(ended.token)]);
    await house.reconciler.tick();
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['sender_key_differs'],
    );
    house.clock.advanceMs(61_000);
    await house.report([house.use(ended.token)]);
    await house.reconciler.tick();
    assert.deepEqual(house.told.map(({ reason }) => reason).slice(1), [
      'accepted_after_revocation',
    ]);
  });

  test('old use reports make room, their events stay', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    await house.report([house.use(token)]);
    await house.pass(1000);
    house.clock.advanceMs(8 * 86_400_000);
    await house.report([house.use(token)]);
    await house.pass(1000);
    const kept = await house.store.read.selectFrom('use_report').selectAll().execute();
    assert.equal(kept.length, 1);
    const names = await house.eventNames();
    assert.equal(names.filter((name) => name === 'token.verified').length, 2);
    assert.deepEqual(house.told, []);
  });

  test('a replayed proof, and a logout token accepted twice, are replays', async () => {
    const house = await TestHouse.open();
    const access = await house.issue();
    const logout = await house.issue({ facts: { typ: 'logout+jwt' } });
    await house.report([house.use(access.token, { decision: 'refused', code: 'dpop_replayed' })]);
    await house.report([house.use(logout.token)]);
    await house.reconciler.tick();
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['proof_replayed'],
    );
    await house.report([house.use(logout.token)]);
    await house.reconciler.tick();
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['proof_replayed', 'accepted_twice'],
    );
  });
});
