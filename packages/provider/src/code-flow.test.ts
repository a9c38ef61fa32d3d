import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { hexSha256 } from './road/hex-sha256.ts';
import { openWorld, type World } from './testing/open-world.ts';
import { ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  API,
  codeRequest,
  readToken,
  redeem,
  registerClient,
  seedAcme,
  signInAsAda,
  signInForTokens,
} from './testing/seed-acme.ts';
import { verifyAsReader } from './testing/verify-as-reader.ts';

describe('a person signs in to a client', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  test('code and PKCE give an access token and an ID token, both countersigned', async () => {
    const registered = await registerClient(world);
    const tokens = await signInForTokens(world, registered);
    const access = readToken(tokens.access_token);
    const id = readToken(tokens.id_token ?? '');
    assert.deepEqual(Object.keys(access.header).sort(), ['alg', 'itr', 'kid', 'typ']);
    assert.deepEqual(Object.keys(id.header).sort(), ['alg', 'itr', 'kid', 'typ']);
    assert.equal(access.header['typ'], 'at+jwt');
    assert.equal(id.header['typ'], 'JWT');
    for (const { claims } of [access, id]) {
      assert.equal(claims['iss'], acme.issuer);
      assert.equal(claims['sub'], acme.ada.id);
      assert.equal(claims['tenant'], 'acme');
      assert.ok(Buffer.from(String(claims['jti']), 'base64url').length >= 16);
    }
    assert.equal(access.claims['root_auth_id'], id.claims['root_auth_id']);
    assert.equal(access.claims['sid'], id.claims['sid']);
    assert.equal(typeof access.claims['sid'], 'string');
    assert.equal(access.claims['parent_jti'], undefined);
    await verifyAsReader(world, tokens.access_token);
    await verifyAsReader(world, tokens.id_token ?? '');
  });

  test('the record joins the tokens of a sign-in with its session', async () => {
    const tokens = await signInForTokens(world, await registerClient(world));
    const issued = await Promise.all(
      [tokens.access_token, tokens.id_token ?? ''].map((token) =>
        world.audit.findIssued({ tokenHash: hexSha256(token) }),
      ),
    );
    const [access, id] = issued;
    assert.ok(access?.sessionId && access.grantId);
    assert.equal(id?.sessionId, access.sessionId);
    assert.equal(id?.grantId, access.grantId);
    assert.equal(id?.rootAuthId, access.rootAuthId);
    const started = await world.store.read
      .selectFrom('event')
      .select(['session_id', 'root_auth_id', 'subject'])
      .where('name', '=', 'session.started')
      .where('session_id', '=', access.sessionId)
      .executeTakeFirst();
    assert.equal(started?.root_auth_id, access.rootAuthId);
    assert.equal(started?.subject, acme.ada.id);
  });

  test('an unaware library verifies our tokens', async () => {
    const tokens = await signInForTokens(world, await registerClient(world));
    const keys = createRemoteJWKSet(new URL(`${acme.issuer}/jwks`));
    const { payload } = await jwtVerify(tokens.access_token, keys, {
      issuer: acme.issuer,
      audience: acme.issuer,
      typ: 'at+jwt',
    });
    assert.equal(payload.sub, acme.ada.id);
  });

  test('user info answers to a token for the issuer and refuses one for an API', async () => {
    const registered = await registerClient(world);
    const tokens = await signInForTokens(world, registered);
    const info = await client.fetchUserInfo(registered.config, tokens.access_token, acme.ada.id);
    assert.equal(info.email, 'ada@acme.test');
    assert.equal(info.preferred_username, 'ada');

    const forApi = await signInForTokens(world, registered, {
      scope: 'openid pay:read',
      resource: API,
    });
    assert.equal(readToken(forApi.access_token).claims['aud'], API);
    assert.equal(readToken(forApi.access_token).claims['scope'], 'pay:read');
    const refused = await fetch(`${acme.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${forApi.access_token}` },
    });
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('www-authenticate') ?? '', /insufficient_scope/);
  });

  test('a token that was never issued opens nothing, however well it is signed', async () => {
    const registered = await registerClient(world);
    const tokens = await signInForTokens(world, registered);
    const [header, payload] = tokens.access_token.split('.');
    const { signature } = await world.signer.sign(
      String(readToken(tokens.access_token).header['kid']),
      Buffer.from(`${header}.${payload}`, 'ascii'),
    );
    const twin = `${header}.${payload}.${Buffer.from(signature).toString('base64url')}`;
    assert.notEqual(twin, tokens.access_token);
    const answer = await fetch(`${acme.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${twin}` },
    });
    assert.equal(answer.status, 401);
  });

  test('without PKCE there is no code', async () => {
    const { config } = await registerClient(world);
    const request = await codeRequest(config);
    request.url.searchParams.delete('code_challenge');
    request.url.searchParams.delete('code_challenge_method');
    const back = await new ScriptedBrowser(world.baseUrl).open(request.url.href);
    assert.equal(new URL(back.url).searchParams.get('error'), 'invalid_request');
  });

  test('of eight redemptions of one code exactly one succeeds', async () => {
    const { config } = await registerClient(world);
    const request = await codeRequest(config);
    const back = await signInAsAda(world, request);
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => redeem(config, request, back)),
    );
    assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('a code that comes again later is refused and ends the tokens it gave', async () => {
    const registered = await registerClient(world);
    const request = await codeRequest(registered.config);
    const back = await signInAsAda(world, request);
    const tokens = await redeem(registered.config, request, back);
    await assert.rejects(redeem(registered.config, request, back), { error: 'invalid_grant' });
    const answer = await client.tokenIntrospection(registered.config, tokens.access_token);
    assert.equal(answer.active, false);
  });

  test('a session that exists is used again without asking', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    await signInForTokens(world, registered, {}, browser);
    const request = await codeRequest(registered.config);
    const back = await browser.open(request.url.href);
    const tokens = await redeem(registered.config, request, back);
    assert.equal(readToken(tokens.access_token).claims['sub'], acme.ada.id);
  });
});
