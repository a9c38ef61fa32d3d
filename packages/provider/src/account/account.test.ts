import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openWorld, type World } from '../testing/open-world.ts';
import { findForm, type Page, ScriptedBrowser } from '../testing/scripted-browser.ts';
import { scriptGate } from '../testing/scripted-gate.ts';
import { PASSWORD, REALM, seedAcme } from '../testing/seed-acme.ts';
import {
  answerWithPasskey,
  passkeyFormOf,
  SoftAuthenticator,
} from '../testing/soft-authenticator.ts';
import type { SignInAnswer } from './recent-sign-ins.ts';

describe('the account page', () => {
  let aheadMs = 0;
  let from = '192.0.2.7';
  const clock = { nowMs: () => Date.now() + aheadMs };
  const answers: SignInAnswer[] = [];
  const gate = scriptGate();
  let world: World;
  let account: string;
  before(async () => {
    const signIn = { assessment: 'a-1', timeMs: 0, from: 'Chrome on <b>Windows</b>' };
    world = await openWorld({
      clock,
      risk: gate,
      addressOf: () => from,
      recentSignIns: {
        list: async () => [{ ...signIn, outcome: 'signed_in', app: 'Payroll' }],
        answer: async (said) => {
          answers.push(said);
        },
      },
    });
    account = `${(await seedAcme(world)).issuer}/account`;
  });
  after(() => world.close());

  async function newPerson(username: string) {
    const person = { realm: REALM, username, password: PASSWORD } as const;
    const { id } = await world.directory.people.create(person);
    return { id, browser: new ScriptedBrowser(world.baseUrl) };
  }

  async function withPasskey(username: string) {
    const { id, browser } = await newPerson(username);
    const passkey = new SoftAuthenticator(world.baseUrl);
    const page = await browser.signIn(account, username, PASSWORD);
    return { id, browser, passkey, page: await answerWithPasskey(browser, page, passkey) };
  }

  const formOf = (page: Page, action: string) => {
    const form = page.forms.find((one) => one.action.endsWith(`/account/${action}`));
    assert.ok(form, `there is a form ${action}`);
    return form;
  };
  const namesOf = async (id: string) =>
    (await world.directory.passkeys.list(REALM, id)).map(({ name }) => name);

  test('asks whoever comes to sign in, and loads nothing from elsewhere', async () => {
    const { browser } = await newPerson('anna');
    const asked = await browser.open(account);
    assert.match(asked.text, /to continue to <b>your account<\/b>/);
    const page = await browser.signIn(account, 'anna', PASSWORD);
    assert.equal(page.url, account);
    assert.match(page.text, /<h1>Your account<\/h1>/);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(
      policy,
      /default-src 'none'; script-src 'self'; require-trusted-types-for 'script'/,
    );
    assert.match(policy, /form-action 'self'$/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
  });

  test('is closed again some minutes after the sign-in', async () => {
    const { browser } = await newPerson('bettina');
    const page = await browser.signIn(account, 'bettina', PASSWORD);
    aheadMs = 10 * 60_000 + 1000;
    assert.match((await browser.open(account)).text, /type="password"/);
    const add = passkeyFormOf(page);
    const passkey = new SoftAuthenticator(world.baseUrl).create(add.passkeyOptions);
    const late = await browser.submit(page, add, { passkey });
    assert.match(late.text, /type="password"/);
    aheadMs = 0;
  });

  test('says what an administrator took away, and not what the person did', async () => {
    const { id, browser, page } = await withPasskey('berta');
    const [kept] = await world.directory.passkeys.list(REALM, id);
    assert.ok(kept);
    assert.doesNotMatch(page.text, /removed by an administrator/);
    const owner = { realm: REALM, personId: id, id: kept.id };
    await world.directory.passkeys.rename(owner, '<i>Lost</i>');
    await world.directory.passkeys.remove(owner, { kind: 'reader', id: 'help-desk' });
    const told = await browser.open(account);
    assert.match(
      told.text,
      /Your passkey <b>&lt;i&gt;Lost&lt;\/i&gt;<\/b> was removed by an administrator/,
    );
  });

  test('names, renames and removes passkeys', async () => {
    const { id, browser, passkey, page } = await withPasskey('clara');
    assert.deepEqual(await namesOf(id), ['Passkey 1']);
    // The sign-in was with the password; from now on a passkey is asked for first.
    assert.equal(
      page.forms.some(({ action }) => action.endsWith('/remove-passkey')),
      false,
    );
    const confirm = await browser.submit(page, formOf(page, 'confirm'));
    assert.match(confirm.text, /Confirm it’s you/);
    let open = await answerWithPasskey(browser, confirm, passkey);
    assert.equal(open.url, account);
    const bad = await browser.submit(open, formOf(open, 'rename-passkey'), { name: '\u0007' });
    assert.equal(bad.status, 422);
    const name = '<script>alert(1)</script>';
    open = await browser.submit(open, formOf(open, 'rename-passkey'), { name });
    assert.match(open.text, /The new name was kept/);
    assert.ok(!open.text.includes(name));
    const second = new SoftAuthenticator(world.baseUrl);
    const add = passkeyFormOf(open);
    assert.equal(JSON.parse(add.passkeyOptions).excludeCredentials.length, 1);
    const made = second.create(add.passkeyOptions);
    open = await browser.submit(open, add, { passkey: made, name: ` Key\u202e ${'x'.repeat(80)}` });
    assert.deepEqual(await namesOf(id), [name, `Key ${'x'.repeat(56)}`]);
    const again = await browser.submit(open, add, { passkey: made });
    assert.match(again.text, /could not be added/);
    open = await browser.submit(open, formOf(open, 'remove-passkey'));
    assert.match(open.text, /The passkey was removed/);
    assert.equal((await namesOf(id)).length, 1);
  });

  test('lets a thief of the password, or of the session, add and remove nothing', async () => {
    const { id, browser, page } = await withPasskey('dora');
    // Forms that the page does not show, with a token that is good.
    const { fields } = formOf(page, 'confirm');
    const [held] = await world.directory.passkeys.list(REALM, id);
    const mine = new SoftAuthenticator(world.baseUrl);
    const tries = [
      { action: 'add-passkey', fields: { ...fields, passkey: '{}', name: 'Mine' } },
      { action: 'remove-passkey', fields: { ...fields, id: held?.id ?? '' } },
      { action: 'rename-passkey', fields: { ...fields, id: held?.id ?? '', name: 'Mine' } },
    ];
    for (const { action, fields } of tries) {
      const form = { action: `${account}/${action}`, fields, buttons: {} };
      const asked = await browser.submit(page, form);
      assert.match(asked.text, /Confirm it’s you/, action);
      assert.throws(() => mine.get(passkeyFormOf(asked).passkeyOptions), /no such passkey/);
    }
    const thief = new ScriptedBrowser(world.baseUrl);
    const seen = await thief.signIn(account, 'dora', PASSWORD);
    assert.equal(
      seen.forms.some(({ passkeyOptions }) => passkeyOptions !== undefined),
      false,
    );
    assert.deepEqual(await namesOf(id), ['Passkey 1']);
  });

  test('makes no first passkey on a password alone while the sign-in looks odd', async () => {
    const { id, browser } = await newPerson('emilie');
    const page = await browser.signIn(account, 'emilie', PASSWORD);
    const made = new SoftAuthenticator(world.baseUrl).create(passkeyFormOf(page).passkeyOptions);
    gate.now = { accessTokenSeconds: 60 };
    const refused = await browser.submit(page, passkeyFormOf(page), { passkey: made });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /cannot be changed now/);
    assert.deepEqual(await namesOf(id), []);
    gate.reset();
  });

  test('lets whoever has a passkey go on while the risk asks for less than a denial', async () => {
    const { browser, passkey, page } = await withPasskey('fanny');
    gate.now = { accessTokenSeconds: 60 };
    const confirm = await browser.submit(page, formOf(page, 'confirm'));
    const open = await answerWithPasskey(browser, confirm, passkey);
    formOf(open, 'remove-passkey');
    // A session that goes on with a passkey is judged anew, with what was proved.
    const judged = gate.judged.at(-1);
    assert.deepEqual(judged?.methods, ['pwd', 'hwk', 'user', 'mfa']);
    assert.equal(judged?.surroundings.deviceKey, passkey.keys[0]?.id.toString('base64url'));
    gate.now = { deny: true };
    assert.match((await browser.open(account)).text, /cannot be changed now/);
    gate.reset();
  });

  test('changes nothing once the risk denies, though the sign-in itself was only limited', async () => {
    const { browser, passkey, page } = await withPasskey('greta');
    gate.next = { limit: { accessTokenSeconds: 60 } };
    const confirm = await browser.submit(page, formOf(page, 'confirm'));
    const open = await answerWithPasskey(browser, confirm, passkey);
    const remove = formOf(open, 'remove-passkey');
    gate.now = { deny: true };
    const refused = await browser.submit(open, remove);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /cannot be changed now/);
    gate.reset();
  });

  test('is changed from where its sign-in was; elsewhere it is judged first, and odd is not enough', async () => {
    const { id, browser } = await newPerson('hilde');
    const page = await browser.signIn(account, 'hilde', PASSWORD);
    const add = passkeyFormOf(page);
    const passkey = new SoftAuthenticator(world.baseUrl).create(add.passkeyOptions);
    const judged = gate.judged.length;
    from = '198.51.100.9';
    gate.next = { action: 'deny' };
    const stolen = await browser.submit(page, add, { passkey });
    assert.match(stolen.text, /type="password"/);
    const answer = formOf(page, 'answer-sign-in');
    assert.match((await browser.submit(page, answer, { answer: 'me' })).text, /type="password"/);
    assert.deepEqual(
      gate.judged.slice(judged).map(({ kind, subject }) => [kind, subject]),
      [
        ['refresh', id],
        ['refresh', id],
      ],
    );
    gate.next = { limit: { accessTokenSeconds: 60 } };
    const limited = await browser.submit(page, add, { passkey });
    assert.equal(limited.status, 403);
    assert.deepEqual(await namesOf(id), []);
    // Where it began, nobody is judged twice.
    from = '192.0.2.7';
    gate.next = { action: 'deny' };
    assert.match((await browser.submit(page, add, { passkey })).text, /was added/);
    gate.reset();
  });

  test('takes a challenge of enrolment for a sign-in as little as the other way round', async () => {
    const { browser } = await newPerson('erna');
    const page = await browser.signIn(account, 'erna', PASSWORD);
    const signIn = await new ScriptedBrowser(world.baseUrl).open(account);
    const { challenge } = JSON.parse(passkeyFormOf(signIn).passkeyOptions);
    const passkey = new SoftAuthenticator(world.baseUrl);
    const refused = await answerWithPasskey(browser, page, passkey, { challenge });
    assert.equal(refused.status, 422);
    const unverified = { userVerified: false };
    const weak = await answerWithPasskey(browser, refused, passkey, unverified);
    assert.equal(weak.status, 422);
  });

  test('refuses forms of others: without its token, of another session, of another site', async () => {
    const { id, browser, page } = await withPasskey('frida');
    const form = formOf(page, 'confirm');
    const forged = await browser.submit(page, form, { form_token: 'x'.repeat(43) });
    assert.equal(forged.status, 403);
    const { browser: other, page: theirs } = await withPasskey('gerda');
    const moved = await other.submit(theirs, form);
    assert.equal(moved.status, 403);
    const answered = await fetch(`${account}/confirm`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', accept: 'text/html' },
      body: new URLSearchParams(form.fields),
    });
    assert.equal(answered.status, 403);
    const got = await fetch(`${account}/remove-passkey`, { redirect: 'manual' });
    assert.equal(got.status, 405);
    assert.deepEqual(await namesOf(id), ['Passkey 1']);
  });

  test('a code of the account page can be redeemed by nobody, and its client is nobody else', async () => {
    const { browser } = await newPerson('hanna');
    await browser.signIn(account, 'hanna', PASSWORD);
    const url = new URL(`${account.replace('/account', '/auth')}`);
    const asked = {
      ...{ client_id: 'countersign-account', response_type: 'code', scope: 'openid' },
      ...{ redirect_uri: 'https://evil.example/', code_challenge: 'x'.repeat(43) },
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    assert.equal((await browser.open(url.href)).status, 400);
  });

  test('shows recent sign-ins as text, and hands on what the person says of them', async () => {
    const { id, browser } = await newPerson('ida');
    const page = await browser.signIn(account, 'ida', PASSWORD);
    assert.match(page.text, /Chrome on &lt;b&gt;Windows/);
    const form = formOf(page, 'answer-sign-in');
    const done = await browser.submit(page, form, { answer: 'not_me' });
    assert.match(done.text, /Your answer was kept/);
    await browser.submit(page, form, { answer: 'perhaps' });
    assert.deepEqual(
      answers.map(({ sessionId, signIn = '', ...said }) => ({
        ...{ ...said, session: sessionId.length > 10, judged: signIn.length > 3 },
      })),
      [{ realm: REALM, personId: id, assessment: 'a-1', mine: false, session: true, judged: true }],
    );
  });

  test('lets nobody speak with the age of a passkey that is stopped, having removed the own', async () => {
    const { id, browser } = await withPasskey('judith');
    const [old] = await world.directory.passkeys.list(REALM, id);
    const seen = { counter: 9, backedUp: false };
    for (let twice = 0; twice < 2; twice += 1) {
      await world.directory.passkeys.use(REALM, old?.id ?? '', seen);
    }
    const mine = new SoftAuthenticator(world.baseUrl);
    let page = await answerWithPasskey(browser, await browser.open(account), mine);
    page = await browser.submit(page, formOf(page, 'confirm'));
    page = await answerWithPasskey(browser, page, mine);
    const own = mine.keys[0]?.id.toString('base64url') ?? '';
    const remove = { ...formOf(page, 'remove-passkey') };
    page = await browser.submit(page, remove, { id: own });
    assert.match(page.text, /The passkey was removed/);
    await browser.submit(page, formOf(page, 'answer-sign-in'), { answer: 'me' });
    assert.equal(answers.at(-1)?.mine, true);
    assert.equal(answers.at(-1)?.passkeysSinceMs, undefined);
  });

  test('a sign-in that was given up says so, and does not begin another by itself', async () => {
    const { browser } = await newPerson('jutta');
    const page = await browser.open(account);
    const cancel = page.forms.find(({ action }) => action.endsWith('/cancel'));
    assert.ok(cancel);
    const back = await browser.submit(page, cancel);
    assert.match(back.text, /You are not signed in/);
    assert.equal(findForm(back, 'username'), undefined);
  });
});
