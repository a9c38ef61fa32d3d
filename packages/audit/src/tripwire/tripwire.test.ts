import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Finding } from '../reconcile/finding.ts';
import type { TrippedKey } from '../reconcile/sources.ts';
import {
  closeHouses,
  ISSUER,
  KID,
  REALM,
  REPORTER,
  rewriteSignature,
  sha256,
  TestHouse,
} from '../testing/open-house.ts';

afterEach(closeHouses);

/** The ledger's own word on the life of a key: announced to the log. */
async function announce(house: TestHouse, event: 'retired' | 'revoked', atMs: number) {
  await house.audit.announceKeyEvent({
    ...{ event, issuer: ISSUER, kid: KID, realm: REALM, alg: 'ES256', atMs },
    thumbprint: Buffer.alloc(32, 7).toString('base64url'),
    notAfterSeconds: 4_000_000_000,
    leafHash: sha256(`${event} ${atMs}`),
  });
}

async function houseAfter(event: 'retired' | 'revoked'): Promise<TestHouse> {
  const house = await TestHouse.open();
  await house.issue();
  house.clock.advanceMs(3_600_000);
  await announce(house, event, house.clock.nowMs());
  house.clock.advanceMs(86_400_000);
  return house;
}

const named = (house: TestHouse, token: string, more: object = {}) =>
  house.use(token, { kid: KID, decision: 'refused', code: 'key_withdrawn', ...more });

async function tripped(house: TestHouse): Promise<Finding[]> {
  await house.pass(2000);
  return house.audit.listFindings({ classes: ['tripwire'] });
}

