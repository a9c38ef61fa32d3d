import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from '../testing/open-world.ts';
import { findForm, ScriptedBrowser } from '../testing/scripted-browser.ts';
import { scriptGate } from '../testing/scripted-gate.ts';
import {
  type Acme,
  API,
  askForToken,
  codeRequest,
  PASSWORD,
  REALM,
  type RegisteredClient,
  readToken,
  registerClient,
  seedAcme,
  signInForTokens,
} from '../testing/seed-acme.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code' as const;
const INVALID = { error: 'invalid_grant', error_description: 'grant request is invalid' };

describe('the risk of', () => {
  const gate = scriptGate();
  let world: World;
  let acme: Acme;
  let app: RegisteredClient;
  let service: RegisteredClient;
  let phone: RegisteredClient;
  before(async () => {
    world = await openWorld({ risk: gate, limits: { longestJudgementMs: 50 } });
    acme = await seedAcme(world);
    app = await registerClient(world);
    phone = await registerClient(world, { token_endpoint_auth_method: 'none' });
    service = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
    });
  });
  afterEach(() => gate.reset());
  after(() => world.close());

  const refresh = (token: string | undefined, by = app) =>
    client.refreshTokenGrant(by.config, token ?? '');

  test('a refresh is judged before anything is used up, with the sign-in it descends from', async () => {
    gate.next = { assessment: 'ra-of-the-sign-in' };
    const first = await signInForTokens(world, phone);
    gate.reset();
    gate.next = { limit: { accessTokenSeconds: 30, withoutScopes: ['profile'] } };
    const second = await refresh(first.refresh_token, phone);
    const { claims } = readToken(second.access_token);
    assert.deepEqual([second.expires_in, second.scope], [30, 'openid email']);
    const [attempt, ...more] = gate.judged;
    assert.equal(more.length, 0);
    const { kind, subject, rootAuthId, sessionId, methods, signIn } = attempt ?? assert.fail();
    assert.equal(signIn, 'ra-of-the-sign-in');
    assert.deepEqual([kind, subject, methods], ['refresh', acme.ada.id, ['pwd']]);
    assert.equal(rootAuthId, claims['root_auth_id']);
    assert.ok(sessionId);
    gate.next = {};
    assert.equal((await refresh(second.refresh_token, phone)).expires_in, 600);
  });

  test('a refresh by a client with a secret is that client’s: what it shows is not the person’s', async () => {
    const first = await signInForTokens(world, app);
    gate.reset();
    await refresh(first.refresh_token);
    const { id: _, timeMs: __, surroundings: ___, ...facts } = gate.judged[0] ?? assert.fail();
    const { client_id: clientId } = app.record;
    assert.deepEqual(facts, {
      ...{ kind: 'refresh', outcome: 'success', realm: REALM, subjectKind: 'workload' },
      ...{ subject: clientId, clientId, methods: ['client_secret_basic'] },
      scope: 'openid profile email',
    });
  });

  test('a refresh ends the sign-in when it is too high: tokens, grant and session, in words that say nothing', async () => {
    for (const action of ['deny', 'step_up'] as const) {
      const browser = new ScriptedBrowser(world.baseUrl);
      const first = await signInForTokens(world, app, {}, browser);
      gate.next = { action };
      await assert.rejects(refresh(first.refresh_token), INVALID);
      gate.next = {};
      await assert.rejects(refresh(first.refresh_token), { error: 'invalid_grant' });
      assert.equal((await client.tokenIntrospection(app.config, first.access_token)).active, false);
      const request = await codeRequest(app.config);
      const page = await browser.open(request.url.href);
      assert.ok(findForm(page, 'username'), 'whoever comes next signs in');
      const [ended] = await world.audit.listEvents({
        names: ['session.ended'],
        realm: REALM,
        limit: 1,
        beforeSequence: Number.MAX_SAFE_INTEGER,
      });
      assert.match(JSON.stringify(ended?.ocsf), /"reason":"risk"/);
    }
  });

  test('a refresh that nobody can judge gives a short token, and the sign-in goes on', async () => {
    const first = await signInForTokens(world, app);
    gate.next = 'silence';
    const second = await refresh(first.refresh_token);
    assert.equal(second.expires_in, 120);
    gate.next = {};
    assert.equal((await refresh(second.refresh_token)).expires_in, 600);
  });

  test('a person and what happened since counts for every token at once', async () => {
    const first = await signInForTokens(world, app);
    gate.now = { accessTokenSeconds: 45 };
    const second = await refresh(first.refresh_token);
    assert.equal(second.expires_in, 45);
    gate.now = new Error('broken');
    const third = await refresh(second.refresh_token);
    assert.equal(third.expires_in, 120);
    gate.now = { deny: true };
    await assert.rejects(refresh(third.refresh_token), INVALID);
  });

  test('a refresh shows the key of a DPoP proof', async () => {
    const keyPair = await client.randomDPoPKeyPair();
    const handle = client.getDPoPHandle(app.config, keyPair);
    const first = await signInForTokens(world, app);
    gate.reset();
    await client.refreshTokenGrant(app.config, first.refresh_token ?? '', undefined, {
      DPoP: handle,
    });
    const shown = gate.judged.map(({ surroundings }) => surroundings.dpopThumbprint);
    assert.equal(shown.length, 1);
    assert.equal(shown[0], await handle.calculateThumbprint());
  });

  /** The short way, and the engine's for the same client. */
  const ways = {
    short: () => askForToken(service, { scope: 'pay:read pay:write' }),
    engine: () =>
      fetch(service.config.serverMetadata().token_endpoint ?? '', {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${service.record.client_id}:${service.secret}`)}`,
          // Out of the ordinary, and changes nothing about the token.
          'content-type': 'application/x-www-form-urlencoded; charset="utf-8"',
        },
        body: 'grant_type=client_credentials&scope=pay:read%20pay:write',
      }),
  };

  for (const [way, ask] of Object.entries(ways)) {
    test(`a workload is judged once, ${way}`, async () => {
      gate.next = { limit: { accessTokenSeconds: 20, withoutScopes: ['pay:write'] } };
      const answer = (await (await ask()).json()) as Record<string, unknown>;
      assert.deepEqual([answer['expires_in'], answer['scope']], [20, 'pay:read']);
      const [attempt, ...more] = gate.judged;
      assert.equal(more.length, 0);
      const { id: _, timeMs: __, surroundings, ...facts } = attempt ?? assert.fail();
      const { client_id: clientId } = service.record;
      assert.deepEqual(facts, {
        ...{ kind: 'token', outcome: 'success', realm: REALM, subjectKind: 'workload' },
        ...{ subject: clientId, clientId, methods: ['client_secret_basic'] },
        ...{ audience: API, scope: 'pay:read pay:write' },
      });
      assert.equal(surroundings.ip, '127.0.0.1');
    });

    test(`a workload that is denied gives nothing, ${way}`, async () => {
      for (const action of ['deny', 'step_up'] as const) {
        gate.reset();
        gate.next = { action };
        const answer = await ask();
        assert.equal(answer.status, 400);
        assert.deepEqual(await answer.json(), INVALID);
        assert.equal(gate.judged.length, 1);
      }
      gate.next = {};
      gate.now = { deny: true };
      assert.equal((await ask()).status, 400);
    });

    test(`a workload that nobody can judge gives a short token, ${way}`, async () => {
      gate.next = new Error('gone');
      assert.equal(((await (await ask()).json()) as Record<string, unknown>)['expires_in'], 120);
    });

    test(`a judgement that does not get on record gives no token as if it had, ${way}`, async () => {
      const recorded = Promise.reject(new Error('no disk'));
      recorded.catch(() => undefined);
      gate.next = { recorded };
      const answer = await ask();
      const { expires_in: seconds } = (await answer.json()) as Record<string, unknown>;
      // On the way of the engine the record belongs to the judgement: the gate failed.
      assert.deepEqual([answer.status, seconds], way === 'engine' ? [200, 120] : [503, undefined]);
    });
  }

  test('a refresh token that comes again is told', async () => {
    const first = await signInForTokens(world, app);
    await refresh(first.refresh_token);
    gate.reset();
    await assert.rejects(refresh(first.refresh_token), { error: 'invalid_grant' });
    const [{ attempt } = assert.fail()] = gate.noted;
    const { kind, failure, subject } = attempt;
    assert.deepEqual([kind, failure, subject], ['refresh', 'refused', acme.ada.id]);
    assert.deepEqual(gate.judged, []);
  });

  test('a workload with a wrong secret is told', async () => {
    const wrong = { ...service, secret: 'wrong' };
    assert.equal((await askForToken(wrong)).status, 401);
    const [{ attempt } = assert.fail()] = gate.noted;
    const { kind, failure, subject, subjectKind } = attempt;
    assert.deepEqual(
      [kind, failure, subject, subjectKind],
      ['token', 'wrong_password', service.record.client_id, 'workload'],
    );
  });

  test('a device is judged when it fetches its first token', async () => {
    const device = await registerClient(world, {
      grant_types: [DEVICE_GRANT, 'refresh_token'],
      redirect_uris: [],
      token_endpoint_auth_method: 'none',
    });
    const browser = new ScriptedBrowser(world.baseUrl);
    async function connect() {
      const started = await client.initiateDeviceAuthorization(device.config, { scope: 'openid' });
      const entry = await browser.open(started.verification_uri_complete ?? '');
      const confirm = await browser.submit(entry, findForm(entry, 'user_code') ?? assert.fail());
      const [form = assert.fail()] = confirm.forms;
      const next = await browser.submit(confirm, form, { confirm: 'yes' });
      const signIn = findForm(next, 'username');
      if (signIn !== undefined) {
        await browser.submit(next, signIn, { username: 'ada', password: PASSWORD });
      }
      gate.reset();
      return () =>
        client.genericGrantRequest(device.config, DEVICE_GRANT, {
          device_code: started.device_code,
        });
    }
    const fetchToken = await connect();
    gate.next = { limit: { accessTokenSeconds: 70 } };
    assert.equal((await fetchToken()).expires_in, 70);
    const [attempt] = gate.judged;
    assert.deepEqual([attempt?.kind, attempt?.subject], ['token', acme.ada.id]);
    const fetchNone = await connect();
    gate.next = { action: 'deny' };
    await assert.rejects(fetchNone(), INVALID);
  });
});
