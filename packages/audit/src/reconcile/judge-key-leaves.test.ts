// Events of keys in the log: ours are announced before they are logged, and whatever else stands
// there in our name was put there by somebody else.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { encodeKeyEntry, hashIssuer, hashLeaf, type KeyEntry } from '@countersign/verifier';
import { sql } from 'kysely';
import { hexOf } from '../hex-bytes.ts';
import type { AnnouncedKeyEvent } from '../store/key-event.ts';
import { closeHouses, GRACE_MS, ISSUER, KID, REALM, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

const THUMBPRINT = new Uint8Array(32).fill(7);

function keyEntry(house: TestHouse, change: Partial<KeyEntry> = {}): Uint8Array {
  return encodeKeyEntry({
    event: 'published',
    atMs: house.clock.nowMs(),
    notAfterSeconds: 2_000_000_000,
    issuerHash: hashIssuer(ISSUER),
    thumbprint: THUMBPRINT,
    kid: 'key-1',
    ...change,
  });
}

function announced(house: TestHouse, entry: Uint8Array): AnnouncedKeyEvent {
  return {
    event: 'published',
    issuer: ISSUER,
    kid: 'key-1',
    thumbprint: Buffer.from(THUMBPRINT).toString('base64url'),
    notAfterSeconds: 2_000_000_000,
    realm: REALM,
    alg: 'ES256',
    atMs: house.clock.nowMs(),
    leafHash: hexOf(hashLeaf(entry)),
  };
}

/** As the provider does: announced, logged, settled. */
async function publish(house: TestHouse): Promise<void> {
  const entry = keyEntry(house);
  const event = announced(house, entry);
  await house.audit.announceKeyEvent(event);
  const { index } = house.append(entry);
  await house.audit.settleKeyEvent(event, { logIndex: index, receipt: Uint8Array.of(index) });
}

describe('an event of our own key', () => {
  it('raises nothing, between tokens and across a restart', async () => {
    const house = await TestHouse.open();
    await house.issue();
    await publish(house);
    await house.issue();
    await house.pass(2 * GRACE_MS);
    await publish(house);
    await house.restart();
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  it('that a crash cut off after it was logged raises nothing, however often it is logged', async () => {
    const house = await TestHouse.open();
    const entry = keyEntry(house);
    await house.audit.announceKeyEvent(announced(house, entry));
    house.append(entry);
    house.append(entry);
    await house.restart();
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(house.told, []);
  });

  it('is found only once the log has answered, and answered the first time counts', async () => {
    const house = await TestHouse.open();
    const entry = keyEntry(house);
    const event = announced(house, entry);
    await house.audit.announceKeyEvent(event);
    await house.audit.announceKeyEvent(event);
    assert.equal(await house.audit.findKeyEvent(event), undefined);
    const first = { logIndex: 3, receipt: Uint8Array.of(1, 2, 3) };
    assert.deepEqual(await house.audit.settleKeyEvent(event, first), first);
    const second = { logIndex: 4, receipt: Uint8Array.of(4) };
    assert.deepEqual(await house.audit.settleKeyEvent(event, second), first);
    assert.deepEqual(await house.audit.findKeyEvent(event), first);
    assert.equal(await house.audit.findKeyEvent({ ...event, notAfterSeconds: 1 }), undefined);
    assert.deepEqual(await house.eventNames(), ['key.published']);
    const [facts] = await house.extensions('key.published');
    assert.equal(facts?.['log_index'], 3);
    assert.equal(facts?.['kid'], 'key-1');
  });

  it('is entered neither unannounced nor with a thumbprint that is none, and never changes', async () => {
    const house = await TestHouse.open();
    const event = announced(house, keyEntry(house));
    const answer = { logIndex: 0, receipt: Uint8Array.of(1) };
    await assert.rejects(house.audit.settleKeyEvent(event, answer), { code: 'issued_malformed' });
    for (const thumbprint of ['', 'abc', `${event.thumbprint}=`]) {
      const wrong = { ...event, thumbprint };
      await assert.rejects(house.audit.announceKeyEvent(wrong), { code: 'issued_malformed' });
    }
    await house.audit.announceKeyEvent(event);
    await house.audit.settleKeyEvent(event, answer);
    for (const change of ['DELETE FROM key_event', 'UPDATE key_event SET log_index = 9']) {
      await assert.rejects(
        house.store.transaction((tx) => sql.raw(change).execute(tx)),
        (error: { detail?: string }) => /append_only/.test(error.detail ?? ''),
      );
    }
  });
});

describe('an event of a key that we never made', () => {
  it('is a proven finding that quarantines the kid', async () => {
    const house = await TestHouse.open();
    await publish(house);
    const rogue = keyEntry(house, { kid: 'rogue', thumbprint: new Uint8Array(32).fill(9) });
    const { index } = house.append(rogue);
    await house.pass(2 * GRACE_MS);
    assert.equal(house.told.length, 1);
    const [finding] = house.told;
    assert.deepEqual(
      [finding?.class, finding?.reason, finding?.proven, finding?.severity],
      ['rogue', 'key_logged_but_not_ours', true, 'critical'],
    );
    assert.deepEqual(
      [finding?.issuer, finding?.kid, finding?.logIndex, finding?.realm],
      [ISSUER, 'rogue', index, REALM],
    );
    const quarantined = await house.audit.listQuarantined();
    assert.deepEqual(
      quarantined.map(({ issuer, kid, reason }) => [issuer, kid, reason]),
      [[ISSUER, 'rogue', 'key.rogue']],
    );
  });

  it('is found although it was logged while we were away', async () => {
    const house = await TestHouse.open();
    await publish(house);
    house.append(keyEntry(house, { kid: 'rogue' }));
    await house.restart();
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['key_logged_but_not_ours'],
    );
  });

  it('under a kid of ours is told, but does not end our key', async () => {
    const house = await TestHouse.open();
    await publish(house);
    house.append(keyEntry(house, { event: 'revoked' }));
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(
      house.told.map(({ reason }) => reason),
      ['own_key_logged_by_others'],
    );
    assert.deepEqual(await house.audit.listQuarantined(), []);
  });

  it('for another issuer, or in great number, costs few findings and loses none', async () => {
    const house = await TestHouse.open();
    await publish(house);
    for (let at = 0; at < 40; at += 1) house.append(keyEntry(house, { kid: `rogue-${at}` }));
    house.append(keyEntry(house, { issuerHash: new Uint8Array(32) }));
    await house.pass(2 * GRACE_MS);
    const counts = house.told.map(({ count }) => count);
    assert.equal(counts.length, 17);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      41,
    );
  });

  it('ends its kid also where many others stand before it', async () => {
    const house = await TestHouse.open();
    await publish(house);
    const kids = Array.from({ length: 40 }, (_, at) => `rogue-${at}`);
    for (const kid of [...kids, 'key-1']) house.append(keyEntry(house, { kid, atMs: 1 }));
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(
      (await house.audit.listQuarantined()).map(({ issuer, kid }) => `${issuer} ${kid}`).sort(),
      kids.map((kid) => `${ISSUER} ${kid}`).sort(),
    );
  });
});

describe('an event of a key of our signer that the ledger does not know, as after a restore', () => {
  const thumbprint = Buffer.from(THUMBPRINT).toString('base64url');
  const newer = { issuer: 'https://id.example/acme/partner', kid: 'newer', thumbprint };

  /** A ledger without a word about the key, and what the log says of it. */
  async function restored(change: Partial<KeyEntry> = {}): Promise<TestHouse> {
    const house = await TestHouse.open();
    house.held = [newer];
    house.append(
      keyEntry(house, { kid: newer.kid, issuerHash: hashIssuer(newer.issuer), ...change }),
    );
    return house;
  }

  it('is told, and the key goes on', async () => {
    for (const pass of [
      (house: TestHouse) => house.pass(2 * GRACE_MS),
      (house: TestHouse) => house.restart(),
    ]) {
      const house = await restored();
      await pass(house);
      assert.deepEqual(
        house.told.map(({ reason, severity, kid, issuer }) => [reason, severity, kid, issuer]),
        [['own_key_not_in_ledger', 'high', newer.kid, newer.issuer]],
      );
      assert.deepEqual(await house.audit.listQuarantined(), []);
    }
  });

  it('ends the key when kid, thumbprint and issuer are not all those of the signer', async () => {
    const house = await restored({ thumbprint: new Uint8Array(32).fill(9) });
    house.held = [newer, { ...newer, kid: 'key-1', issuer: ISSUER }];
    house.append(keyEntry(house, { kid: newer.kid }));
    house.append(keyEntry(house, { kid: 'other', issuerHash: hashIssuer(newer.issuer) }));
    await house.pass(2 * GRACE_MS);
    assert.deepEqual(
      (await house.audit.listQuarantined()).map(({ issuer, kid }) => `${issuer} ${kid}`).sort(),
      [`${newer.issuer} newer`, `${newer.issuer} other`, `${ISSUER} newer`],
    );
  });

  it('is not judged while the signer cannot be asked', async () => {
    const house = await restored();
    const { held } = house;
    house.held = undefined;
    await assert.rejects(house.pass(2 * GRACE_MS));
    assert.deepEqual([house.told, await house.audit.listQuarantined()], [[], []]);
    house.held = held;
    await house.pass(2 * GRACE_MS);
    assert.equal(house.told.length, 1);
  });
});

describe('a flood of keys that we never made', () => {
  it('leaves room in the feed for our own keys, and is told of all the same', async () => {
    const house = await TestHouse.open();
    await publish(house);
    await house.store.transaction((tx) =>
      sql`WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 4998)
        INSERT INTO quarantined_key SELECT 'i', 'k' || at, 0, 'key.rogue', 'f' FROM n`.execute(tx),
    );
    for (let at = 0; at < 40; at += 1) house.append(keyEntry(house, { kid: `rogue-${at}` }));
    await house.reportForged(house.forge());
    await house.pass(2 * GRACE_MS);
    assert.equal(
      house.told.reduce((sum, { count }) => sum + count, 0),
      41,
    );
    const quarantined = await house.audit.listQuarantined();
    assert.equal(quarantined.length, 5001);
    assert.ok(quarantined.some(({ kid }) => kid === KID));
    await house.pass(GRACE_MS);
  });
});

describe("a verifier's word that a key of ours is in no log", () => {
  it('is a finding that ends nothing, with evidence or without', async () => {
    const house = await TestHouse.open();
    const refused = { decision: 'refused', code: 'key_unlogged' };
    await house.report([house.use('a.b.c', { ...refused, evidence: 'a.b.c' })]);
    await house.report([house.use('d.e.f', refused)]);
    await house.pass(1000);
    assert.deepEqual(
      house.told.map((finding) => [finding.class, finding.reason, finding.proven, finding.count]),
      [['rogue', 'key_unlogged_unproven', false, 2]],
    );
    assert.deepEqual(await house.audit.listQuarantined(), []);
  });

  it('about another issuer is none of our business', async () => {
    const house = await TestHouse.open();
    const use = { decision: 'refused', code: 'key_unlogged', issuer: 'https://other.example' };
    await house.report([house.use('a.b.c', use)]);
    await house.pass(1000);
    assert.deepEqual(house.told, []);
  });
});
