import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from './testing/open-world.ts';
import { findForm, type Page, ScriptedBrowser } from './testing/scripted-browser.ts';
import {
  PASSWORD,
  type RegisteredClient,
  readToken,
  registerClient,
  seedAcme,
} from './testing/seed-acme.ts';
import { verifyAsReader } from './testing/verify-as-reader.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code' as const;

describe('a device without a browser', () => {
  let world: World;
  let registered: RegisteredClient;
  before(async () => {
    world = await openWorld();
    await seedAcme(world);
    registered = await registerClient(world, {
      client_name: 'Meeting Room Display',
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    });
  });
  after(() => world.close());

  const begin = () =>
    client.initiateDeviceAuthorization(registered.config, { scope: 'openid profile' });

  async function approve(uri: string, answer: 'confirm' | 'abort'): Promise<Page> {
    const browser = new ScriptedBrowser(world.baseUrl);
    const entry = await browser.open(uri);
    const codeForm = findForm(entry, 'user_code');
    assert.ok(codeForm, 'the code is asked for');
    const confirm = await browser.submit(entry, codeForm);
    const confirmForm = confirm.forms[0];
    assert.ok(confirmForm && answer in confirmForm.buttons);
    const next = await browser.submit(confirm, confirmForm, { [answer]: 'yes' });
    const signIn = findForm(next, 'username');
    return signIn === undefined
      ? next
      : browser.submit(next, signIn, { username: 'ada', password: PASSWORD });
  }

  test('gets tokens once the person has compared the code and signed in', async () => {
    const started = await begin();
    await assert.rejects(
      client.genericGrantRequest(registered.config, DEVICE_GRANT, {
        device_code: started.device_code,
      }),
      { error: 'authorization_pending' },
    );
    const done = await approve(started.verification_uri_complete ?? '', 'confirm');
    assert.match(done.text, /Device connected/);
    const tokens = await client.pollDeviceAuthorizationGrant(registered.config, {
      ...started,
      interval: 1,
    });
    await verifyAsReader(world, tokens.access_token);
    await verifyAsReader(world, tokens.id_token ?? '');
    const access = readToken(tokens.access_token).claims;
    assert.equal(access['root_auth_id'], readToken(tokens.id_token ?? '').claims['root_auth_id']);
    const refreshed = await client.refreshTokenGrant(registered.config, tokens.refresh_token ?? '');
    assert.equal(readToken(refreshed.access_token).claims['parent_jti'], access['jti']);
    await assert.rejects(
      client.genericGrantRequest(registered.config, DEVICE_GRANT, {
        device_code: started.device_code,
      }),
      { error: 'invalid_grant' },
    );
  });

  test('is told when the person says no', async () => {
    const started = await begin();
    const page = await approve(started.verification_uri_complete ?? '', 'abort');
    assert.match(page.text, /The device was not connected/);
    await assert.rejects(
      client.genericGrantRequest(registered.config, DEVICE_GRANT, {
        device_code: started.device_code,
      }),
      { error: 'access_denied' },
    );
  });

  test('a wrong code is refused with a sentence, and guessing is slowed down', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    const issuer = registered.config.serverMetadata().issuer;
    let page = await browser.open(`${issuer}/device`);
    const form = findForm(page, 'user_code');
    assert.ok(form);
    page = await browser.submit(page, form, { user_code: 'BCDF-GHJK' });
    assert.match(page.text, /That code is not known/);
    for (let guess = 0; guess < 100 && page.status === 200; guess += 1) {
      const again = findForm(page, 'user_code');
      assert.ok(again);
      page = await browser.submit(page, again, { user_code: 'BCDF-GHJK' });
    }
    assert.equal(page.status, 429);
    assert.ok(Number(page.headers.get('retry-after')) > 0);
  });

  test('the page cannot be reached around its guard', async () => {
    const issuer = registered.config.serverMetadata().issuer;
    for (const path of ['device', 'DEVICE', 'Device/', 'device/AAAA', 'device/auth']) {
      const method = /\/[Aa]/.test(path) ? 'GET' : 'POST';
      const answer = await fetch(`${issuer}/${path}`, {
        method,
        redirect: 'manual',
        ...(method === 'POST' ? { body: new URLSearchParams({ user_code: 'BCDF-GHJK' }) } : {}),
      });
      assert.equal(answer.status, 303, path);
      assert.equal(answer.headers.get('location'), '/acme/workforce/device');
    }
  });

  test('a population without the device grant does not offer it', async () => {
    const answer = await fetch(`${world.baseUrl}/acme/partner/.well-known/openid-configuration`);
    const metadata = (await answer.json()) as Record<string, unknown>;
    assert.equal(metadata['device_authorization_endpoint'], undefined);
  });
});
