import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import * as client from 'openid-client';
import {
  findForm,
  type Page,
  ScriptedBrowser,
} from '../../packages/provider/src/testing/scripted-browser.ts';
import {
  alice,
  codeRequest,
  type Registered,
  readToken,
  redeem,
  registerClient,
  registerService,
  signIn,
  signInForTokens,
  WORKFORCE,
} from './act-as-client.ts';
import { type Judge, openJudge, pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';
import { checkLogoutToken, serveRelyingParty } from './serve-relying-party.ts';
import { type ResourceServer, serveResource } from './serve-resource.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code' as const;
const GOODBYE = 'http://127.0.0.1:9/goodbye';
const INVALID_GRANT = { error: 'invalid_grant' };

describe('openid-client against the running processes', () => {
  let house: House;
  let issuer: string;
  let api: string;
  let judge: Judge;
  let resource: ResourceServer;
  let web: Registered;
  before(async () => {
    house = await runHouse();
    issuer = `${house.url}/${WORKFORCE}`;
    api = house.demo.resource.identifier;
    judge = openJudge(await pinPolicy(house, issuer), { feedPollMs: 100 });
    resource = await serveResource({ verifier: judge, audience: api, scope: ['orders:read'] });
    web = await registerClient(house, { post_logout_redirect_uris: [GOODBYE] });
    // The signatures of ID tokens too, although they come straight from the issuer.
    client.enableNonRepudiationChecks(web.config);
  });
  after(async () => {
    await resource.close();
    await judge.close();
    await house.remove();
  });

  const forApi = () => ({ scope: 'openid orders:read', resource: api });
  const verdict = (token: string, audience = api, type: 'access' | 'id' = 'access') =>
    judge.judge(token, { audience, type });
  const orders = (token: string, scheme = 'Bearer', headers = {}) =>
    fetch(resource.url, { headers: { authorization: `${scheme} ${token}`, ...headers } });

  for (const how of ['plain', 'pushed'] as const) {
    test(`code + PKCE, ${how} request: both tokens are accepted by the verifier`, async () => {
      const request = await codeRequest(web.config, forApi(), how);
      assert.equal(request.url.searchParams.has('request_uri'), how === 'pushed');
      const tokens = await redeem(web.config, request, await signIn(house, request));
      assert.equal(await verdict(tokens.access_token), 'accepted');
      assert.equal(await verdict(tokens.id_token ?? '', web.id, 'id'), 'accepted');
      assert.equal(await verdict(tokens.id_token ?? '', web.id), 'type_not_allowed');
      assert.equal(
        await verdict(tokens.access_token, 'https://other.example/'),
        'audience_mismatch',
      );
      const answer = await orders(tokens.access_token);
      assert.equal(answer.status, 200);
      const sub = readToken(tokens.access_token).claims['sub'];
      assert.deepEqual(await answer.json(), { sub, scope: 'orders:read' });
    });
  }

  test('a pushed request is good for one sign-in', async () => {
    const request = await codeRequest(web.config, {}, 'pushed');
    await signIn(house, request);
    const again = await new ScriptedBrowser(house.url).open(request.url.href);
    assert.equal(URL.parse(again.url)?.searchParams.get('error'), 'invalid_request_uri');
  });

  test('user info says who the person is, and refuses a token for the API', async () => {
    const tokens = await signInForTokens(house, web);
    const sub = String(readToken(tokens.access_token).claims['sub']);
    const info = await client.fetchUserInfo(web.config, tokens.access_token, sub);
    assert.equal(info.preferred_username, 'alice');
    const other = await signInForTokens(house, web, forApi());
    await assert.rejects(client.fetchUserInfo(web.config, other.access_token, sub));
  });

  test('a refresh token works once; its reuse ends the family, and the feed says so', async () => {
    const first = await signInForTokens(house, web, forApi());
    const second = await client.refreshTokenGrant(web.config, first.refresh_token ?? '');
    assert.equal(await verdict(second.access_token), 'accepted');
    const [parent, child] = [first, second].map((set) => readToken(set.access_token).claims);
    assert.equal(child?.['parent_jti'], parent?.['jti']);
    assert.equal(child?.['root_auth_id'], parent?.['root_auth_id']);
    for (const token of [first.refresh_token, second.refresh_token]) {
      await assert.rejects(client.refreshTokenGrant(web.config, token ?? ''), INVALID_GRANT);
    }
    for (const { access_token, id_token } of [first, second]) {
      await judge.awaitVerdict('token_revoked', access_token, { audience: api });
      assert.equal(await verdict(id_token ?? '', web.id, 'id'), 'token_revoked');
    }
  });

  test('a device gets its tokens when the person has said yes', async () => {
    const display = await registerClient(house, {
      client_name: 'Meeting Room Display',
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    });
    const started = await client.initiateDeviceAuthorization(display.config, forApi());
    const pending = client.genericGrantRequest(display.config, DEVICE_GRANT, {
      device_code: started.device_code,
    });
    await assert.rejects(pending, { error: 'authorization_pending' });
    const done = await confirmDevice(started.verification_uri_complete ?? '');
    assert.match(done.text, /Device connected/);
    const tokens = await client.pollDeviceAuthorizationGrant(display.config, {
      ...started,
      interval: 1,
    });
    assert.equal(await verdict(tokens.access_token), 'accepted');
    assert.equal(await verdict(tokens.id_token ?? '', display.id, 'id'), 'accepted');
    assert.ok(
      (await client.refreshTokenGrant(display.config, tokens.refresh_token ?? '')).id_token,
    );
  });

  async function confirmDevice(uri: string): Promise<Page> {
    const browser = new ScriptedBrowser(house.url);
    const entry = await browser.open(uri);
    const code = findForm(entry, 'user_code');
    assert.ok(code, 'the page shows the code');
    const compare = await browser.submit(entry, code);
    assert.ok(compare.forms[0], 'the person is asked to compare');
    const next = await browser.submit(compare, compare.forms[0], { confirm: 'yes' });
    const form = findForm(next, 'username');
    assert.ok(form, 'the person is asked to sign in');
    const { username, password } = alice(house);
    return browser.submit(next, form, { username, password });
  }

  test('a DPoP-bound token opens the API with its key and with nothing else', async () => {
    const bound = await registerClient(house, { dpop_bound_access_tokens: true });
    const keys = await client.randomDPoPKeyPair('ES256', { extractable: true });
    const DPoP = client.getDPoPHandle(bound.config, keys);
    const request = await codeRequest(bound.config, forApi());
    const back = await signIn(house, request);
    const { access_token: token } = await redeem(bound.config, request, back, { DPoP });
    const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
    assert.deepEqual(readToken(token).claims['cnf'], { jkt });

    const proofs: string[] = [];
    bound.config[client.customFetch] = (url, options) => {
      proofs.push(new Headers(options.headers).get('dpop') ?? '');
      return fetch(url, options as RequestInit);
    };
    const get = (key: client.DPoPHandle) =>
      client.fetchProtectedResource(bound.config, token, resource.url, 'GET', null, undefined, {
        DPoP: key,
      });
    assert.equal((await get(DPoP)).status, 200);

    const asBearer = await orders(token);
    assert.equal(asBearer.status, 401);
    assert.match(asBearer.headers.get('www-authenticate') ?? '', /^DPoP/);
    const replayed = await orders(token, 'DPoP', { dpop: proofs[0] ?? '' });
    assert.equal(replayed.status, 401);
    assert.match(await replayed.text(), /dpop_replayed/);
    const thief = client.getDPoPHandle(bound.config, await client.randomDPoPKeyPair('ES256'));
    await assert.rejects(get(thief), (error: Error) => /dpop/i.test(JSON.stringify(error)));
  });

  test('a service gets tokens for the API it is registered for, and for no other', async () => {
    const service = await registerService(house);
    const { access_token: token } = await client.clientCredentialsGrant(service.config, {
      resource: api,
      scope: 'orders:read',
    });
    assert.equal((await orders(token)).status, 200);
    const narrow = await client.clientCredentialsGrant(service.config, { scope: 'orders:write' });
    assert.equal((await orders(narrow.access_token)).status, 403);
    const elsewhere = { resource: 'https://elsewhere.example/' };
    await assert.rejects(client.clientCredentialsGrant(service.config, elsewhere), {
      error: 'invalid_target',
    });
  });

  test('introspection tells a live token from a revoked one; the verifier learns from the feed', async () => {
    const service = await registerService(house);
    const { access_token: token } = await client.clientCredentialsGrant(service.config);
    const alive = await client.tokenIntrospection(service.config, token);
    assert.equal(alive.active, true);
    assert.equal(alive.client_id, service.id);
    assert.equal(await verdict(token), 'accepted');
    await client.tokenRevocation(service.config, token);
    assert.deepEqual(await client.tokenIntrospection(service.config, token), { active: false });
    await judge.awaitVerdict('token_revoked', token, { audience: api });
    assert.equal((await orders(token)).status, 401);
  });

  test('a verifier with the policy as pinned refuses a revoked token within its own interval', async () => {
    const pinned = openJudge(await pinPolicy(house, issuer));
    after(() => pinned.close());
    const service = await registerService(house);
    const { access_token: token } = await client.clientCredentialsGrant(service.config);
    assert.equal(await pinned.judge(token, { audience: api }), 'accepted');
    await client.tokenRevocation(service.config, token);
    await pinned.awaitVerdict('token_revoked', token, { audience: api });
  });

  for (const alg of ['EdDSA', 'RS256'] as const) {
    test(`${alg} for the ID tokens of a client and the access tokens of an API`, async () => {
      const identifier = `https://${alg.toLowerCase()}.acme.example/`;
      const scopes = ['read'];
      const described = { tenant: 'acme', identifier, name: alg, alg, scopes };
      await house.operate('/resources', described);
      const chosen = await registerClient(house, {
        id_token_signed_response_alg: alg,
        resources: [identifier],
      });
      client.enableNonRepudiationChecks(chosen.config);
      const parameters = { scope: 'openid read', resource: identifier };
      const tokens = await signInForTokens(house, chosen, parameters);
      for (const token of [tokens.access_token, tokens.id_token ?? '']) {
        assert.equal(readToken(token).header['alg'], alg);
      }
      assert.equal(await verdict(tokens.access_token, identifier), 'accepted');
      assert.equal(await verdict(tokens.id_token ?? '', chosen.id, 'id'), 'accepted');
    });
  }

  test('sign-out ends the session and its tokens, and tells the other client over its back channel', async () => {
    const party = await serveRelyingParty();
    after(() => party.close());
    const told = await registerClient(house, {
      backchannel_logout_uri: party.logoutUri,
      backchannel_logout_session_required: true,
    });
    const browser = new ScriptedBrowser(house.url);
    const tokens = await signInForTokens(house, web, forApi(), browser);
    const others = await signInForTokens(house, told, {}, browser);
    const url = client.buildEndSessionUrl(web.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: GOODBYE,
      state: 'done',
    });
    const page = await browser.open(url.href);
    assert.ok(page.forms[0]);
    const left = await browser.submit(page, page.forms[0], { logout: 'yes' });
    assert.equal(left.url, `${GOODBYE}?state=done`);

    const logout = await party.nextLogout();
    const claims = await checkLogoutToken(logout, await pinPolicy(house, issuer), told.id);
    const id = readToken(others.id_token ?? '').claims;
    assert.equal(claims.sub, id['sub']);
    assert.equal(claims['sid'], id['sid']);
    await judge.awaitVerdict('token_revoked', tokens.access_token, { audience: api });
    await assert.rejects(
      client.refreshTokenGrant(web.config, tokens.refresh_token ?? ''),
      INVALID_GRANT,
    );
    const fresh = await codeRequest(web.config);
    assert.ok(findForm(await browser.open(fresh.url.href), 'password'), 'asked for the password');
  });

  test('sessions, grants, keys, revocations and registrations live through a restart', async () => {
    const browser = new ScriptedBrowser(house.url);
    const tokens = await signInForTokens(house, web, forApi(), browser);
    const revoked = await signInForTokens(house, web, forApi());
    await client.tokenRevocation(web.config, revoked.access_token);
    assert.equal(await house.stop(), 0);
    await house.start();
    const refreshed = await client.refreshTokenGrant(web.config, tokens.refresh_token ?? '');
    const request = await codeRequest(web.config, forApi());
    const again = await redeem(web.config, request, await browser.open(request.url.href));
    const kids = [tokens, refreshed, again].map((set) => readToken(set.access_token).header['kid']);
    assert.equal(new Set(kids).size, 1);
    for (const { access_token } of [tokens, refreshed, again]) {
      assert.equal(await verdict(access_token), 'accepted');
    }
    await judge.awaitVerdict('token_revoked', revoked.access_token, { audience: api });
  });

  test('nothing that was accepted here fails its audit against the log', async () => {
    await judge.untilAudited();
    assert.deepEqual(judge.alarms, []);
  });
});
