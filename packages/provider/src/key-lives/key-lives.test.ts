// The lives of keys on the real signer, log and ledger: turned over, undone, revoked, and killed at any
// step in between.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Realm } from '@countersign/vocabulary';
import { BASE_URL, ISSUER, KeyHouse, REALM, type Server } from '../testing/open-key-house.ts';

let house: KeyHouse;
/** Few houses, because folders are costly to open; but each turn sees to all realms of its house. */
function eachInOneHouse(): void {
  before(async () => {
    house = await KeyHouse.open();
  });
  after(() => house.close());
}

let realms = 0;
/** A realm that nobody has asked for yet. */
function newRealm(): { realm: Realm; issuer: string } {
  realms += 1;
  const realm = { tenant: `t${realms}`, population: 'partner' } as const;
  return { realm, issuer: `${BASE_URL}/t${realms}/partner` };
}

/** Turns until nothing is left that failed. */
async function finish(lives: Server['lives']): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await lives.tick();
}

const BY = { by: 'ana', reason: 'stolen' };

describe('the first keys of a realm', () => {
  eachInOneHouse();
  test('are logged, shown and sign at once, and each has one that stands by', async () => {
    const { lives } = house.start({ algorithms: ['ES256', 'EdDSA'] });
    await Promise.all([lives.ensureRealm(REALM), lives.ensureRealm(REALM)]);
    const keys = await house.signer.listKeys(ISSUER);
    const of = (state: string) => keys.filter(({ life }) => life.state === state);
    assert.deepEqual(
      of('active')
        .map(({ alg }) => alg)
        .sort(),
      ['ES256', 'EdDSA'],
    );
    assert.deepEqual(
      of('published')
        .map(({ alg }) => alg)
        .sort(),
      ['ES256', 'EdDSA'],
    );
    const [first = '', standby = ''] = [of('active'), of('published')].map(([key]) => key?.kid);
    assert.deepEqual(await house.logged(first), ['published', 'activated']);
    assert.deepEqual(await house.logged(standby), ['published']);
    assert.deepEqual(await house.events(first), ['key.published', 'key.activated']);
    const view = (await lives.list(ISSUER)).find(({ kid }) => kid === first);
    assert.equal(view?.nextChange?.to, 'retiring');
    assert.equal(view?.tenant, 'acme');
  });

  test('are had wherever the server died on the way to them, without one too many', async () => {
    for (let killAt = 0; ; killAt += 1) {
      const { realm, issuer } = newRealm();
      const first = house.start({ killAt });
      const outcome = await first.lives.ensureRealm(realm).catch((error: unknown) => error);
      if (outcome === undefined) break;
      const { lives } = house.start();
      house.pass(60);
      await lives.ensureRealm(realm);
      await finish(lives);
      assert.deepEqual(await house.states(issuer), ['active', 'published'], `killed at ${killAt}`);
      assert.ok(killAt < 100);
    }
  });

  test('are made once by two servers that are asked at once', async () => {
    const { realm, issuer } = newRealm();
    const [one, other] = [house.start(), house.start()];
    await Promise.all([one.lives.ensureRealm(realm), other.lives.ensureRealm(realm)]);
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
  });
});

