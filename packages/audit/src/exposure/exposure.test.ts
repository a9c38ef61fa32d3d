import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { isCodedError, toSeconds } from '@countersign/vocabulary';
import fc from 'fast-check';
import { AUDIENCE, closeHouses, ISSUER, KID, REALM, TestHouse } from '../testing/open-house.ts';
import { MOST_NAMED } from './key-exposure.ts';

afterEach(closeHouses);

const OTHER = 'https://calendar.acme.example';
const LATER_SECONDS = 600;

describe('C-08 blast report', () => {
  test('names tenants, audiences, clients, people, sign-ins and the window of a key', async () => {
    const house = await TestHouse.open();
    const startSeconds = toSeconds(house.clock.nowMs());
    await house.issue({ facts: { rootAuthId: 'root-a' } });
    await house.issue({ facts: { rootAuthId: 'root-a', subject: 'p-2', clientId: 'calendar' } });
    house.clock.advanceMs((LATER_SECONDS + 1) * 1000);
    await house.issue({ facts: { rootAuthId: 'root-b', audience: [AUDIENCE, OTHER] } });
    await house.issue({ facts: { kid: 'another' } });
    const exposure = await house.audit.readKeyExposure(KID);
    assert.deepEqual([exposure.tokens, exposure.live], [3, 1]);
    assert.deepEqual(exposure.issuers, [ISSUER]);
    assert.deepEqual(exposure.tenants, { list: [{ name: 'acme', tokens: 3, live: 1 }], more: 0 });
    assert.deepEqual(exposure.audiences.list, [
      { name: AUDIENCE, tokens: 3, live: 1 },
      { name: OTHER, tokens: 1, live: 1 },
    ]);
    assert.deepEqual(
      exposure.clients.list.map(({ name, tokens }) => [name, tokens]),
      [
        ['mail-web', 2],
        ['calendar', 1],
      ],
    );
    assert.deepEqual(exposure.subjects, { count: 2, atLeast: false });
    assert.deepEqual(exposure.sessions, { count: 2, atLeast: false });
    assert.deepEqual(exposure.liveSessions, { count: 1, atLeast: false });
    assert.equal(exposure.firstIssuedSeconds, startSeconds);
    assert.equal(exposure.lastIssuedSeconds, startSeconds + LATER_SECONDS + 1);
    assert.equal(exposure.lastExpirySeconds, startSeconds + 2 * LATER_SECONDS + 1);
  });

  test('of a key that signed nothing is empty, before anything happens', async () => {
    const house = await TestHouse.open();
    const exposure = await house.audit.readKeyExposure('none');
    assert.deepEqual([exposure.tokens, exposure.live, exposure.issuers], [0, 0, []]);
    assert.equal(exposure.lastExpirySeconds, undefined);
    assert.deepEqual(exposure.tenants, { list: [], more: 0 });
  });

  test('names who used the tokens and when, also after the reports themselves made room', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    const firstMs = house.clock.nowMs();
    await house.report([house.use(token), house.use(token)]);
    house.clock.advanceMs(1000);
    await house.report([house.use(token)], { id: 'r-2', tenant: 'acme' });
    await house.report([house.use(token, { decision: 'refused', code: 'token_expired' })]);
    await house.pass(1000);
    house.clock.advanceMs(9 * 86_400_000);
    await house.pass(20_000);
    const { left } = await house.store.read
      .selectFrom('use_report')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .executeTakeFirstOrThrow();
    assert.equal(left, 0);
    const exposure = await house.audit.readKeyExposure(KID);
    assert.deepEqual(exposure.uses, { accepted: 3, refused: 1 });
    assert.deepEqual(
      [exposure.firstAcceptedMs, exposure.lastAcceptedMs],
      [firstMs, firstMs + 1000],
    );
    assert.deepEqual(
      exposure.resourceServers.list.map(({ reporterId, uses }) => [reporterId, uses]),
      [
        ['r-acme', { accepted: 2, refused: 1 }],
        ['r-2', { accepted: 1 }],
      ],
    );
  });

  test('keeps its lists short and counts what is left out', async () => {
    const house = await TestHouse.open();
    for (let at = 0; at < MOST_NAMED + 7; at += 1) {
      await house.issue({ facts: { clientId: `client-${at}` } });
    }
    const { clients } = await house.audit.readKeyExposure(KID);
    assert.deepEqual([clients.list.length, clients.more], [MOST_NAMED, 7]);
  });

  test('counts live tokens that were revoked, which a thief of the key does not care about', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    await house.issue();
    const target = { jtiHash: issued.jtiHash };
    await house.audit.revoke({ target, reason: 'logout' });
    const exposure = await house.audit.readKeyExposure(KID);
    assert.deepEqual([exposure.live, exposure.liveRevoked], [2, 1]);
  });

  test('adds up to the ledger, whatever was issued', async () => {
    const tokens = fc.array(
      fc.record({
        kid: fc.constantFrom(KID, 'other'),
        audience: fc.subarray([AUDIENCE, OTHER], { minLength: 1 }),
        subject: fc.constantFrom('p-1', 'p-2', 'p-3'),
        expiresAtSeconds: fc.integer({ min: 0, max: 4_000_000_000 }),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(tokens, async (facts) => {
        const house = await TestHouse.open();
        for (const one of facts) await house.issue({ facts: one });
        const ofKey = facts.filter(({ kid }) => kid === KID);
        const nowSeconds = toSeconds(house.clock.nowMs());
        const live = ofKey.filter(({ expiresAtSeconds }) => expiresAtSeconds > nowSeconds).length;
        const exposure = await house.audit.readKeyExposure(KID);
        assert.equal(exposure.tokens, ofKey.length);
        assert.equal(exposure.live, live);
        assert.equal(await house.audit.countLiveTokens(KID, nowSeconds), live);
        assert.equal(exposure.subjects.count, new Set(ofKey.map(({ subject }) => subject)).size);
        const named = exposure.audiences.list.reduce((sum, each) => sum + each.tokens, 0);
        assert.equal(
          named,
          ofKey.reduce((sum, { audience }) => sum + audience.length, 0),
        );
        await house.close();
      }),
      { numRuns: 15 },
    );
  });
});

