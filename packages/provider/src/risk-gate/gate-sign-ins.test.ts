import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { openWorld, type World } from '../testing/open-world.ts';
import { findForm, type Page, ScriptedBrowser } from '../testing/scripted-browser.ts';
import { scriptGate } from '../testing/scripted-gate.ts';
import {
  type Acme,
  codeRequest,
  PASSWORD,
  REALM,
  type RegisteredClient,
  readToken,
  redeem,
  registerClient,
  seedAcme,
} from '../testing/seed-acme.ts';
import {
  answerWithPasskey,
  passkeyFormOf,
  SoftAuthenticator,
} from '../testing/soft-authenticator.ts';

describe('the risk of a sign-in', () => {
  const gate = scriptGate();
  let world: World;
  let acme: Acme;
  let app: RegisteredClient;
  let passkey: SoftAuthenticator;
  before(async () => {
    world = await openWorld({
      risk: gate,
      limits: { longestJudgementMs: 50, mostAttemptsPerUsername: 5 },
    });
    acme = await seedAcme(world);
    app = await registerClient(world);
    await world.directory.people.create({ realm: REALM, username: 'grace', password: PASSWORD });
    const browser = new ScriptedBrowser(world.baseUrl);
    passkey = new SoftAuthenticator(world.baseUrl, 'on one device');
    const account = await browser.signIn(`${acme.issuer}/account`, 'grace', PASSWORD);
    await answerWithPasskey(browser, account, passkey);
    gate.reset();
  });
  afterEach(() => {
    gate.reset();
    world.failures.length = 0;
  });
  after(() => world.close());

  async function signIn(username: string, password = PASSWORD) {
    const browser = new ScriptedBrowser(world.baseUrl);
    const request = await codeRequest(app.config);
    return { browser, request, page: await browser.signIn(request.url.href, username, password) };
  }

  const errorOf = (page: Page) => new URL(page.url).searchParams.get('error');
  const claimsOf = async ({ request, page }: Awaited<ReturnType<typeof signIn>>) => {
    const tokens = await redeem(app.config, request, page);
    return { tokens, ...readToken(tokens.access_token) };
  };
  async function eventsNamed(name: string) {
    const events = await world.audit.listEvents({ names: [name as never], realm: REALM });
    return events.map(
      ({ ocsf }) => (ocsf['unmapped'] as { countersign: Record<string, never> }).countersign,
    );
  }

  test('is asked for once, with who, where and what was proved', async () => {
    await claimsOf(await signIn('ada'));
    const [attempt, ...more] = gate.judged;
    assert.equal(more.length, 0);
    const { id, timeMs, surroundings, ...facts } = attempt ?? assert.fail();
    assert.deepEqual(facts, {
      ...{ realm: REALM, subjectKind: 'person', kind: 'sign_in', outcome: 'success' },
      ...{ subject: acme.ada.id, clientId: app.record.client_id, methods: ['pwd'] },
    });
    assert.ok(id.length > 10 && timeMs > 0);
    assert.equal(surroundings.ip, '127.0.0.1');
    assert.deepEqual(gate.noted, []);
  });

  test('of a wrong password and of nobody is told, and not judged', async () => {
    await signIn('ada', 'wrong');
    await signIn('nobody');
    assert.deepEqual(gate.judged, []);
    assert.deepEqual(
      gate.noted.map(({ attempt }) => [attempt.failure, attempt.subject]),
      [
        ['wrong_password', acme.ada.id],
        ['unknown_account', undefined],
      ],
    );
  });

  test('is that of its session, too: one that goes on from elsewhere is no sign-in', async () => {
    gate.next = { assessment: 'ra-of-the-sign-in' };
    const { browser } = await signIn('ada');
    gate.reset();
    const again = async (parameters = {}) =>
      browser.open((await codeRequest(app.config, parameters)).url.href);
    assert.ok(new URL((await again()).url).searchParams.get('code'));
    const [attempt, ...more] = gate.judged;
    assert.equal(more.length, 0);
    const {
      kind,
      subject,
      methods,
      signIn: begun,
      sessionId,
      rootAuthId,
    } = attempt ?? assert.fail();
    assert.deepEqual([kind, subject, methods], ['refresh', acme.ada.id, ['pwd']]);
    assert.equal(begun, 'ra-of-the-sign-in');
    assert.ok(sessionId && rootAuthId);
    for (const action of ['deny', 'step_up'] as const) {
      gate.next = { action };
      assert.match((await again()).text, /type="password"/);
      assert.equal(errorOf(await again({ prompt: 'none' })), 'login_required');
    }
    gate.next = {};
    const judged = gate.judged.length;
    const asked = await again({ prompt: 'login' });
    assert.equal(gate.judged.length, judged);
    const form = findForm(asked, 'username') ?? assert.fail();
    const back = await browser.submit(asked, form, { username: 'ada', password: PASSWORD });
    assert.ok(new URL(back.url).searchParams.get('code'));
    assert.equal(gate.judged.length, judged + 1);
  });

  test('of a stolen session is no other for a step-up of somebody else that is left half-way', async () => {
    const { browser } = await signIn('ada');
    gate.next = { action: 'step_up' };
    const asked = await browser.open((await codeRequest(app.config)).url.href);
    const form = findForm(asked, 'username') ?? assert.fail();
    const half = await browser.submit(asked, form, { username: 'grace', password: PASSWORD });
    const [, uid] = /interaction\/([\w-]+)/.exec(passkeyFormOf(half).action) ?? [];
    const resumed = await browser.open(`${acme.issuer}/auth/${uid}`);
    assert.equal(new URL(resumed.url).searchParams.get('code'), null);
    assert.match(resumed.text, /type="password"/);
  });

  test('turns a right password away with one page for every reason, and says why on record only', async () => {
    const pages: string[] = [];
    for (const code of ['password_spray', 'country_unusual']) {
      gate.next = { action: 'deny', assessment: 'ra-x', reasons: [{ code, sentence: `${code}!` }] };
      const { page } = await signIn('ada');
      assert.equal(page.status, 403);
      pages.push(page.text);
    }
    assert.equal(pages[0], pages[1]);
    assert.match(pages[0] ?? '', /ra-x/);
    assert.doesNotMatch(pages[0] ?? '', /spray|country/i);
    const [refused] = await eventsNamed('session.refused').then((events) =>
      events.filter(({ reason }) => reason === 'risk'),
    );
    assert.equal(refused?.['extra']?.['detail'], 'ra-x');
  });

  test('that is denied again and again is guessing, right password or not', async () => {
    await world.directory.people.create({ realm: REALM, username: 'hit', password: PASSWORD });
    gate.next = { action: 'deny' };
    const states: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) states.push((await signIn('hit')).page.status);
    assert.deepEqual(states, [403, 403, 403, 403, 403, 429]);
  });

  test('asks for the passkey there is, and hears that it was proved', async () => {
    gate.next = { action: 'step_up', assessment: 'ra-7', limit: { accessTokenSeconds: 99 } };
    const asked = await signIn('grace');
    const back = await answerWithPasskey(asked.browser, asked.page, passkey);
    const { claims, tokens } = await claimsOf({ ...asked, page: back });
    assert.equal((claims['exp'] as number) - (claims['iat'] as number), 99);
    const { amr, acr } = readToken(tokens.id_token ?? '').claims;
    assert.deepEqual([amr, acr], [['pwd', 'hwk', 'user', 'mfa'], 'phr']);
    assert.equal(gate.judged.length, 1);
    assert.deepEqual(
      gate.noted.map(({ attempt, settled }) => [attempt.kind, attempt.outcome, settled]),
      [['step_up', 'success', { assessment: 'ra-7', outcome: 'passed' }]],
    );
    assert.ok(gate.noted[0]?.attempt.surroundings.deviceKey);
  });

  test('that is denied takes back what was asked for before: a passkey does not finish it then', async () => {
    gate.next = { action: 'step_up' };
    const { browser, request, page: stepUp } = await signIn('grace');
    const answer = passkey.get(passkeyFormOf(stepUp).passkeyOptions);
    // The sign-in form of the same step, as this browser had it before.
    const { form_token = '' } = passkeyFormOf(stepUp).fields;
    const action = passkeyFormOf(stepUp).action.replace('/step-up', '/sign-in');
    const fields = { form_token, username: 'grace', password: PASSWORD };
    gate.next = { action: 'deny' };
    const denied = await browser.submit(stepUp, { action, fields, buttons: {} });
    assert.equal(denied.status, 403);
    gate.next = {};
    const late = await browser.submit(stepUp, passkeyFormOf(stepUp), { passkey: answer });
    assert.equal(late.status, 409);
    assert.match((await browser.open(request.url.href)).text, /type="password"/);
  });

  test('is finished by a passkey of whoever gave the last password, and of nobody before', async () => {
    await world.directory.people.create({ realm: REALM, username: 'mallory', password: PASSWORD });
    const other = new ScriptedBrowser(world.baseUrl);
    const theirs = new SoftAuthenticator(world.baseUrl);
    const account = await other.signIn(`${acme.issuer}/account`, 'mallory', PASSWORD);
    await answerWithPasskey(other, account, theirs);
    gate.next = { action: 'step_up' };
    // Mallory knows the password of Grace, and has a passkey: their own.
    const { browser, page: first } = await signIn('mallory');
    const answer = theirs.get(passkeyFormOf(first).passkeyOptions);
    const { form_token = '' } = passkeyFormOf(first).fields;
    const action = passkeyFormOf(first).action.replace('/step-up', '/sign-in');
    const fields = { form_token, username: 'grace', password: PASSWORD };
    const second = await browser.submit(first, { action, fields, buttons: {} });
    assert.match(second.text, /grace/);
    const tried = await browser.submit(second, passkeyFormOf(second), { passkey: answer });
    assert.equal(tried.status, 422);
  });

  test('whose step-up fails or is given up is told so, and ends without a session', async () => {
    gate.next = { action: 'step_up', assessment: 'ra-8' };
    const { browser, page } = await signIn('grace');
    const failed = await browser.submit(page, passkeyFormOf(page), { passkey: '{}' });
    assert.equal(failed.status, 422);
    const cancel = failed.forms.find(({ action }) => action.endsWith('/cancel'));
    const back = await browser.submit(failed, cancel ?? assert.fail('no way out'));
    assert.equal(errorOf(back), 'access_denied');
    assert.deepEqual(
      gate.noted.map(({ attempt, settled }) => [attempt.failure, settled?.outcome]),
      [
        ['factor_failed', 'failed'],
        ['factor_denied', 'abandoned'],
      ],
    );
  });

  test('asks nobody for a passkey who has just proved one', async () => {
    gate.next = { action: 'step_up', assessment: 'ra-9' };
    const browser = new ScriptedBrowser(world.baseUrl);
    const request = await codeRequest(app.config);
    const page = await answerWithPasskey(browser, await browser.open(request.url.href), passkey);
    assert.ok(new URL(page.url).searchParams.get('code'));
    assert.equal(gate.noted[0]?.settled?.outcome, 'passed');
  });

  test('limits every token of the sign-in, also of another client in the same session', async () => {
    gate.next = { limit: { accessTokenSeconds: 60, withoutScopes: ['email'] } };
    const first = await signIn('ada');
    const { claims, tokens } = await claimsOf(first);
    assert.equal((claims['exp'] as number) - (claims['iat'] as number), 60);
    assert.equal(claims['scope'], 'openid profile');
    assert.deepEqual([tokens.expires_in, tokens.scope], [60, 'openid profile']);
    const other = await registerClient(world);
    const request = await codeRequest(other.config);
    const back = await first.browser.open(request.url.href);
    const sso = await redeem(other.config, request, back);
    assert.equal(sso.expires_in, 60);
    // The sign-in, and that its session went on.
    assert.equal(gate.judged.length, 2);
  });

  test('is judged anew with the next sign-in, whose limits replace those before', async () => {
    gate.next = { limit: { accessTokenSeconds: 60 } };
    const first = await signIn('ada');
    await claimsOf(first);
    gate.next = {};
    const request = await codeRequest(app.config, { prompt: 'login' });
    const page = await first.browser.signIn(request.url.href, 'ada', PASSWORD);
    const { tokens } = await claimsOf({ ...first, request, page });
    assert.equal(tokens.expires_in, 600);
  });

  test('that nobody can judge asks who has a passkey for it', async () => {
    for (const next of [new Error('gone'), 'silence'] as const) {
      gate.next = next;
      const { page } = await signIn('grace');
      assert.ok(passkeyFormOf(page), 'the passkey is asked for');
      const { risk, reason } = (await eventsNamed('risk.assessed')).at(-1) ?? {};
      assert.equal(reason, next === 'silence' ? 'gate_slow' : 'gate_failed');
      const { action, state, degraded } = risk as unknown as Record<string, unknown>;
      assert.deepEqual([action, state, degraded], ['step_up', 'degraded', [reason]]);
      assert.ok(world.failures.length > 0);
    }
  });

  test('that nobody can judge gives others short tokens that cannot be renewed', async () => {
    gate.next = new Error('gone');
    const { tokens } = await claimsOf(await signIn('ada'));
    assert.equal(tokens.expires_in, 120);
    assert.equal(tokens.refresh_token, undefined);
  });

  test('is no way around the form: the page after a denial is the sign-in as before', async () => {
    gate.next = { action: 'deny' };
    const { browser, request } = await signIn('ada');
    const again = await browser.open(request.url.href);
    assert.ok(findForm(again, 'username'));
  });
});
