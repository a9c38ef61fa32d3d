import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  codeRequest,
  readToken,
  redeem,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';
import { verifyAsReader } from './testing/verify-as-reader.ts';

describe('algorithms and restarts', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  for (const alg of ['ES256', 'EdDSA', 'RS256'] as const) {
    test(`${alg} for the ID tokens of a client and the access tokens of an API`, async () => {
      const identifier = `https://${alg.toLowerCase()}.acme.test`;
      await world.directory.resources.register({
        tenant: 'acme',
        identifier,
        name: alg,
        alg,
        scopes: ['read'],
      });
      const registered = await registerClient(world, {
        id_token_signed_response_alg: alg,
        resources: [identifier],
      });
      const tokens = await signInForTokens(world, registered, {
        scope: 'openid read',
        resource: identifier,
      });
      for (const token of [tokens.access_token, tokens.id_token ?? '']) {
        assert.equal(readToken(token).header['alg'], alg);
        await verifyAsReader(world, token);
      }
    });
  }

  test('keys, sessions, grants and refresh tokens live through a restart', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const tokens = await signInForTokens(world, registered, {}, browser);
    await world.restart();
    assert.equal(
      (await client.tokenIntrospection(registered.config, tokens.access_token)).active,
      true,
    );
    const refreshed = await client.refreshTokenGrant(registered.config, tokens.refresh_token ?? '');
    assert.equal(
      readToken(refreshed.access_token).header['kid'],
      readToken(tokens.access_token).header['kid'],
    );
    const request = await codeRequest(registered.config);
    const back = await browser.open(request.url.href);
    const again = await redeem(registered.config, request, back);
    assert.equal(readToken(again.access_token).claims['sub'], acme.ada.id);
    assert.equal(
      readToken(again.access_token).claims['root_auth_id'],
      readToken(tokens.access_token).claims['root_auth_id'],
    );
  });

  test('each realm has its own issuer, keys and clients', async () => {
    const { record } = await registerClient(world);
    const kids = await Promise.all(
      (['workforce', 'partner', 'customer', 'device'] as const).map(async (population) => {
        const answer = await fetch(`${world.baseUrl}/acme/${population}/jwks`);
        const { keys } = (await answer.json()) as { keys: { kid: string; iss: string }[] };
        assert.ok(keys.every(({ iss }) => iss === `${world.baseUrl}/acme/${population}`));
        assert.match(answer.headers.get('cache-control') ?? '', /max-age=\d+/);
        return keys.map(({ kid }) => kid);
      }),
    );
    assert.equal(new Set(kids.flat()).size, kids.flat().length);
    const elsewhere = await new ScriptedBrowser(world.baseUrl).open(
      `${world.baseUrl}/acme/partner/auth?client_id=${record.client_id}&response_type=code`,
    );
    assert.equal(elsewhere.status, 400);
    assert.match(elsewhere.text, /invalid_client/);
  });

  test('however its address is spelled, the key set says what each key may speak for', async () => {
    for (const spelling of ['jwks', 'JWKS', 'jwks/', 'Jwks?x=1']) {
      const answer = await fetch(`${acme.issuer}/${spelling}`);
      const { keys } = (await answer.json()) as { keys: { iss?: string }[] };
      // Of each algorithm one that signs and one that stands by.
      assert.equal(keys.length, 6);
      assert.ok(
        keys.every(({ iss }) => iss === acme.issuer),
        spelling,
      );
    }
  });

  test('a path below no tenant is not ours to answer', async () => {
    for (const path of ['/', '/acme', '/acme/nobody/token', '/ghost/workforce/token', '/api/v1']) {
      assert.equal((await fetch(`${world.baseUrl}${path}`)).status, 404);
    }
  });
});