describe('what keeps a key in its JWKS', () => {
  test('is a live token, also one that was revoked', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue();
    const end = issued.expiresAtSeconds;
    assert.equal(await house.audit.countLiveTokens(KID, end - 1), 1);
    assert.equal(await house.audit.countLiveTokens(KID, end), 0);
    assert.equal(await house.audit.countLiveTokens('other', 0), 0);
  });

  test('is an accepted use that was heard of, judged or not, whatever clock the verifier has', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    assert.equal(await house.audit.lastAcceptedUseMs(KID), undefined);
    await house.report([house.use(token, { decision: 'refused', code: 'receipt_missing' })]);
    assert.equal(await house.audit.lastAcceptedUseMs(KID), undefined);
    await house.report([house.use(token, { atMs: 5 })]);
    const heardMs = house.clock.nowMs();
    assert.equal(await house.audit.lastAcceptedUseMs(KID), heardMs);
    await house.pass(1000);
    assert.equal(await house.audit.lastAcceptedUseMs(KID), heardMs);
    assert.equal(await house.audit.lastAcceptedUseMs('other'), undefined);
  });
});

describe('an operator’s revocation', () => {
  const wanted = { issuer: ISSUER, kid: KID, reason: 'laptop lost', by: 'op-ana' };

  test('puts the key in quarantine once, on record with who and why', async () => {
    const house = await TestHouse.open();
    assert.equal(await house.audit.quarantineKey(wanted), true);
    assert.equal(await house.audit.quarantineKey({ ...wanted, by: 'op-ben' }), false);
    const [key, ...more] = await house.audit.listQuarantined();
    assert.deepEqual(more, []);
    assert.deepEqual([key?.kid, key?.reason], [KID, 'key.revoked']);
    const [facts] = await house.extensions('key.quarantined');
    assert.deepEqual([facts?.['sub'], facts?.['realm']], ['op-ana', REALM]);
    assert.deepEqual(facts?.['extra'], { reasonGiven: 'laptop lost' });
  });

  test('goes with the transaction it is part of', async () => {
    const house = await TestHouse.open();
    const failing = house.store.transaction(async (tx) => {
      await house.audit.quarantineKey(wanted, tx);
      throw new Error('the signer did not answer');
    });
    await assert.rejects(failing, /did not answer/);
    assert.deepEqual(await house.audit.listQuarantined(), []);
  });

  test('needs a reason', async () => {
    const house = await TestHouse.open();
    for (const reason of ['', 'x'.repeat(201)]) {
      await assert.rejects(
        house.audit.quarantineKey({ ...wanted, reason }),
        (error) => isCodedError(error) && error.code === 'event_malformed',
      );
    }
  });
});
