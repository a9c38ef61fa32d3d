import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { findForm, ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  API,
  codeRequest,
  PASSWORD,
  REALM,
  readToken,
  redeem,
  registerClient,
  seedAcme,
  signInAsAda,
  signInForTokens,
} from './testing/seed-acme.ts';

describe('which API a token is for', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  const audienceOf = (token: string) => readToken(token).claims['aud'];

  test('asked for an API and user info, a client redeems for each in turn', async () => {
    const { config } = await registerClient(world);
    const request = await codeRequest(config, { scope: 'openid email pay:read', resource: API });
    request.url.searchParams.append('resource', acme.issuer);
    const tokens = await redeem(config, request, await signInAsAda(world, request));
    assert.equal(audienceOf(tokens.access_token), API);
    assert.equal(readToken(tokens.access_token).claims['scope'], 'pay:read');
    const own = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', {
      resource: acme.issuer,
    });
    assert.equal(audienceOf(own.access_token), acme.issuer);
    const info = await client.fetchUserInfo(config, own.access_token, acme.ada.id);
    assert.equal(info.email, 'ada@acme.test');
  });

  test('with an API audience the ID token brings the profile itself', async () => {
    const registered = await registerClient(world);
    const tokens = await signInForTokens(world, registered, {
      scope: 'openid email pay:read',
      resource: API,
    });
    assert.equal(readToken(tokens.id_token ?? '').claims['email'], 'ada@acme.test');
  });

  test('without openid and resource it is the only API the client has', async () => {
    const registered = await registerClient(world);
    const request = await codeRequest(registered.config, { scope: 'pay:read' });
    request.url.searchParams.delete('nonce');
    const back = await signInAsAda(world, request);
    const tokens = await client.authorizationCodeGrant(registered.config, new URL(back.url), {
      pkceCodeVerifier: request.verifier,
      expectedState: request.state,
    });
    assert.equal(audienceOf(tokens.access_token), API);
    assert.equal(tokens.id_token, undefined);
  });

  test('with several and none named, there is no guess', async () => {
    const other = 'https://other.acme.test';
    await world.directory.resources.register({ tenant: 'acme', identifier: other, name: 'Other' });
    const { config } = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      resources: [API, other],
    });
    await assert.rejects(client.clientCredentialsGrant(config), { error: 'invalid_target' });
    const named = await client.clientCredentialsGrant(config, { resource: other });
    assert.equal(audienceOf(named.access_token), other);
  });

  test('an API that a population may not use is none for it', async () => {
    const identifier = 'https://partners.acme.test';
    await world.directory.resources.register({
      tenant: 'acme',
      identifier,
      name: 'Partners only',
      populations: ['partner'],
    });
    const here = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      resources: [identifier],
    });
    await assert.rejects(client.clientCredentialsGrant(here.config), { error: 'invalid_target' });
  });

  test('an API may shorten the life of its tokens, and never lengthen it', async () => {
    for (const [asked, given] of [
      [60, 60],
      [86_400, 600],
    ] as const) {
      const identifier = `https://life-${asked}.acme.test`;
      await world.directory.resources.register({
        tenant: 'acme',
        identifier,
        name: `Life ${asked}`,
        accessTokenLifetimeSeconds: asked,
      });
      const { config } = await registerClient(world, {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        resources: [identifier],
      });
      const tokens = await client.clientCredentialsGrant(config);
      const { exp, iat } = readToken(tokens.access_token).claims;
      assert.equal(Number(exp) - Number(iat), given);
      assert.equal(tokens.expires_in, given);
    }
  });

  test('a person who is disabled while signed in is asked to sign in, and cannot', async () => {
    const grace = await world.directory.people.create({
      realm: REALM,
      username: 'grace',
      password: PASSWORD,
    });
    const { config } = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const first = await codeRequest(config);
    await browser.signIn(first.url.href, 'grace', PASSWORD);
    await world.directory.people.setDisabled(REALM, grace.id, true);
    const page = await browser.open((await codeRequest(config)).url.href);
    const form = findForm(page, 'username');
    assert.ok(form, `asked to sign in, not ${page.status}`);
    const refused = await browser.submit(page, form, { username: 'grace', password: PASSWORD });
    assert.equal(refused.status, 422);
  });
});
