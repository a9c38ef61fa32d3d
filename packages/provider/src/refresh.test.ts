import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { API, readToken, registerClient, seedAcme, signInForTokens } from './testing/seed-acme.ts';

describe('a client refreshes', () => {
  let world: World;
  before(async () => {
    world = await openWorld();
    await seedAcme(world);
  });
  after(() => world.close());

  test('each refresh token works once and gives the next, in one line of descent', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered);
    const second = await client.refreshTokenGrant(registered.config, first.refresh_token ?? '');
    const third = await client.refreshTokenGrant(registered.config, second.refresh_token ?? '');
    assert.notEqual(first.refresh_token, second.refresh_token);
    const [a, b, c] = [first, second, third].map((set) => readToken(set.access_token).claims);
    assert.equal(b?.['parent_jti'], a?.['jti']);
    assert.equal(c?.['parent_jti'], b?.['jti']);
    assert.equal(b?.['root_auth_id'], a?.['root_auth_id']);
    assert.equal(c?.['root_auth_id'], a?.['root_auth_id']);
    assert.equal(readToken(second.id_token ?? '').claims['parent_jti'], a?.['jti']);
    assert.equal(readToken(second.id_token ?? '').claims['root_auth_id'], a?.['root_auth_id']);
  });

  test('the refreshed access token is for the API the first one was for', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered, {
      scope: 'openid pay:read',
      resource: API,
    });
    const second = await client.refreshTokenGrant(registered.config, first.refresh_token ?? '');
    assert.equal(readToken(second.access_token).claims['aud'], API);
  });

  test('a refresh token that comes again ends the whole family', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered);
    const second = await client.refreshTokenGrant(registered.config, first.refresh_token ?? '');
    const invalid = { error: 'invalid_grant' };
    const refresh = (token: string | undefined) =>
      client.refreshTokenGrant(registered.config, token ?? '');
    await assert.rejects(refresh(first.refresh_token), invalid);
    await assert.rejects(refresh(second.refresh_token), invalid);
    for (const { access_token: token } of [first, second]) {
      assert.equal((await client.tokenIntrospection(registered.config, token)).active, false);
    }
    const events = await world.store.read
      .selectFrom('event')
      .select(['name', 'ocsf'])
      .where('name', 'in', ['grant.revoked', 'token.revoked'])
      .where('client_id', '=', registered.record.client_id)
      .execute();
    assert.ok(events.some(({ name }) => name === 'grant.revoked'));
    assert.equal(events.filter(({ name }) => name === 'token.revoked').length, 4);
    assert.ok(events.every(({ ocsf }) => ocsf.includes('refresh_reuse')));
  });

  test('of four refreshes at once exactly one succeeds, and the family lives', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered);
    const attempts = await Promise.allSettled(
      Array.from({ length: 4 }, () =>
        client.refreshTokenGrant(registered.config, first.refresh_token ?? ''),
      ),
    );
    const winners = attempts.filter((attempt) => attempt.status === 'fulfilled');
    assert.equal(winners.length, 1);
    const next = winners[0]?.value.refresh_token ?? '';
    assert.ok((await client.refreshTokenGrant(registered.config, next)).access_token);
  });

  test('a disabled person gets no further token', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered);
    const { sub } = readToken(first.access_token).claims;
    await world.directory.people.setDisabled('acme/workforce', String(sub), true);
    try {
      await assert.rejects(client.refreshTokenGrant(registered.config, first.refresh_token ?? ''), {
        error: 'invalid_grant',
      });
    } finally {
      await world.directory.people.setDisabled('acme/workforce', String(sub), false);
    }
  });

  test('no code, refresh token or cookie is in the database as it travels', async () => {
    const registered = await registerClient(world);
    const tokens = await signInForTokens(world, registered);
    const rows = await world.store.read.selectFrom('provider_artifacts').selectAll().execute();
    const sessions = await world.store.read.selectFrom('provider_sessions').selectAll().execute();
    assert.ok(rows.some(({ model }) => model === 'RefreshToken'));
    const dump = JSON.stringify([rows, sessions]);
    assert.ok(!dump.includes(tokens.refresh_token ?? 'missing'));
    assert.ok(!dump.includes('"jti"'));
    assert.ok(!dump.includes('"cookie"'));
  });
});
