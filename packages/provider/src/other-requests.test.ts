import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { findForm, ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  codeRequest,
  PASSWORD,
  REALM,
  redeem,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';

describe('requests out of the ordinary', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  test('a client may prove itself with a key of its own, each proof once', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'client-key', alg: 'ES256' };
    const { client: record } = await world.directory.clients.register(REALM, {
      client_name: 'Batch',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
    });
    const config = await client.discovery(
      new URL(acme.issuer),
      record.client_id,
      undefined,
      client.PrivateKeyJwt({ key: privateKey, kid: 'client-key' }),
      { execute: [client.allowInsecureRequests] },
    );
    let sent = '';
    config[client.customFetch] = (url, options) => {
      sent = String(options.body);
      return fetch(url, options as RequestInit);
    };
    assert.ok((await client.clientCredentialsGrant(config)).access_token);
    const replay = () =>
      fetch(`${acme.issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: sent,
      });
    const answers = await Promise.all([replay(), replay()]);
    assert.ok(answers.every(({ status }) => status >= 400 && status < 500));
  });

  test('prompt=none answers without a page: a code, or login_required', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const none = { prompt: 'none' };
    const before = await browser.open((await codeRequest(registered.config, none)).url.href);
    assert.equal(new URL(before.url).searchParams.get('error'), 'login_required');
    await signInForTokens(world, registered, {}, browser);
    const request = await codeRequest(registered.config, none);
    const tokens = await redeem(registered.config, request, await browser.open(request.url.href));
    assert.ok(tokens.access_token);
  });

  test('signing in as somebody else first ends the session that was there', async () => {
    await world.directory.people.create({ realm: REALM, username: 'grace', password: PASSWORD });
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    const first = await signInForTokens(world, registered, {}, browser);
    const request = await codeRequest(registered.config, { prompt: 'login' });
    const page = await browser.open(request.url.href);
    const form = findForm(page, 'username');
    assert.ok(form);
    const handOver = await browser.submit(page, form, { username: 'grace', password: PASSWORD });
    const [logout] = handOver.forms;
    assert.ok(logout?.fields['xsrf'], 'the engine hands over by a form');
    assert.match(
      handOver.headers.get('content-security-policy') ?? '',
      /script-src 'sha256-[^']+'/,
    );
    const back = await browser.submit(handOver, logout);
    const tokens = await redeem(registered.config, request, back);
    assert.ok(tokens.access_token);
    const answer = await client.tokenIntrospection(registered.config, first.access_token);
    assert.equal(answer.active, false);
  });

  test('URLs in answers come from the settings, not from the Host header', async () => {
    const { port } = new URL(world.baseUrl);
    const { request } = await import('node:http');
    const body = await new Promise<string>((resolve, reject) => {
      const path = `/${REALM}/.well-known/openid-configuration`;
      const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
      request({ port, host: '127.0.0.1', path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      })
        .on('error', reject)
        .end();
    });
    assert.ok(body.includes(`"token_endpoint":"${acme.issuer}/token"`));
    assert.ok(!body.includes('evil'));
  });

  test('a visitor without the cookie of a step is told so in words', async () => {
    const page = await new ScriptedBrowser(world.baseUrl).open(
      `${acme.issuer}/interaction/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`,
    );
    assert.equal(page.status, 400);
    assert.match(page.text, /begun in another browser/);
    assert.match(page.text, /<dt>Reference<\/dt>/);
  });

  test('an address the client has not registered gets an error page, not a redirect', async () => {
    const { config } = await registerClient(world);
    const request = await codeRequest(config, { redirect_uri: 'https://evil.example/cb' });
    const page = await new ScriptedBrowser(world.baseUrl).open(request.url.href);
    assert.equal(page.status, 400);
    assert.match(page.text, /not registered/);
  });
});
