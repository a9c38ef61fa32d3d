// The kill switch: whatever dies on the way, and whoever is away, the key ends everywhere.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { readLease } from '@countersign/storage';
import { BASE_URL, KeyHouse, type Server } from '../testing/open-key-house.ts';

let house: KeyHouse;
before(async () => {
  house = await KeyHouse.open();
});
after(() => house.close());

let realms = 0;
let issuer: string;
let kid: string;
let server: Server;
/** A realm with a key that signs and one that stands by. */
async function openRealm(): Promise<void> {
  realms += 1;
  issuer = `${BASE_URL}/t${realms}/partner`;
  // The lease of the server before ends.
  house.pass(60);
  server = house.start();
  await server.lives.ensureRealm({ tenant: `t${realms}`, population: 'partner' });
  await server.lives.tick();
  [kid = ''] = await house.kids(issuer);
}
beforeEach(openRealm);

const BY = { by: 'ana', reason: 'seen in a dump' };
const REVOKED = ['key.quarantined', 'key.revoked', 'key.compromised'];

async function expectDead(told: readonly string[] = REVOKED): Promise<void> {
  const [state, next] = await house.states(issuer);
  assert.deepEqual([state, next], ['revoked', 'active']);
  const quarantined = await house.audit.listQuarantined();
  assert.equal(quarantined.filter((key) => key.issuer === issuer && key.kid === kid).length, 1);
  assert.ok((await house.logged(kid)).includes('revoked'));
  const events = (await house.events(kid)).slice(2);
  assert.deepEqual(events.toSorted(), told.toSorted());
}

