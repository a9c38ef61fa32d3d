import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from '../testing/open-world.ts';
import { findForm, ScriptedBrowser } from '../testing/scripted-browser.ts';
import { scriptGate } from '../testing/scripted-gate.ts';
import {
  codeRequest,
  PASSWORD,
  type RegisteredClient,
  redeem,
  registerClient,
  seedAcme,
  signInForTokens,
  type Tokens,
} from '../testing/seed-acme.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code' as const;

describe('what a session began with', () => {
  const gate = scriptGate();
  let world: World;
  let phone: RegisteredClient;
  before(async () => {
    world = await openWorld({ risk: gate, limits: { longestJudgementMs: 50 } });
    await seedAcme(world);
    phone = await registerClient(world, { token_endpoint_auth_method: 'none' });
  });
  afterEach(() => gate.reset());
  after(() => world.close());

  const refresh = ({ refresh_token: token }: Tokens | client.TokenEndpointResponse, by = phone) =>
    client.refreshTokenGrant(by.config, token ?? '');
  async function signInBehind(token: string | undefined) {
    const tokenHash = createHash('sha256')
      .update(token ?? '')
      .digest('hex');
    const issued = await world.audit.findIssued({ tokenHash });
    return (issued ?? assert.fail()).signIn;
  }

  test('stands beside each token of it, whoever signs in again in the same browser', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    gate.next = { assessment: 'ra-first' };
    const first = await signInForTokens(world, phone, {}, browser);
    gate.next = { assessment: 'ra-second' };
    const request = await codeRequest(phone.config, { prompt: 'login' });
    const asked = await browser.open(request.url.href);
    const form = findForm(asked, 'username') ?? assert.fail();
    const back = await browser.submit(asked, form, { username: 'ada', password: PASSWORD });
    const second = await redeem(phone.config, request, back);
    gate.reset();
    const third = await refresh(first);
    assert.equal(gate.judged[0]?.signIn, 'ra-first');
    const all = [first.access_token, first.id_token, third.access_token, second.access_token];
    assert.deepEqual(await Promise.all(all.map(signInBehind)), [
      ...['ra-first', 'ra-first', 'ra-first', 'ra-second'],
    ]);
    gate.reset();
    await refresh(third);
    assert.equal(gate.judged[0]?.signIn, 'ra-first');
  });

  test('is the device itself, and not the telephone that it was connected with', async () => {
    const device = await registerClient(world, {
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    });
    const browser = new ScriptedBrowser(world.baseUrl);
    const started = await client.initiateDeviceAuthorization(device.config, { scope: 'openid' });
    const entry = await browser.open(started.verification_uri_complete ?? '');
    const confirm = await browser.submit(entry, findForm(entry, 'user_code') ?? assert.fail());
    const [form = assert.fail()] = confirm.forms;
    const next = await browser.submit(confirm, form, { confirm: 'yes' });
    const signIn = findForm(next, 'username') ?? assert.fail();
    gate.next = { assessment: 'ra-telephone' };
    await browser.submit(next, signIn, { username: 'ada', password: PASSWORD });
    gate.next = { assessment: 'ra-device' };
    const { device_code: code } = started;
    const tokens = await client.genericGrantRequest(device.config, DEVICE_GRANT, {
      device_code: code,
    });
    assert.equal(await signInBehind(tokens.access_token), 'ra-device');
    gate.reset();
    const more = await refresh(tokens, device);
    assert.equal(gate.judged[0]?.signIn, 'ra-device');
    assert.equal(await signInBehind(more.access_token), 'ra-device');
  });

  test('is not all: a session that goes on is limited by how it looks then', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    await signInForTokens(world, phone, {}, browser);
    const goOn = async () => {
      const request = await codeRequest(phone.config);
      return redeem(phone.config, request, await browser.open(request.url.href));
    };
    gate.next = { limit: { accessTokenSeconds: 40, withoutScopes: ['profile'] } };
    const limited = await goOn();
    assert.deepEqual([limited.expires_in, limited.scope], [40, 'openid email']);
    gate.next = {};
    assert.equal((await refresh(limited)).expires_in, 600);
    assert.equal((await goOn()).expires_in, 600);
    const other = await registerClient(world, {
      ...{ token_endpoint_auth_method: 'none', first_party: false },
    });
    const request = await codeRequest(other.config);
    gate.next = { limit: { accessTokenSeconds: 50 } };
    const consent = await browser.open(request.url.href);
    gate.next = {};
    const back = await browser.submit(consent, consent.forms[0] ?? assert.fail());
    assert.equal((await redeem(other.config, request, back)).expires_in, 50);
    gate.next = new Error('gone');
    const unjudged = await goOn();
    assert.deepEqual([unjudged.expires_in, unjudged.refresh_token], [120, undefined]);
  });
});
