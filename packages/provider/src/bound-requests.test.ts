import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  codeRequest,
  PASSWORD,
  REDIRECT,
  readToken,
  redeem,
  registerClient,
  seedAcme,
  signInAsAda,
} from './testing/seed-acme.ts';

describe('requests and tokens that are bound', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  test('DPoP binds the token to the key, with our nonce, at token and user-info endpoint', async () => {
    const registered = await registerClient(world, { dpop_bound_access_tokens: true });
    const keys = await client.randomDPoPKeyPair('ES256', { extractable: true });
    const DPoP = client.getDPoPHandle(registered.config, keys);
    const request = await codeRequest(registered.config);
    const back = await signInAsAda(world, request);
    const tokens = await redeem(registered.config, request, back, { DPoP });
    const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
    assert.deepEqual(readToken(tokens.access_token).claims['cnf'], { jkt });
    assert.equal(tokens.token_type, 'dpop');
    const info = await client.fetchUserInfo(registered.config, tokens.access_token, acme.ada.id, {
      DPoP,
    });
    assert.equal(info.sub, acme.ada.id);
    const stolen = await fetch(`${acme.issuer}/userinfo`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    assert.equal(stolen.status, 401);
  });

  test('a proof without our nonce is answered with one', async () => {
    const registered = await registerClient(world, { dpop_bound_access_tokens: true });
    const seen: string[] = [];
    registered.config[client.customFetch] = async (url, options) => {
      const response = await fetch(url, options as RequestInit);
      if (url.endsWith('/token'))
        seen.push(`${response.status} ${response.headers.has('dpop-nonce')}`);
      return response;
    };
    const DPoP = client.getDPoPHandle(registered.config, await client.randomDPoPKeyPair('ES256'));
    const request = await codeRequest(registered.config);
    const back = await signInAsAda(world, request);
    await redeem(registered.config, request, back, { DPoP });
    assert.equal(seen[0], '400 true');
    assert.match(seen[1] ?? '', /^200 /);
  });

  test('a proof is good for one request', async () => {
    const registered = await registerClient(world, { dpop_bound_access_tokens: true });
    const proofs: string[] = [];
    registered.config[client.customFetch] = (url, options) => {
      const { dpop } = options.headers as Record<string, string>;
      if (url.endsWith('/userinfo') && dpop !== undefined) proofs.push(dpop);
      return fetch(url, options as RequestInit);
    };
    const DPoP = client.getDPoPHandle(registered.config, await client.randomDPoPKeyPair('ES256'));
    const request = await codeRequest(registered.config);
    const tokens = await redeem(registered.config, request, await signInAsAda(world, request), {
      DPoP,
    });
    await client.fetchUserInfo(registered.config, tokens.access_token, acme.ada.id, { DPoP });
    const replay = () =>
      fetch(`${acme.issuer}/userinfo`, {
        headers: { authorization: `DPoP ${tokens.access_token}`, dpop: proofs.at(-1) ?? '' },
      });
    assert.equal((await replay()).status, 401);
  });

  test('a pushed request is used once', async () => {
    const { config } = await registerClient(world, {
      require_pushed_authorization_requests: true,
    });
    const direct = await codeRequest(config);
    const refused = await new ScriptedBrowser(world.baseUrl).open(direct.url.href);
    assert.equal(new URL(refused.url).searchParams.get('error'), 'invalid_request');

    const verifier = client.randomPKCECodeVerifier();
    const url = await client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: REDIRECT,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    assert.ok(url.searchParams.get('request_uri'));
    const browser = new ScriptedBrowser(world.baseUrl);
    const back = await browser.signIn(url.href, 'ada', PASSWORD);
    const tokens = await client.authorizationCodeGrant(config, new URL(back.url), {
      pkceCodeVerifier: verifier,
    });
    assert.ok(tokens.access_token);
    const again = await new ScriptedBrowser(world.baseUrl).open(url.href);
    assert.equal(new URL(again.url).searchParams.get('error'), 'invalid_request_uri');
    assert.equal(new URL(again.url).searchParams.get('code'), null);
  });
});
