import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openWorld, type World } from '../testing/open-world.ts';
import { type Page, ScriptedBrowser } from '../testing/scripted-browser.ts';
import {
  type Acme,
  API,
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
  type Behaviour,
  passkeyFormOf,
  SoftAuthenticator,
} from '../testing/soft-authenticator.ts';

describe('a passkey', () => {
  let world: World;
  let acme: Acme;
  let app: RegisteredClient;
  before(async () => {
    world = await openWorld({ limits: { mostAttemptsPerUsername: 5 } });
    acme = await seedAcme(world);
    app = await registerClient(world);
  });
  after(() => world.close());

  const newPerson = async (username: string) =>
    world.directory.people.create({ realm: REALM, username, password: PASSWORD });

  /** Signs in with the password and adds a passkey on the account page. */
  async function enrol(
    username: string,
    kind: 'synced' | 'on one device' = 'on one device',
  ): Promise<{ browser: ScriptedBrowser; passkey: SoftAuthenticator; page: Page }> {
    const browser = new ScriptedBrowser(world.baseUrl);
    const passkey = new SoftAuthenticator(world.baseUrl, kind);
    const account = await browser.signIn(`${acme.issuer}/account`, username, PASSWORD);
    const page = await answerWithPasskey(browser, account, passkey);
    return { browser, passkey, page };
  }

  async function ask(parameters: Record<string, string> = {}, browser?: ScriptedBrowser) {
    const asks = browser ?? new ScriptedBrowser(world.baseUrl);
    const request = await codeRequest(app.config, parameters);
    return { browser: asks, request, page: await asks.open(request.url.href) };
  }

  const codeOf = (page: Page) => new URL(page.url).searchParams.get('code');
  const errorOf = (page: Page) => new URL(page.url).searchParams.get('error');

  async function eventsOf(subject: string) {
    const rows = await world.store.read
      .selectFrom('event')
      .select(['name', 'ocsf'])
      .where('subject', '=', subject)
      .orderBy('sequence')
      .execute();
    return rows.map(({ name, ocsf }) => ({ name, said: JSON.parse(ocsf).unmapped.countersign }));
  }

  test('is enrolled on the account page and then signs in by itself', async () => {
    const { id } = await newPerson('emmy');
    const { passkey, page } = await enrol('emmy');
    assert.match(page.text, /Your passkey was added/);
    assert.equal(await world.directory.passkeys.countOf(REALM, id), 1);
    const { browser, request, page: signIn } = await ask({ resource: API });
    const back = await answerWithPasskey(browser, signIn, passkey);
    const tokens = await redeem(app.config, request, back);
    for (const token of [tokens.id_token ?? '', tokens.access_token]) {
      const { claims } = readToken(token);
      assert.equal(claims['sub'], id);
      assert.equal(claims['acr'], 'phr');
      assert.deepEqual(claims['amr'], ['hwk', 'user', 'mfa']);
      assert.equal(typeof claims['auth_time'], 'number');
    }
    const events = await eventsOf(id);
    const started = events.filter(({ name }) => name === 'session.started').at(-1);
    assert.equal(started?.said.extra.factor, 'passkey');
  });

  test('that may be copied by its maker says so in the token', async () => {
    await newPerson('synced');
    const { passkey } = await enrol('synced', 'synced');
    const { browser, request, page } = await ask();
    const back = await answerWithPasskey(browser, page, passkey);
    const { claims } = readToken((await redeem(app.config, request, back)).id_token ?? '');
    assert.deepEqual(claims['amr'], ['swk', 'user', 'mfa']);
  });

  test('is refused for another site, person, purpose or moment, in the same words', async () => {
    const { id } = await newPerson('grete');
    await newPerson('other');
    const { passkey } = await enrol('grete');
    const { passkey: others } = await enrol('other');
    const wrong: Behaviour[] = [
      { origin: 'https://evil.example' },
      { userVerified: false },
      { crossOrigin: true },
      { userHandle: others.keys[0]?.userHandle ?? '' },
      { userHandle: Buffer.from(id).toString('base64url') },
      { challenge: Buffer.alloc(54, 1).toString('base64url') },
      { type: 'webauthn.create' },
    ];
    const said = new Set<string>();
    for (const behaviour of wrong) {
      const { browser, page } = await ask();
      const answer = await answerWithPasskey(browser, page, passkey, behaviour);
      assert.equal(answer.status, 422, JSON.stringify(behaviour));
      said.add(/role="alert" id="problem">.*?<span>([^<]*)/s.exec(answer.text)?.[1] ?? '');
    }
    assert.equal(said.size, 1);
    const stranger = new SoftAuthenticator(world.baseUrl);
    const { browser, page } = await ask();
    stranger.create('{"challenge":"AA","rp":{"id":"localhost"},"user":{"id":"AA"}}');
    assert.equal((await answerWithPasskey(browser, page, stranger)).status, 422);
    for (const passkey of ['', '{}', '[]', 'null', '{"id":1}', 'x'.repeat(20_000)]) {
      const form = passkeyFormOf(page);
      assert.equal((await browser.submit(page, form, { passkey })).status, 422);
    }
    const { browser: late, page: good } = await ask();
    assert.ok(codeOf(await answerWithPasskey(late, good, passkey)));
  });

  test('answers each challenge once, and only that of its own page', async () => {
    await newPerson('alan');
    const { passkey } = await enrol('alan', 'synced');
    const first = await ask();
    const form = passkeyFormOf(first.page);
    const answer = passkey.get(form.passkeyOptions);
    const elsewhere = await ask();
    const theirs = passkeyFormOf(elsewhere.page);
    const moved = await elsewhere.browser.submit(elsewhere.page, theirs, { passkey: answer });
    assert.equal(moved.status, 422);
    // Twice at once: an authenticator that does not count could not tell.
    const both = await Promise.all([
      first.browser.submit(first.page, form, { passkey: answer }),
      first.browser.submit(first.page, form, { passkey: answer }),
    ]);
    assert.equal(both.filter((page) => codeOf(page) !== null).length, 1);
  });

  test('of which there are two opens nothing any more, and that is on record loudly', async () => {
    const { id } = await newPerson('mileva');
    const { passkey } = await enrol('mileva');
    const thief = passkey.copy();
    const own = await ask();
    assert.ok(codeOf(await answerWithPasskey(own.browser, own.page, passkey)));
    const stolen = await ask();
    assert.equal((await answerWithPasskey(stolen.browser, stolen.page, thief)).status, 422);
    const again = await ask();
    assert.equal((await answerWithPasskey(again.browser, again.page, passkey)).status, 422);
    assert.equal(await world.directory.passkeys.countOf(REALM, id), 0);
    const refused = (await eventsOf(id)).filter(({ name }) => name === 'session.refused');
    assert.deepEqual(
      refused.map(({ said }) => said.reason),
      ['passkey_cloned'],
    );
  });

  test('of which there are two leaves nothing to the thief who came first', async () => {
    const { id } = await newPerson('marie');
    const { passkey } = await enrol('marie');
    const browser = new ScriptedBrowser(world.baseUrl);
    const signIn = await browser.open(`${acme.issuer}/account`);
    const page = await answerWithPasskey(browser, signIn, passkey.copy());
    const mine = new SoftAuthenticator(world.baseUrl);
    const form = passkeyFormOf(page);
    const answer = mine.create(form.passkeyOptions);
    // Now the person comes, and it shows that there are two.
    const own = await ask();
    assert.equal((await answerWithPasskey(own.browser, own.page, passkey)).status, 422);
    const tried = await browser.submit(page, form, { passkey: answer, name: 'Mine' });
    assert.match(tried.text, /type="password"/);
    assert.equal((await world.directory.passkeys.list(REALM, id)).length, 1);
  });

  test('that signs for two at the same moment with one counter opens one door at most', async () => {
    const { id } = await newPerson('twins');
    const { passkey } = await enrol('twins');
    const [one, other] = await Promise.all([ask(), ask()]);
    const pages = await Promise.all([
      answerWithPasskey(one.browser, one.page, passkey),
      answerWithPasskey(other.browser, other.page, passkey.copy(), { counter: passkey.counter }),
    ]);
    // Or none: the second ends the first, where that is not picked up yet.
    assert.ok(pages.filter((page) => codeOf(page) !== null).length <= 1);
    assert.equal(await world.directory.passkeys.countOf(REALM, id), 0);
  });

  test('of a disabled person opens nothing', async () => {
    const { id } = await newPerson('gone');
    const { passkey } = await enrol('gone');
    await world.directory.people.setDisabled(REALM, id, true);
    const { browser, page } = await ask();
    assert.equal((await answerWithPasskey(browser, page, passkey)).status, 422);
  });

  test('of one realm opens no other', async () => {
    await newPerson('realmless');
    const { passkey } = await enrol('realmless');
    const customers = await registerClient(world, {}, 'acme/customer');
    const request = await codeRequest(customers.config);
    const browser = new ScriptedBrowser(world.baseUrl);
    const page = await browser.open(request.url.href);
    assert.equal((await answerWithPasskey(browser, page, passkey)).status, 422);
  });

  describe('as a step-up', () => {
    const wanted = { acr_values: 'phr', resource: API };

    test('follows the password where the client asks for it', async () => {
      const { id } = await newPerson('lise');
      const { passkey } = await enrol('lise');
      const { browser, request, page } = await ask(wanted);
      const form = page.forms.find(({ fields }) => 'username' in fields);
      assert.ok(form);
      const values = { username: 'lise', password: PASSWORD };
      const stepUp = await browser.submit(page, form, values);
      assert.match(stepUp.text, /Confirm it’s you/);
      const { allowCredentials } = JSON.parse(passkeyFormOf(stepUp).passkeyOptions);
      assert.equal(allowCredentials.length, 1);
      // Loading the page again asks for the same.
      const reloaded = await browser.open(page.url);
      assert.match(reloaded.text, /Confirm it’s you/);
      const back = await answerWithPasskey(browser, reloaded, passkey);
      const tokens = await redeem(app.config, request, back);
      const { claims } = readToken(tokens.access_token);
      assert.equal(claims['sub'], id);
      assert.equal(claims['acr'], 'phr');
      assert.deepEqual(claims['amr'], ['pwd', 'hwk', 'user', 'mfa']);
    });

    test('is asked for in a session without one, and not twice', async () => {
      const { id } = await newPerson('hedy');
      const { browser, passkey } = await enrol('hedy');
      const plain = await ask({}, browser);
      assert.ok(codeOf(plain.page));
      const { request, page } = await ask(wanted, browser);
      assert.match(page.text, /Confirm it’s you/);
      assert.doesNotMatch(page.text, /type="password"/);
      const back = await answerWithPasskey(browser, page, passkey);
      const { claims } = readToken((await redeem(app.config, request, back)).id_token ?? '');
      assert.deepEqual(claims['amr'], ['pwd', 'hwk', 'user', 'mfa']);
      assert.ok(codeOf((await ask(wanted, browser)).page));
      const last = (await eventsOf(id)).filter(({ name }) => name === 'session.started').at(-1);
      assert.equal(last?.said.extra.factor, 'password and passkey');
      const silent = await ask({ ...wanted, prompt: 'none' }, browser);
      assert.ok(codeOf(silent.page));
    });

    test('fails in one way, is counted, and can be given up', async () => {
      const { id } = await newPerson('rosa');
      const { passkey } = await enrol('rosa');
      await newPerson('thief');
      const { passkey: others } = await enrol('thief');
      const { browser, page } = await ask(wanted);
      const form = page.forms.find(({ fields }) => 'username' in fields);
      assert.ok(form);
      let stepUp = await browser.submit(page, form, { username: 'rosa', password: PASSWORD });
      const said: string[] = [];
      for (let tries = 0; tries < 5; tries += 1) {
        const asked = passkeyFormOf(stepUp);
        const options = { ...JSON.parse(asked.passkeyOptions), allowCredentials: [] };
        const answer =
          tries % 2 === 0
            ? others.get(JSON.stringify(options))
            : passkey.get(asked.passkeyOptions, { userVerified: false });
        stepUp = await browser.submit(stepUp, asked, { passkey: answer });
        said.push(`${stepUp.status} ${/<span>(That did not[^<]*)/.exec(stepUp.text)?.[1]}`);
      }
      assert.deepEqual(new Set(said), new Set(['422 That did not work. Try again, or cancel.']));
      const locked = await answerWithPasskey(browser, stepUp, passkey);
      assert.equal(locked.status, 429);
      const cancel = locked.forms.find(({ action }) => action.endsWith('/cancel'));
      assert.ok(cancel);
      assert.equal(errorOf(await browser.submit(locked, cancel)), 'access_denied');
      const refused = (await eventsOf(id)).filter(({ name }) => name === 'session.refused');
      assert.deepEqual(
        refused.map(({ said }) => `${said.reason} ${said.extra?.detail}`),
        [
          ...Array(5).fill('step_up_failed passkey_refused'),
          'too_many_attempts undefined',
          'step_up_failed given_up',
        ],
      );
      // Who has the password alone has got nothing: no session was begun.
      assert.equal((await ask({}, browser)).page.forms.length > 0, true);
    });

    test('of somebody without a passkey is told to the client, and enrols none', async () => {
      await newPerson('nokey');
      const { browser, page } = await ask(wanted);
      const form = page.forms.find(({ fields }) => 'username' in fields);
      assert.ok(form);
      const values = { username: 'nokey', password: PASSWORD };
      const back = await browser.submit(page, form, values);
      assert.equal(errorOf(back), 'unmet_authentication_requirements');
      const { page: hardware } = await ask({ acr_values: 'phrh' });
      assert.equal(errorOf(hardware), 'unmet_authentication_requirements');
    });

    test('is not carried to another sign-in, nor finished without its passkey', async () => {
      await newPerson('half');
      await enrol('half');
      const { browser, page } = await ask(wanted);
      const form = page.forms.find(({ fields }) => 'username' in fields);
      assert.ok(form);
      await browser.submit(page, form, { username: 'half', password: PASSWORD });
      // The engine's own way back, taken without having passed.
      const uid = page.url.split('/').at(-1);
      const resumed = await browser.open(`${acme.issuer}/auth/${uid}`);
      assert.equal(codeOf(resumed), null);
      assert.match(resumed.text, /type="password"/);
    });
  });
});