describe('a rotation', () => {
  eachInOneHouse();
  let server: Server;
  let realm: Realm;
  let issuer: string;
  beforeEach(async () => {
    ({ realm, issuer } = newRealm());
    // The lease of the server before ends.
    house.pass(60);
    server = house.start();
    await server.lives.ensureRealm(realm);
    await finish(server.lives);
  });

  test('C-04 comes by itself: shown before it signs, handed over, taken out when nothing is alive', async () => {
    const [first = '', second = ''] = await house.kids(issuer);
    house.pass(5930);
    await server.lives.tick();
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
    house.pass(70);
    await finish(server.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'active', 'published']);
    house.pass(600);
    await finish(server.lives);
    assert.deepEqual(await house.states(issuer), ['retiring', 'active', 'published']);
    house.pass(400);
    await finish(server.lives);
    assert.deepEqual(await house.states(issuer), ['retired', 'active', 'published']);
    const life = ['published', 'activated'];
    assert.deepEqual(await house.logged(first), [...life, 'retired']);
    const told = ['key.published', 'key.activated'];
    assert.deepEqual(await house.events(second), [...told, 'key.rotated']);
    assert.deepEqual(await house.events(first), [...told, 'key.retiring', 'key.retired']);
  });

  test('that is asked for waits for a standby that verifiers know, unless it is forced', async () => {
    await assert.rejects(server.lives.rotate(issuer, BY), {
      code: 'standby_too_fresh',
      message: /may sign from 20\d\d-/,
      retryAfterSeconds: 1800,
    });
    await server.lives.rotate(issuer, { ...BY, force: true });
    assert.deepEqual(await house.states(issuer), ['active', 'active', 'published']);
    house.pass(1800);
    await server.lives.rotate(issuer, BY);
    await finish(server.lives);
    const states = ['retiring', 'active', 'active', 'published'];
    assert.deepEqual((await house.states(issuer)).toSorted(), states.toSorted());
  });

  test('C-04 is undone with one command while the key before still signs', async () => {
    house.pass(1800);
    const [before = ''] = await house.kids(issuer);
    await server.lives.rotate(issuer, BY);
    const views = await server.lives.rollBack(issuer, BY);
    assert.deepEqual(await house.states(issuer), ['active', 'retiring', 'published']);
    assert.equal(views.find(({ state }) => state === 'active')?.kid, before);
    await assert.rejects(server.lives.rollBack(issuer, BY), { code: 'rollback_too_late' });
  });

  test('is finished wherever the server died in it, and told once', async () => {
    house.pass(6000);
    for (let killAt = 0; killAt < 60; killAt += 1) {
      const dying = house.start({ killAt, limits: { rotatorLeaseMs: 1, issuerLeaseMs: 1 } });
      await dying.lives.tick().catch(() => undefined);
      house.pass(1);
      if (!dying.killed) break;
    }
    const next = house.start();
    house.pass(60);
    await finish(next.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'active', 'published']);
    house.pass(1000);
    await finish(next.lives);
    house.pass(1000);
    await finish(next.lives);
    assert.deepEqual(await house.states(issuer), ['retired', 'active', 'published']);
    for (const kid of await house.kids(issuer)) {
      const events = await house.events(kid);
      assert.deepEqual(events, [...new Set(events)]);
    }
  });

  test('C-03 is held back by a pause, also one that is asked for; it comes when the pause is over', async () => {
    let untilMs = house.clock.nowMs() + 7_000_000;
    const pausedUntil = async () =>
      untilMs > house.clock.nowMs() ? { untilMs, reason: 'freeze' } : undefined;
    const paused = house.start({ pausedUntil });
    house.pass(6000);
    await finish(paused.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
    const [, standby] = await paused.lives.list(issuer);
    assert.equal(standby?.nextChange?.waitsFor, 'the end of the pause');
    assert.deepEqual(standby?.paused, { untilMs, reason: 'freeze' });
    await assert.rejects(paused.lives.rotate(issuer, BY), { code: 'keys_paused' });
    untilMs = 0;
    house.pass(60);
    await finish(paused.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'active', 'published']);
  });

  test('C-04 in-use removal refused: a key stays in the key set while the ledger has a live token of it', async () => {
    const [kid = ''] = await house.kids(issuer);
    house.pass(6000);
    await finish(server.lives);
    house.pass(600);
    await finish(server.lives);
    let alive = 1;
    const real = house.audit.countLiveTokens;
    house.audit.countLiveTokens = async (asked, at) => (asked === kid ? alive : real(asked, at));
    const next = house.start();
    house.pass(4000);
    await finish(next.lives);
    assert.equal((await house.states(issuer))[0], 'retiring');
    const [view] = await next.lives.list(issuer);
    assert.equal(view?.nextChange?.waitsFor, '1 live token');
    await assert.rejects(house.signer.changeKey(kid, 'active'), { code: 'life_conflict' });
    alive = 0;
    house.pass(60);
    await finish(next.lives);
    assert.equal((await house.states(issuer))[0], 'retired');
    house.audit.countLiveTokens = real;
  });

  test('is not hurried by somebody who sets the clock: what was no wait is waited for again', async () => {
    house.pass(100);
    await server.lives.tick();
    house.setClock(6000);
    await finish(server.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
    // A server that starts then knows of it too.
    const next = house.start();
    house.pass(1700);
    await finish(next.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
    house.pass(100);
    await finish(next.lives);
    assert.deepEqual(await house.states(issuer), ['active', 'active', 'published']);
  });
});

