import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { hexSha256 } from './road/hex-sha256.ts';
import { openWorld, type World } from './testing/open-world.ts';
import {
  type Acme,
  API,
  readToken,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';

describe('questions about tokens and their revocation', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  const service = () =>
    registerClient(world, { grant_types: ['client_credentials'], redirect_uris: [] });

  test('introspection tells a live token from a revoked one, and says where it comes from', async () => {
    const { config, record } = await service();
    const { access_token: token } = await client.clientCredentialsGrant(config, {
      scope: 'pay:read',
    });
    const { claims } = readToken(token);
    const answer = await client.tokenIntrospection(config, token);
    assert.equal(answer.active, true);
    assert.equal(answer.client_id, record.client_id);
    assert.equal(answer.aud, API);
    assert.equal(answer.iss, acme.issuer);
    assert.equal(answer.jti, claims['jti']);
    assert.equal(answer['tenant'], 'acme');
    assert.equal(answer['root_auth_id'], claims['root_auth_id']);
    await client.tokenRevocation(config, token);
    assert.deepEqual(await client.tokenIntrospection(config, token), { active: false });
    const issued = await world.audit.findIssued({ tokenHash: hexSha256(token) });
    const revoked = await world.store.read
      .selectFrom('event')
      .select('ocsf')
      .where('name', '=', 'token.revoked')
      .where('log_index', '=', issued?.logIndex ?? -1)
      .execute();
    assert.equal(revoked.length, 1);
  });

  test('a question about a token is on record: who asked, about which, and what was answered', async () => {
    const { config, record } = await service();
    const { access_token: token } = await client.clientCredentialsGrant(config, {
      scope: 'pay:read',
    });
    await client.tokenIntrospection(config, token);
    await client.tokenRevocation(config, token);
    await client.tokenIntrospection(config, token);
    const asked = (await world.audit.listEvents({ names: ['token.introspected'], limit: 1000 }))
      .map(({ ocsf }) => (ocsf['unmapped'] as { countersign: Record<string, unknown> }).countersign)
      .filter(({ token_hash }) => token_hash === hexSha256(token));
    assert.deepEqual(
      asked.map(({ client_id, reason }) => [client_id, reason]),
      [
        [record.client_id, 'active'],
        [record.client_id, 'inactive'],
      ],
    );
    assert.equal(asked[0]?.['jti_hash'], hexSha256(String(readToken(token).claims['jti'])));
  });

  test('revoking an access token leaves the sign-in, revoking the refresh token ends it', async () => {
    const registered = await registerClient(world);
    const first = await signInForTokens(world, registered);
    await client.tokenRevocation(registered.config, first.access_token);
    assert.equal(
      (await client.tokenIntrospection(registered.config, first.access_token)).active,
      false,
    );
    const second = await client.refreshTokenGrant(registered.config, first.refresh_token ?? '');
    assert.equal(
      (await client.tokenIntrospection(registered.config, second.access_token)).active,
      true,
    );
    await client.tokenRevocation(registered.config, second.refresh_token ?? '');
    assert.equal(
      (await client.tokenIntrospection(registered.config, second.access_token)).active,
      false,
    );
    const answer = await fetch(`${acme.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${second.access_token}` },
    });
    assert.equal(answer.status, 401);
  });

  test('only the client it was given to, or one registered for its API, may ask', async () => {
    const owner = await service();
    const { access_token: token } = await client.clientCredentialsGrant(owner.config);
    const api = await service();
    assert.equal((await client.tokenIntrospection(api.config, token)).active, true);
    const stranger = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      resources: [],
    });
    assert.deepEqual(await client.tokenIntrospection(stranger.config, token), { active: false });
    await assert.rejects(client.tokenRevocation(stranger.config, token), {
      error: 'invalid_request',
    });
    assert.equal((await client.tokenIntrospection(owner.config, token)).active, true);
  });

  test('a token of another realm is unknown here', async () => {
    const here = await service();
    const there = await registerClient(
      world,
      { grant_types: ['client_credentials'], redirect_uris: [] },
      'acme/partner',
    );
    const { access_token: token } = await client.clientCredentialsGrant(there.config);
    assert.deepEqual(await client.tokenIntrospection(here.config, token), { active: false });
  });

  test('what is set aside for the engine means nothing when it is sent', async () => {
    const { config } = await service();
    assert.deepEqual(await client.tokenIntrospection(config, 'structured-token'), {
      active: false,
    });
  });

  test('an API the client is not registered for gets no token', async () => {
    const { config } = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      resources: [],
    });
    await assert.rejects(client.clientCredentialsGrant(config, { resource: API }), {
      error: 'invalid_target',
    });
  });
});
