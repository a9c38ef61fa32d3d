import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type Broken, openWorld, type World } from './testing/open-world.ts';
import {
  type Acme,
  answerIn,
  askForToken,
  codeRequest,
  redeem,
  registerClient,
  seedAcme,
  signInAsAda,
} from './testing/seed-acme.ts';

const whole: Broken = {
  notary: undefined,
  signer: undefined,
  audit: undefined,
  events: undefined,
  gate: undefined,
};

describe('when a party of the main road is away', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  afterEach(() => {
    Object.assign(world.broken, whole);
  });
  after(() => world.close());

  const registerService = () =>
    registerClient(world, { grant_types: ['client_credentials'], redirect_uris: [] });

  const issuedCount = async () => {
    const rows = await world.store.read.selectFrom('issued_token').select('log_index').execute();
    return rows.length;
  };

  for (const party of ['notary', 'signer'] as const) {
    test(`${party} away: 503 with Retry-After before the code is used up, then it works`, async () => {
      const { config } = await registerClient(world);
      const request = await codeRequest(config);
      const back = await signInAsAda(world, request);
      const before = await issuedCount();
      world.broken[party] = new Error('gone');
      const answer = await redeem(config, request, back).then(
        () => assert.fail('a token left'),
        answerIn,
      );
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.match(await answer.text(), /temporarily_unavailable/);
      world.broken[party] = undefined;
      assert.equal(await issuedCount(), before);
      assert.ok((await redeem(config, request, back)).access_token);
    });
  }

  for (const party of ['signer', 'audit'] as const) {
    test(`${party} fails after the leaf was logged: no token leaves, and the leaf is abandoned`, async () => {
      const service = await registerService();
      const before = await issuedCount();
      const leaves = world.log.durableSize;
      world.broken.gate = 'open';
      world.broken[party] = new Error('gone');
      assert.equal((await askForToken(service)).status, 503);
      assert.equal(world.log.durableSize, leaves + 1);
      assert.equal(await issuedCount(), before);
      const abandoned = await world.store.read
        .selectFrom('abandoned_build')
        .selectAll()
        .where('log_index', '=', leaves)
        .execute();
      assert.equal(abandoned.length, 1);
      assert.equal(abandoned[0]?.journal_number !== null, party === 'audit');
    });
  }

  test('a service is told at once as well, and no leaf is appended in vain', async () => {
    const service = await registerService();
    const leaves = world.log.durableSize;
    world.broken.signer = new Error('gone');
    const answer = await askForToken(service);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.match(await answer.text(), /temporarily_unavailable/);
    assert.equal(world.log.durableSize, leaves);
  });

  test('the leaf of a token that the audit store could not take is recorded when it is back', async () => {
    const service = await registerService();
    const leaves = world.log.durableSize;
    world.broken.gate = 'open';
    world.broken.audit = new Error('gone');
    world.broken.events = new Error('gone');
    assert.equal((await askForToken(service)).status, 503);
    world.broken = Object.assign(world.broken, {
      audit: undefined,
      events: undefined,
      gate: undefined,
    });
    assert.equal((await askForToken(service)).status, 200);
    const recorded = await world.store.read
      .selectFrom('event')
      .select('name')
      .where('name', '=', 'token.abandoned')
      .where('log_index', '=', leaves)
      .execute();
    assert.equal(recorded.length, 1);
  });

  test('a token the signing policy refuses is a plain server error, not a reason to retry', async () => {
    const service = await registerService();
    world.broken.signer = Object.assign(new Error('refused'), {
      name: 'CodedError',
      code: 'lifetime_too_long',
    });
    world.broken.gate = 'open';
    const answer = await askForToken(service);
    assert.equal(answer.status, 500);
    const text = await answer.text();
    assert.match(text, /server_error/);
    assert.ok(!text.includes('lifetime'));
  });

  test('bad input gets an OAuth error and never a stack trace', async () => {
    const token = `${acme.issuer}/token`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const cases: [string, RequestInit, number][] = [
      [token, { method: 'POST' }, 400],
      [token, { method: 'POST', headers: form, body: 'grant_type=%' }, 400],
      [token, { method: 'POST', headers: form, body: `a=${'x'.repeat(60_000)}` }, 413],
      [token, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }, 400],
      [
        token,
        { method: 'POST', headers: { ...form, authorization: 'Basic !!!' }, body: 'grant_type=x' },
        400,
      ],
      [token, { method: 'GET' }, 404],
      [`${acme.issuer}/${'x'.repeat(9000)}`, {}, 414],
      [`${acme.issuer}/%00%ff`, {}, 404],
      [`${acme.issuer}/userinfo`, { headers: { authorization: 'Bearer a.b.c' } }, 401],
      [`${acme.issuer}/interaction/AAAAAAAAAAAAAAAAAAAAAAAA`, {}, 400],
    ];
    for (const [url, init, status] of cases) {
      const answer = await fetch(url, {
        ...init,
        headers: { accept: 'application/json', ...init.headers },
      });
      assert.equal(answer.status, status, `${init.method ?? 'GET'} ${url.slice(0, 80)}`);
      const text = await answer.text();
      assert.ok(!/at .*\.(ts|js):\d+|node_modules/.test(text), text);
      assert.ok((JSON.parse(text) as { error?: string }).error);
    }
  });
});