describe('C-13 a retired or revoked kid is a tripwire for ever', () => {
  for (const state of ['retired', 'revoked'] as const) {
    test(`a token signed with a ${state} key is critical and proven, once however often it comes`, async () => {
      const house = await houseAfter(state);
      const sinceMs = house.clock.nowMs() - 86_400_000;
      const forged = house.forge();
      for (let shown = 0; shown < 5; shown += 1) {
        await house.report([named(house, forged, { evidence: forged })]);
        if (shown % 2 === 1) await house.reconciler.tick();
      }
      const [finding, ...more] = await tripped(house);
      assert.deepEqual(more, []);
      assert.equal(finding?.reason, `${state}_key_used`);
      assert.deepEqual([finding?.severity, finding?.proven, finding?.count], ['critical', true, 5]);
      assert.deepEqual([finding?.kid, finding?.issuer, finding?.realm], [KID, ISSUER, REALM]);
      const since = new Date(sinceMs).toISOString();
      assert.ok(finding?.message.startsWith(`Key ${KID}, ${state} since ${since}, signed`));
      const [facts] = await house.extensions('key.tripwire');
      assert.deepEqual(facts?.['verifier'], { name: 'mail-api', version: '1' });
      const extra = (facts?.['extra'] ?? {}) as Record<string, unknown>;
      assert.deepEqual([extra['state'], extra['sinceMs']], [state, sinceMs]);
      assert.equal(extra['proven'], true);
    });
  }

  test('is not forgotten: not over restarts, not while the signer is away, not after years', async () => {
    const house = await houseAfter('retired');
    house.held = undefined;
    for (let year = 0; year < 3; year += 1) {
      house.clock.advanceMs(365 * 86_400_000);
      await house.restart();
      const forged = house.forge({ year });
      await house.report([named(house, forged, { evidence: forged })]);
      await house.reconciler.tick().catch(() => undefined);
      const found = await house.audit.listFindings({ classes: ['tripwire'] });
      assert.equal(found.length, year + 1);
    }
  });

  test('is known from the signer alone, when the ledger was restored from before', async () => {
    const house = await TestHouse.open();
    const key = { issuer: ISSUER, kid: KID, thumbprint: 't', state: 'revoked', stateSinceMs: 5 };
    house.held = [key];
    await house.pass(1000);
    const forged = house.forge();
    await house.report([named(house, forged, { evidence: forged })]);
    assert.equal((await tripped(house))[0]?.reason, 'revoked_key_used');
  });

  test('a key that signs, or stopped signing while its tokens live, is no tripwire', async () => {
    const house = await TestHouse.open();
    house.held = [{ issuer: ISSUER, kid: KID, thumbprint: 't', state: 'retiring' }];
    await house.pass(1000);
    const { token } = await house.issue();
    await house.report([house.use(token, { kid: KID })]);
    assert.deepEqual(await tripped(house), []);
  });

  test('a verifier that accepts a token of a dead key is critical, and says that it is not proven', async () => {
    const house = await houseAfter('revoked');
    await house.report([house.use(house.forge(), { kid: KID })]);
    const [finding] = await tripped(house);
    assert.equal(finding?.reason, 'revoked_key_accepted');
    assert.deepEqual([finding?.severity, finding?.proven], ['critical', false]);
  });

  test('a signature that only the verifier has seen is critical and unproven', async () => {
    const house = await houseAfter('retired');
    const forged = house.forge();
    await house.report([named(house, forged, { jtiHash: sha256('jti'), logIndex: 0 })]);
    const [finding] = await tripped(house);
    assert.equal(finding?.reason, 'retired_key_used');
    assert.deepEqual([finding?.severity, finding?.proven], ['critical', false]);
  });

  test('whoever writes the kid on waste paper wakes nobody, and floods nobody', async () => {
    const house = await houseAfter('retired');
    for (let batch = 0; batch < 4; batch += 1) {
      const waste = Array.from({ length: 200 }, (_, at) => `waste ${batch} ${at}`);
      await house.report(waste.map((token) => named(house, token)));
      await house.report(waste.map((token) => named(house, `x${token}`, { code: 'key_unknown' })));
      await house.pass(1000);
    }
    const found = await tripped(house);
    const told = found.map(({ reason, severity, count }) => `${reason} ${severity} ${count}`);
    assert.deepEqual(told.sort(), ['named_unchecked high 800', 'named_without_signature low 800']);
  });

  test('a genuine token that comes late is medium after retirement, and only counted after revocation', async () => {
    for (const [state, severity] of [
      ['retired', 'medium'],
      ['revoked', 'low'],
    ] as const) {
      const house = await TestHouse.open();
      const { token } = await house.issue();
      house.clock.advanceMs(1000);
      await announce(house, state, house.clock.nowMs());
      // It was used while the key was alive; only the report is late.
      await house.report([house.use(token, { kid: KID, atMs: house.clock.nowMs() - 500 })]);
      assert.deepEqual(await tripped(house), []);
      for (let shown = 0; shown < 300; shown += 1) {
        const code = state === 'revoked' ? 'key_quarantined' : 'token_expired';
        await house.report([named(house, token, { code })]);
      }
      const [finding, ...more] = await tripped(house);
      assert.deepEqual(more, []);
      assert.deepEqual([finding?.reason, finding?.severity], ['genuine_token_late', severity]);
      assert.equal(finding?.count, 300);
    }
  });

  test('a genuine token with its ECDSA signature written anew is genuine and late', async () => {
    const house = await TestHouse.open();
    const { token, issued } = await house.issue();
    await announce(house, 'retired', house.clock.nowMs());
    house.clock.advanceMs(1000);
    const other = rewriteSignature(token);
    await house.report([named(house, other, { jtiHash: issued.jtiHash, evidence: other })]);
    const [finding] = await tripped(house);
    assert.equal(finding?.reason, 'genuine_token_late');
  });

  test('a verifier that accepts genuine tokens long after a revocation follows no feed: high', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    await announce(house, 'revoked', house.clock.nowMs());
    house.clock.advanceMs(60_000);
    await house.report([house.use(token, { kid: KID })]);
    assert.equal((await tripped(house))[0]?.severity, 'low', 'it has two minutes to learn of it');
    house.clock.advanceMs(120_000);
    await house.report([house.use(token, { kid: KID })]);
    const found = await tripped(house);
    const late = found.find(({ reason }) => reason === 'revoked_key_accepted');
    assert.equal(late?.severity, 'high');
  });

  test('a reporter of another tenant says nothing in the tenant of the key without a proof', async () => {
    const house = await houseAfter('revoked');
    const stranger = { id: 'r-other', tenant: 'other' };
    await house.report([named(house, 'waste')], stranger);
    const [claimed] = await tripped(house);
    assert.deepEqual([claimed?.tenant, claimed?.realm], ['other', undefined]);
    const forged = house.forge();
    await house.report([named(house, forged, { evidence: forged })], stranger);
    const proven = (await tripped(house)).find((finding) => finding.proven);
    assert.deepEqual([proven?.tenant, proven?.realm], ['acme', REALM]);
  });

  test('a reporter that names the dead keys of another tenant one by one is one line an hour', async () => {
    const house = await TestHouse.open();
    const kids = Array.from({ length: 40 }, (_, at) => `dead-${at}`);
    house.held = kids.map((kid) => ({ issuer: ISSUER, kid, thumbprint: kid, state: 'retired' }));
    await house.pass(2000);
    const names = kids.map((kid) => named(house, kid, { kid, jtiHash: sha256(kid) }));
    await house.report(names, { id: 'r-other', tenant: 'other' });
    const [finding, ...more] = await tripped(house);
    assert.deepEqual(more, []);
    assert.deepEqual([finding?.tenant, finding?.count], ['other', 40]);
    await house.report(names);
    assert.equal((await tripped(house)).length, 41, 'of its own keys each is told');
  });

  test('a claim that is proven later is one finding a token beside the claim', async () => {
    const house = await houseAfter('retired');
    const forged = house.forge();
    await house.report([house.use(forged, { kid: KID })]);
    await house.report([named(house, forged, { evidence: forged })]);
    const found = await tripped(house);
    assert.ok(found.some(({ proven, reason }) => proven && reason === 'retired_key_used'));
    assert.ok(found.every(({ severity }) => severity === 'critical'));
  });

  test('what dead keys were asked for and by whom stays in the exposure of the key', async () => {
    const house = await houseAfter('revoked');
    await house.report([named(house, 'waste')]);
    await house.pass(1000);
    const { resourceServers, uses } = await house.audit.readKeyExposure(KID);
    assert.deepEqual(uses, { refused: 1 });
    assert.equal(resourceServers.list[0]?.reporterId, REPORTER.id);
  });
});