describe('keys of before their lives were kept', () => {
  eachInOneHouse();

  test('go on without a break: they sign, get a standby, hand over and are retired in order', async () => {
    const { realm, issuer } = newRealm();
    const fresh = house.start();
    await fresh.lives.ensureRealm(newRealm().realm);
    const [template] = await house.signer.listKeys();
    assert.ok(template !== undefined);
    // As the signer reads a folder of yesterday: active since it was made, and no word of it anywhere.
    const nowSeconds = house.clock.nowMs() / 1000;
    const { kid } = await house.signer.makeKey('ES256', {
      ...{ ...template.scope, ...realm, issuer },
      notBeforeSeconds: nowSeconds - 60,
      notAfterSeconds: nowSeconds + 90 * 86_400,
    });
    await house.signer.changeKey(kid, 'published');
    await house.signer.changeKey(kid, 'active');
    house.pass(20);
    const { lives } = house.start();
    await lives.tick();
    assert.deepEqual(await house.states(issuer), ['active', 'published']);
    assert.deepEqual(await house.events(kid), []);
    house.pass(6000);
    await finish(lives);
    house.pass(600);
    await finish(lives);
    assert.deepEqual(await house.states(issuer), ['retiring', 'active', 'published']);
    house.pass(700);
    await finish(lives);
    assert.deepEqual(await house.states(issuer), ['retired', 'active', 'published']);
    assert.deepEqual(await house.events(kid), ['key.retiring', 'key.retired']);
  });
});

describe('many realms', () => {
  eachInOneHouse();

  test('are seen to in bounded turns, those that are due longest first', async () => {
    const first = house.start();
    const issuers: string[] = [];
    for (let made = 0; made < 6; made += 1) {
      const { realm, issuer } = newRealm();
      issuers.push(issuer);
      await first.lives.ensureRealm(realm);
      house.pass(1);
    }
    house.pass(6000);
    const { lives } = house.start({ limits: { mostIssuersPerTick: 2 } });
    const rotated = async (): Promise<number> => {
      const all = await Promise.all(issuers.map((issuer) => house.states(issuer)));
      return all.filter((states) => states.length === 3).length;
    };
    for (const expected of [2, 4, 6, 6]) {
      await lives.tick();
      assert.equal(await rotated(), expected);
    }
  });
});

describe('turns', () => {
  eachInOneHouse();
  test('are taken by one server at a time, and by the next when it is gone', async () => {
    const [one, other] = [house.start(), house.start()];
    await one.lives.tick();
    await other.lives.tick();
    assert.deepEqual(
      [one, other].map(({ lives }) => lives.heartbeat().mine),
      [true, false],
    );
    assert.ok(other.lives.heartbeat().lastTickMs > 0);
    house.pass(15);
    await other.lives.tick();
    assert.equal(other.lives.heartbeat().mine, true);
    await one.lives.tick();
    assert.equal(one.lives.heartbeat().mine, false);
  });

  test('tell what failed, and are taken on', async () => {
    house.pass(60);
    const server = house.start();
    server.away.add('signer');
    await assert.rejects(server.lives.tick(), /signer away/);
    assert.match(server.lives.heartbeat().failed ?? '', /signer away/);
    server.away.clear();
    await server.lives.tick();
    assert.equal(server.lives.heartbeat().failed, undefined);
  });
});