describe('a key that is revoked', () => {
  test('C-14 stops in the signer, is in the feed and the log, and its standby signs at once', async () => {
    const changed: string[] = [];
    server.lives.onChange((of) => changed.push(of));
    const feeds = house.feeds;
    const view = await server.lives.revoke(kid, BY);
    assert.deepEqual([view.state, view.reason], ['revoked', 'seen in a dump']);
    assert.equal(server.lives.isDead(issuer, kid), true);
    assert.ok(changed.includes(issuer));
    assert.equal(house.feeds, feeds + 1);
    await expectDead();
    assert.deepEqual(await house.states(issuer), ['revoked', 'active', 'published']);
    const [event] = (await house.audit.listEvents({ names: ['key.compromised'] })).slice(-1);
    const text = JSON.stringify(event?.ocsf);
    for (const fact of [kid, issuer, 'seen in a dump', 'admin'])
      assert.ok(text.includes(fact), fact);
  });

  test('is revoked again without another word', async () => {
    await server.lives.revoke(kid, BY);
    assert.equal((await server.lives.revoke(kid, BY)).state, 'revoked');
    await expectDead();
    for (const nobody of ['nobody', 'x'.repeat(256)]) {
      await assert.rejects(server.lives.revoke(nobody, BY), { code: 'key_unknown' });
      assert.deepEqual(await server.lives.find(nobody), []);
    }
  });

  test('ends everywhere wherever the server died on the way', async () => {
    for (let killAt = 0; ; killAt += 1) {
      assert.ok(killAt < 100);
      if (killAt > 0) await openRealm();
      const dying = house.start({ killAt });
      await dying.lives.revoke(kid, BY).catch(() => undefined);
      house.pass(60);
      const next = house.start();
      // Who asked hears of the crash; if nothing was done by then, only they can ask again.
      const [state] = await house.states(issuer);
      const quarantined = (await house.audit.listQuarantined()).some((key) => key.kid === kid);
      if (state !== 'revoked' && !quarantined) await next.lives.revoke(kid, BY);
      for (let turn = 0; turn < 3; turn += 1) await next.lives.tick();
      await expectDead();
      if (!dying.killed) return;
    }
  });

  for (const party of ['signer', 'log', 'ledger', 'feed'] as const) {
    test(`ends as far as it can while the ${party} is away, and wholly when it is back`, async () => {
      server.away.add(party);
      await assert.rejects(server.lives.revoke(kid, BY), {
        code: 'key_change_unfinished',
        message: new RegExp(`${party} away`),
      });
      assert.equal(server.lives.isDead(issuer, kid), true);
      const quarantined = (await house.audit.listQuarantined()).some((key) => key.kid === kid);
      assert.equal(quarantined, party !== 'ledger');
      assert.equal((await house.states(issuer))[0] === 'revoked', party !== 'signer');
      server.away.clear();
      house.pass(2);
      for (let turn = 0; turn < 3; turn += 1) await server.lives.tick();
      await expectDead();
    });
  }

  test('C-14 is dead for verifiers and key sets while its signer hangs, and waits for no answer of it', async () => {
    const feeds = house.feeds;
    server.hung.add('signer');
    server.lives.revoke(kid, BY).catch(() => undefined);
    const isTold = async (): Promise<boolean> =>
      house.feeds > feeds && (await house.audit.listQuarantined()).some((key) => key.kid === kid);
    for (let look = 0; !(await isTold()); look += 1) {
      assert.ok(look < 5000, 'nobody was told');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal(server.lives.isDead(issuer, kid), true);
  });

  for (const trouble of ['hung', 'away'] as const) {
    test(`is found by the beginning of its kid while its signer is ${trouble}`, async () => {
      const other = house.start({ limits: { signerPatienceMs: 500 } });
      const [fresh] = await other.lives.find(kid.slice(0, 8));
      assert.deepEqual([fresh?.kid, fresh?.issuer, fresh?.away], [kid, issuer, undefined]);
      other[trouble].add('signer');
      const found = await other.lives.find(kid.slice(0, 8));
      assert.deepEqual(
        found.map((key) => [key.kid, key.issuer, key.away]),
        [[kid, issuer, true]],
      );
    });
  }

  test('needs not wait for the leases of the run before, which was killed with them', async () => {
    const holder = 'one folder';
    const before = house.start({ holder });
    house.pass(60);
    await before.lives.tick();
    before.hung.add('signer');
    before.lives.rotate(issuer, { by: 'ana', force: true }).catch(() => undefined);
    const held = async (): Promise<boolean> =>
      ((await readLease(house.store, `keys of ${issuer}`))?.until_ms ?? 0) > 0;
    for (let look = 0; !(await held()); look += 1) {
      assert.ok(look < 5000, 'nothing was held');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const next = house.start({ holder, limits: { longestWaitMs: 0 } });
    await next.lives.revoke(kid, BY);
    await next.lives.tick();
    assert.equal(next.lives.heartbeat().mine, true);
    await expectDead();
  });

  test('is known to be dead before the first turn of the next server, which asks no signer for that', async () => {
    server.away.add('signer');
    await assert.rejects(server.lives.revoke(kid, BY));
    const next = house.start();
    next.hung.add('signer');
    await next.lives.recallDead();
    assert.equal(next.lives.isDead(issuer, kid), true);
  });

  test('by the ledger alone is stopped in the signer too: nobody has to hear of a forgery first', async () => {
    const row = {
      issuer,
      kid,
      since_ms: house.clock.nowMs(),
      reason: 'token.forged',
      finding_uid: 'f',
    };
    await house.store.transaction((tx) => tx.insertInto('quarantined_key').values(row).execute());
    await server.lives.tick();
    await expectDead(['key.revoked', 'key.compromised']);
    const [key] = await house.signer.listKeys(issuer);
    assert.equal(key?.life.reason, 'token.forged');
    const [event] = (await house.audit.listEvents({ names: ['key.compromised'] })).slice(-1);
    assert.ok(JSON.stringify(event?.ocsf).includes('"policy"'));
  });

  test('at the signer alone is told to everybody else', async () => {
    const feeds = house.feeds;
    await house.signer.changeKey(kid, 'revoked', { reason: 'by hand' });
    house.pass(30);
    const next = house.start();
    await next.lives.tick();
    await expectDead();
    assert.equal(house.feeds, feeds + 1);
  });

  test('while it was retired is a tripwire that is dead now', async () => {
    house.pass(6000);
    await server.lives.tick();
    house.pass(600);
    await server.lives.tick();
    house.pass(700);
    await server.lives.tick();
    await server.lives.tick();
    assert.equal((await house.states(issuer))[0], 'retired');
    await server.lives.revoke(kid, BY);
    assert.deepEqual(await house.states(issuer), ['revoked', 'active', 'published']);
  });

  test('is revoked again also when it has been over for longer than a turn looks back', async () => {
    await server.lives.revoke(kid, BY);
    house.pass(100 * 86_400);
    const later = house.start();
    assert.equal((await later.lives.revoke(kid, BY)).state, 'revoked');
    assert.deepEqual(
      (await later.lives.find(kid.slice(0, 9))).map((key) => [key.kid, key.state]),
      [[kid, 'revoked']],
    );
  });
});