describe('C-13 a request to sign with a dead key', () => {
  const ask = (house: TestHouse, tripped: TrippedKey[]) => {
    house.tripped = tripped;
    return house.pass(3000);
  };

  test('is critical, once an hour, and counted', async () => {
    const house = await houseAfter('revoked');
    const lastMs = house.clock.nowMs();
    await ask(house, [{ kid: KID, count: 2, lastMs }]);
    await ask(house, [{ kid: KID, count: 5, lastMs: lastMs + 1 }]);
    await ask(house, [{ kid: KID, count: 5, lastMs: lastMs + 1 }]);
    const [finding, ...more] = await tripped(house);
    assert.deepEqual(more, []);
    assert.equal(finding?.reason, 'signature_asked_for');
    assert.deepEqual([finding?.severity, finding?.proven, finding?.count], ['critical', true, 5]);
    await house.restart();
    await ask(house, [{ kid: KID, count: 5, lastMs: lastMs + 1 }]);
    assert.equal((await tripped(house)).length, 1, 'a restart tells nothing twice');
  });

  test('that was under way when the key died is no news, nor one for a key that is alive', async () => {
    const house = await TestHouse.open();
    await announce(house, 'revoked', house.clock.nowMs());
    await ask(house, [{ kid: KID, count: 3, lastMs: house.clock.nowMs() + 900 }]);
    await ask(house, [{ kid: 'alive', count: 3, lastMs: house.clock.nowMs() + 900_000 }]);
    assert.deepEqual(await tripped(house), []);
  });
});
