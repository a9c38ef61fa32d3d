import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { findForm, ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  codeRequest,
  PASSWORD,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';

describe('the house of realms', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld({ limits: { mostOpenRealms: 1 } });
    acme = await seedAcme(world);
  });
  after(() => world.close());

  test('a realm that was dropped for another is built again with the same keys', async () => {
    const kids = async (population: string) => {
      const answer = await fetch(`${world.baseUrl}/acme/${population}/jwks`);
      const { keys } = (await answer.json()) as { keys: { kid: string }[] };
      return keys.map(({ kid }) => kid).sort();
    };
    const first = await kids('workforce');
    await kids('partner');
    await kids('customer');
    assert.deepEqual(await kids('workforce'), first);
    const { keys } = await world.house.jwks({ tenant: 'acme', population: 'workforce' });
    assert.deepEqual(keys.map(({ kid }) => kid).sort(), first);
  });

  test('a realm of no tenant has no keys', async () => {
    await assert.rejects(world.house.jwks({ tenant: 'ghost', population: 'device' }), {
      code: 'realm_unknown',
    });
  });

  test('everything a person has open can be ended at once', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const tokens = await signInForTokens(world, registered, {}, browser);
    const ended = await world.house.endSignIns('acme/workforce', acme.ada.id);
    assert.deepEqual(ended, { sessions: 1, grants: 1 });
    const answer = await client.tokenIntrospection(registered.config, tokens.access_token);
    assert.equal(answer.active, false);
    await assert.rejects(client.refreshTokenGrant(registered.config, tokens.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
    const page = await browser.open((await codeRequest(registered.config)).url.href);
    assert.match(page.text, /name="password"/);
    const again = await world.house.endSignIns('acme/workforce', acme.ada.id);
    assert.deepEqual(again, { sessions: 0, grants: 0 });
    const [revoked] = await world.audit.revocationBitmaps();
    const { bitmap, firstIndex } = revoked ?? assert.fail();
    const issued = await world.store.read
      .selectFrom('issued_token')
      .select('log_index')
      .where('client_id', '=', registered.record.client_id)
      .execute();
    for (const { log_index: index } of issued) {
      const bit = index - firstIndex;
      assert.equal(((bitmap[bit >> 3] ?? 0) >> (bit % 8)) & 1, 1);
    }
  });

  test('ended sign-ins are ended for one, too, that was right and is not picked up yet', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const page = await browser.open((await codeRequest(registered.config)).url.href);
    const form = findForm(page, 'username') ?? assert.fail();
    const cookie = browser.setCookieLines.map((line) => line.split(';')[0]).join('; ');
    const right = await fetch(new URL(form.action, page.url), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams({ ...form.fields, username: 'ada', password: PASSWORD }),
    });
    const parked = right.headers.get('location') ?? assert.fail();
    await world.house.endSignIns('acme/workforce', acme.ada.id);
    const picked = await fetch(parked, { redirect: 'manual', headers: { cookie } });
    assert.equal(picked.headers.get('location'), null);
    assert.equal(picked.status, 400);
  });

  test('a closed house says that it is closed', async () => {
    world.house.close();
    const answer = await fetch(`${acme.issuer}/jwks`);
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.get('retry-after'));
  });
});

test('what has expired is swept away, a bounded number at a time, and nothing else', async () => {
  const world = await openWorld({ limits: { mostSweptRows: 2 } });
  try {
    const now = Math.floor(Date.now() / 1000);
    const row = (name: string, expiresAt: number) => ({
      realm: 'acme/workforce',
      model: 'Interaction',
      id_hash: name,
      grant_id: null,
      account_id: null,
      user_code: null,
      payload: '{}',
      expires_at: expiresAt,
      consumed_at: null,
    });
    await world.store.transaction((tx) =>
      tx
        .insertInto('provider_artifacts')
        .values([row('a', now - 500), row('b', now - 400), row('c', now - 300), row('d', now)])
        .execute(),
    );
    assert.equal(await world.house.sweep(), 2);
    assert.equal(await world.house.sweep(), 1);
    assert.equal(await world.house.sweep(), 0);
    const left = await world.store.read
      .selectFrom('provider_artifacts')
      .select('id_hash')
      .execute();
    assert.deepEqual(left, [{ id_hash: 'd' }]);
  } finally {
    await world.close();
  }
});

test('a session that ran out has ended, and the record says so', async () => {
  const world = await openWorld();
  try {
    await world.store.transaction((tx) =>
      tx
        .insertInto('provider_sessions')
        .values({
          realm: 'acme/workforce',
          uid: 'session-1',
          id_hash: 'x',
          account_id: 'person-1',
          signed_in_at: 1,
          payload: '{}',
          expires_at: 1,
        })
        .execute(),
    );
    assert.equal(await world.house.sweep(), 1);
    const [ended] = await world.audit.listEvents({ names: ['session.ended'], limit: 10 });
    assert.match(JSON.stringify(ended), /expired/);
  } finally {
    await world.close();
  }
});
