import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  type Acme,
  codeRequest,
  readToken,
  registerClient,
  seedAcme,
  signInForTokens,
} from './testing/seed-acme.ts';
import { verifyAsReader } from './testing/verify-as-reader.ts';

const GOODBYE = 'http://127.0.0.1:9/goodbye';

describe('a person signs out', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  async function signOut(browser: ScriptedBrowser, url: string, values: Record<string, string>) {
    const page = await browser.open(url);
    assert.match(page.text, /Sign out\?/);
    const form = page.forms[0];
    assert.ok(form);
    return browser.submit(page, form, values);
  }

  test('at the wish of a client: the session ends, its tokens with it', async () => {
    const registered = await registerClient(world, { post_logout_redirect_uris: [GOODBYE] });
    const browser = new ScriptedBrowser(world.baseUrl);
    const tokens = await signInForTokens(world, registered, {}, browser);
    const url = client.buildEndSessionUrl(registered.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: GOODBYE,
      state: 'done',
    });
    const left = await signOut(browser, url.href, { logout: 'yes' });
    assert.equal(left.url, `${GOODBYE}?state=done`);
    assert.equal(
      (await client.tokenIntrospection(registered.config, tokens.access_token)).active,
      false,
    );
    await assert.rejects(client.refreshTokenGrant(registered.config, tokens.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
    const request = await codeRequest(registered.config);
    assert.match((await browser.open(request.url.href)).text, /name="password"/);
    const ended = await world.store.read
      .selectFrom('event')
      .select('subject')
      .where('name', '=', 'session.ended')
      .execute();
    assert.ok(ended.some(({ subject }) => subject === acme.ada.id));
  });

  test('a hint that is not ours, or not whole, is refused', async () => {
    const registered = await registerClient(world, { post_logout_redirect_uris: [GOODBYE] });
    const tokens = await signInForTokens(world, registered);
    const [header, payload, signature = ''] = (tokens.id_token ?? '').split('.');
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const url = client.buildEndSessionUrl(registered.config, { id_token_hint: changed });
    const page = await new ScriptedBrowser(world.baseUrl).open(url.href);
    assert.equal(page.status, 400);
    assert.match(page.text, /invalid_request/);
  });

  test('clients that asked for it are told over the back channel, with a countersigned token', async () => {
    const received: string[] = [];
    const listener = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(
          new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '',
        );
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = listener.address() as AddressInfo;
      const registered = await registerClient(world, {
        backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
        backchannel_logout_session_required: true,
      });
      const browser = new ScriptedBrowser(world.baseUrl);
      const tokens = await signInForTokens(world, registered, {}, browser);
      const left = await signOut(browser, `${acme.issuer}/session/end`, { logout: 'yes' });
      assert.match(left.text, /You are signed out/);
      assert.deepEqual(world.failures, []);
      assert.equal(received.length, 1);
      const { header, claims } = readToken(received[0] ?? '');
      assert.deepEqual(Object.keys(header).sort(), ['alg', 'itr', 'kid', 'typ']);
      assert.equal(header['typ'], 'logout+jwt');
      assert.equal(claims['sub'], acme.ada.id);
      assert.equal(claims['sid'], readToken(tokens.id_token ?? '').claims['sid']);
      assert.equal(claims['root_auth_id'], readToken(tokens.id_token ?? '').claims['root_auth_id']);
      await verifyAsReader(world, received[0] ?? '');
    } finally {
      listener.close();
    }
  });

  test('staying signed in keeps the session', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    await signInForTokens(world, registered, {}, browser);
    await signOut(browser, `${acme.issuer}/session/end`, {});
    const request = await codeRequest(registered.config);
    const back = await browser.open(request.url.href);
    assert.ok(new URL(back.url).searchParams.get('code'));
  });
});
