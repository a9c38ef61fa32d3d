import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { openWorld, type World } from '../testing/open-world.ts';
import { findForm, type Page, ScriptedBrowser } from '../testing/scripted-browser.ts';
import {
  type Acme,
  API,
  codeRequest,
  PASSWORD,
  readToken,
  redeem,
  registerClient,
  seedAcme,
  signInForTokens,
} from '../testing/seed-acme.ts';

describe('the sign-in pages', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld({ limits: { mostAttemptsPerUsername: 4 } });
    acme = await seedAcme(world);
  });
  after(() => world.close());

  async function openSignIn(browser: ScriptedBrowser, metadata = {}): Promise<Page> {
    const { config } = await registerClient(world, metadata);
    return browser.open((await codeRequest(config)).url.href);
  }

  async function submit(browser: ScriptedBrowser, page: Page, values: Record<string, string>) {
    const form = findForm(page, 'username');
    assert.ok(form, 'there is a sign-in form');
    return browser.submit(page, form, values);
  }

  test('run two files of our own and nothing else, cannot be framed and are not kept', async () => {
    const page = await openSignIn(new ScriptedBrowser(world.baseUrl));
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /base-uri 'none'/);
    assert.match(policy, /form-action 'self' http:\/\/localhost:\* http:\/\/127\.0\.0\.1:\*/);
    assert.doesNotMatch(policy, /unsafe|\s\*/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    assert.doesNotMatch(page.text, /<script>|style="|onclick|https?:\/\/(?!localhost)/);
    const scripts = [...page.text.matchAll(/<script src="([^"]*)" defer><\/script>/g)];
    assert.deepEqual(
      scripts.map(([, path = '']) => path.replace(/-[0-9a-f]{16}\.js$/, '')),
      ['/acme/workforce/assets/webauthn', '/acme/workforce/assets/passkey'],
    );
    for (const [, path = ''] of scripts) {
      const script = await fetch(new URL(path, world.baseUrl));
      assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
      assert.match(script.headers.get('cache-control') ?? '', /immutable/);
    }
    assert.match(page.text, /<label for="username">/);
    assert.match(page.text, /<label for="password">/);
    assert.match(page.text, /autocomplete="current-password"/);
    assert.match(page.text, /<html lang="en">/);
  });

  test('show a hostile client name as text', async () => {
    const page = await openSignIn(new ScriptedBrowser(world.baseUrl), {
      client_name: '<img src=x onerror=alert(1)>',
    });
    assert.ok(page.text.includes('&lt;img src=x onerror=alert(1)&gt;'));
    assert.ok(!page.text.includes('<img'));
  });

  test('answer a wrong password and an unknown username with the same words', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    const page = await openSignIn(browser);
    const wrong = await submit(browser, page, { username: 'ada', password: 'guess' });
    const unknown = await submit(browser, wrong, { username: 'nobody', password: 'guess' });
    const words = (answer: Page) => /role="alert"[^>]*>.*?<span>([^<]*)/s.exec(answer.text)?.[1];
    assert.equal(wrong.status, 422);
    assert.equal(unknown.status, wrong.status);
    assert.ok(words(wrong));
    assert.equal(words(unknown), words(wrong));
    const refused = await world.store.read
      .selectFrom('event')
      .select(['subject', 'ocsf'])
      .where('name', '=', 'session.refused')
      .execute();
    assert.ok(refused.some(({ subject }) => subject === acme.ada.id));
    assert.ok(refused.every(({ ocsf }) => ocsf.includes('wrong_password')));
    assert.ok(!JSON.stringify(refused).includes('guess'));
  });

  test('stop answering guesses for one person, and only for that person', async () => {
    await world.directory.people.create({
      realm: 'acme/workforce',
      username: 'grace',
      password: PASSWORD,
    });
    const browser = new ScriptedBrowser(world.baseUrl);
    let page = await openSignIn(browser);
    const spellings = ['grace', 'GRACE', 'Grace', 'gRaCe', 'grace'];
    for (const username of spellings) {
      page = await submit(browser, page, { username, password: 'guess' });
    }
    assert.equal(page.status, 429);
    assert.ok(Number(page.headers.get('retry-after')) > 0);
    const locked = await submit(browser, page, { username: 'grace', password: PASSWORD });
    assert.equal(locked.status, 429);
    const { config } = await registerClient(world);
    const request = await codeRequest(config);
    const other = await new ScriptedBrowser(world.baseUrl).signIn(
      request.url.href,
      'ada',
      PASSWORD,
    );
    assert.ok(new URL(other.url).searchParams.get('code'));
  });

  test('refuse a form without its token, of another site, or of another browser', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    const page = await openSignIn(browser);
    const form = findForm(page, 'username');
    assert.ok(form);
    const values = { username: 'ada', password: PASSWORD };
    const forged = await browser.submit(page, form, { ...values, form_token: 'x'.repeat(43) });
    assert.equal(forged.status, 403);
    const stranger = new ScriptedBrowser(world.baseUrl);
    assert.equal((await stranger.submit(page, form, values)).status, 400);
    const elsewhere = new ScriptedBrowser('https://evil.example');
    assert.ok([400, 403].includes((await elsewhere.submit(page, form, values)).status));
    const signedIn = await submit(browser, page, values);
    assert.ok(new URL(signedIn.url).searchParams.get('code'));
  });

  test('give the session a new cookie value at sign-in', async () => {
    const { config } = await registerClient(world);
    const seen = new Set<string>();
    const browser = new ScriptedBrowser(world.baseUrl);
    const before = await codeRequest(config);
    await browser.signIn(before.url.href, 'ada', PASSWORD);
    seen.add(browser.cookie('countersign_session') ?? '');
    const again = await codeRequest(config, { prompt: 'login' });
    await browser.signIn(again.url.href, 'ada', PASSWORD);
    seen.add(browser.cookie('countersign_session') ?? '');
    assert.equal(seen.size, 2);
    const roots = await world.store.read
      .selectFrom('event')
      .select('root_auth_id')
      .where('name', '=', 'session.started')
      .execute();
    assert.ok(roots.every(({ root_auth_id: root }) => root !== null));
  });

  test('a session that goes on with another sign-in says so, and is no new session', async () => {
    const { config } = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    await browser.signIn((await codeRequest(config)).url.href, 'ada', PASSWORD);
    const second = Math.floor(Date.now() / 1000);
    // Sign-ins are told apart by the second.
    while (Math.floor(Date.now() / 1000) === second)
      await new Promise((done) => setTimeout(done, 50));
    await browser.signIn(
      (await codeRequest(config, { prompt: 'login' })).url.href,
      'ada',
      PASSWORD,
    );
    const [changed] = await world.audit.listEvents({ names: ['session.changed'] });
    const facts = (changed?.ocsf ?? {}) as {
      session?: { uid: string };
      unmapped?: { countersign: { operation?: string } };
    };
    assert.equal(facts.unmapped?.countersign.operation, 'reauthenticated');
    const started = await world.audit.listEvents({ names: ['session.started'], limit: 1000 });
    const same = started.filter(
      ({ ocsf }) => (ocsf['session'] as { uid: string }).uid === facts.session?.uid,
    );
    assert.equal(same.length, 2, 'each sign-in is a root of its own');
  });

  test('giving up leads back to the client', async () => {
    const browser = new ScriptedBrowser(world.baseUrl);
    const page = await openSignIn(browser);
    const form = page.forms.find(({ action }) => action.endsWith('/cancel'));
    assert.ok(form);
    const back = await browser.submit(page, form);
    assert.equal(new URL(back.url).searchParams.get('error'), 'access_denied');
  });

  test('ask consent for foreign clients once, and never for our own', async () => {
    const foreign = await registerClient(world, { first_party: false, client_name: 'Planner' });
    const wanted = { scope: 'openid email pay:read', resource: API };
    const browser = new ScriptedBrowser(world.baseUrl);
    const request = await codeRequest(foreign.config, wanted);
    const page = await browser.open(request.url.href);
    const consent = await submit(browser, page, { username: 'ada', password: PASSWORD });
    assert.match(consent.text, /<b>Planner<\/b> asks for access/);
    assert.match(consent.text, /See your email address/);
    assert.match(consent.text, /pay:read/);
    assert.match(consent.text, /Payroll API/);
    const allow = consent.forms.find(({ action }) => action.endsWith('/consent'));
    assert.ok(allow);
    const back = await browser.submit(consent, allow);
    const tokens = await redeem(foreign.config, request, back);
    assert.equal(readToken(tokens.access_token).claims['scope'], 'pay:read');

    const later = new ScriptedBrowser(world.baseUrl);
    const second = await codeRequest(foreign.config, wanted);
    const signIn = await later.open(second.url.href);
    const direct = await submit(later, signIn, { username: 'ada', password: PASSWORD });
    assert.ok(new URL(direct.url).searchParams.get('code'), 'not asked again');

    const more = await codeRequest(foreign.config, { ...wanted, scope: 'openid pay:write' });
    assert.match((await later.open(more.url.href)).text, /pay:write/);
  });

  test('saying no to consent gives nothing', async () => {
    const foreign = await registerClient(world, { first_party: false });
    const browser = new ScriptedBrowser(world.baseUrl);
    const request = await codeRequest(foreign.config);
    const page = await browser.open(request.url.href);
    const consent = await submit(browser, page, { username: 'ada', password: PASSWORD });
    const cancel = consent.forms.find(({ action }) => action.endsWith('/cancel'));
    assert.ok(cancel);
    const back = await browser.submit(consent, cancel);
    assert.equal(new URL(back.url).searchParams.get('error'), 'access_denied');
  });

  test('a session cookie of one realm is not sent to another, and is closed to scripts', async () => {
    const registered = await registerClient(world);
    const browser = new ScriptedBrowser(world.baseUrl);
    await signInForTokens(world, registered, {}, browser);
    const line = browser.setCookieLines.find((text) => text.startsWith('countersign_session='));
    assert.match(line ?? '', /path=\/acme\/workforce(;|$)/i);
    assert.match(line ?? '', /httponly/i);
    assert.match(line ?? '', /samesite=lax/i);
    const { claims } = readToken(
      (
        await client.clientCredentialsGrant(
          (
            await registerClient(world, {
              grant_types: ['client_credentials'],
              redirect_uris: [],
            })
          ).config,
        )
      ).access_token,
    );
    assert.equal(claims['sid'], undefined);
  });
});
