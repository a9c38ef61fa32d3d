import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import * as client from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import {
  alice,
  codeRequest,
  type Registered,
  readToken,
  registerClient,
  registerService,
  WORKFORCE,
} from './act-as-client.ts';
import { forgeToken } from './forge-token.ts';
import {
  addPasskeys,
  openChromium,
  openPhone,
  skipReason,
  type VirtualPasskeys,
} from './open-chromium.ts';
import { pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('in Chromium', { skip: skipReason }, () => {
  let house: House;
  let browser: Browser;
  let landing: Server;
  let callback: string;
  let own: Registered;
  before(async () => {
    landing = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><link rel="icon" href="data:,"><h1>Welcome back</h1>');
    });
    await new Promise<void>((resolve) => landing.listen(0, '127.0.0.1', resolve));
    callback = `http://127.0.0.1:${(landing.address() as AddressInfo).port}/callback`;
    [house, browser] = await Promise.all([runHouse(), openChromium()]);
    own = await registerClient(house, { redirect_uris: [callback] });
  });
  after(async () => {
    await browser?.close();
    landing.closeAllConnections();
    landing.close();
    await house?.remove();
  });

  const focused = (page: Page) =>
    page.evaluate(() => {
      const at = document.activeElement;
      const name = at?.getAttribute('name') ?? at?.textContent?.trim() ?? '';
      const { outlineStyle, boxShadow } = getComputedStyle(at ?? document.body);
      return { name, visible: outlineStyle !== 'none' || boxShadow !== 'none' };
    });
  const alertOf = async (page: Page) => page.getByRole('alert').textContent();

  test('a person signs in on a phone with the keyboard alone', async () => {
    const { page, faults, origins } = await openPhone(browser);
    const request = await codeRequest(own.config, { redirect_uri: callback });
    await page.goto(request.url.href);
    await untilFocused(page, 'username');
    await expectLabelledAndFitting(page);

    assert.equal((await focused(page)).name, 'username');
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).name, 'password');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await untilFocused(page, 'password');
    const wrong = await alertOf(page);

    // The name stays, and the next key lands in the password field, which says what is wrong.
    assert.equal(await page.getByLabel('Username').inputValue(), 'alice');
    assert.equal((await focused(page)).name, 'password');
    const password = page.getByLabel('Password');
    assert.equal(await password.inputValue(), '');
    assert.equal(await password.getAttribute('aria-invalid'), 'true');
    await page.keyboard.type(alice(house).password);
    await page.keyboard.press('Tab');
    assert.deepEqual(await focused(page), { name: 'Sign in', visible: true });
    await page.keyboard.press('Enter');
    await page.waitForURL(`${callback}?**`);

    assert.match(wrong ?? '', /wrong|incorrect|not right|do not match|did not work/i);
    // The browser's own line about the status of the page with the wrong password; nothing else.
    assert.match(faults.join('\n'), /^Failed to load resource: .* 422 \(Unprocessable Entity\)$/);
    assert.deepEqual([...origins], [house.url, new URL(callback).origin]);
    const tokens = await client.authorizationCodeGrant(own.config, new URL(page.url()), {
      pkceCodeVerifier: request.verifier,
      expectedState: request.state,
      expectedNonce: request.nonce,
    });
    assert.equal(readToken(tokens.id_token ?? '').claims['nonce'], request.nonce);
    await page.context().close();
  });

  test('an unknown name and a wrong password look the same', async () => {
    const messages: (string | null)[] = [];
    for (const username of ['alice', 'nobody-of-that-name']) {
      const { page } = await openPhone(browser);
      const request = await codeRequest(own.config, { redirect_uri: callback });
      await page.goto(request.url.href);
      await untilFocused(page, 'username');
      await page.keyboard.type(username);
      await page.keyboard.press('Tab');
      await page.keyboard.type('not the password');
      await page.keyboard.press('Enter');
      messages.push(await alertOf(page));
      await page.context().close();
    }
    assert.ok(messages[0]);
    assert.equal(messages[0], messages[1]);
  });

  test('an application of others is let in with the keyboard too, and its name is text only', async () => {
    const name = '<img src=x onerror=alert(1)> & "Friends"';
    const foreign = await registerClient(house, {
      client_name: name,
      redirect_uris: [callback],
      first_party: false,
    });
    const { page, faults, origins } = await openPhone(browser);
    const request = await codeRequest(foreign.config, { redirect_uri: callback });
    await page.goto(request.url.href);
    await untilFocused(page, 'username');
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type(alice(house).password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Allow access?' }).waitFor();
    assert.ok((await page.getByText(name).count()) > 0);
    await expectLabelledAndFitting(page);
    for (let presses = 0; presses < 5; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused(page)).name === 'Allow') break;
    }
    assert.deepEqual(await focused(page), { name: 'Allow', visible: true });
    await page.keyboard.press('Enter');
    await page.waitForURL(`${callback}?**`);
    assert.ok(new URL(page.url()).searchParams.get('code'));
    assert.deepEqual(faults, []);
    assert.deepEqual([...origins], [house.url, new URL(callback).origin]);
    await page.context().close();
  });

  test('a passkey is made, signs in alone, steps up, and stops once there are two of it', async () => {
    const { page, faults, origins } = await openPhone(browser);
    const { cdp, authenticatorId } = await addPasskeys(page);
    const account = `${house.url}/${WORKFORCE}/account`;
    const typePassword = async () => {
      await page.getByLabel('Username').fill('alice');
      await page.getByLabel('Password').fill(alice(house).password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    };
    const claimsOf = async (request: Awaited<ReturnType<typeof codeRequest>>) => {
      await page.waitForURL(`${callback}?**`);
      const tokens = await client.authorizationCodeGrant(own.config, new URL(page.url()), {
        pkceCodeVerifier: request.verifier,
        expectedState: request.state,
        expectedNonce: request.nonce,
      });
      return readToken(tokens.id_token ?? '').claims;
    };

    await page.goto(account);
    await typePassword();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await expectLabelledAndFitting(page);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Your passkey was added').waitFor();
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    const [made] = credentials;
    assert.ok(made);

    await page.context().clearCookies();
    const alone = await codeRequest(own.config, { redirect_uri: callback });
    await pressWithFinger({ page, cdp, authenticatorId }, alone.url.href);
    assert.deepEqual((await claimsOf(alone))['amr'], ['hwk', 'user', 'mfa']);

    await page.context().clearCookies();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    const wanted = { redirect_uri: callback, acr_values: 'phr' };
    const stepUp = await codeRequest(own.config, wanted);
    await page.goto(stepUp.url.href);
    await typePassword();
    await page.getByRole('heading', { name: 'Confirm it’s you' }).waitFor();
    await expectLabelledAndFitting(page);
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.getByRole('button', { name: 'Use your passkey' }).click();
    const { amr, acr } = await claimsOf(stepUp);
    assert.deepEqual({ amr, acr }, { amr: ['pwd', 'hwk', 'user', 'mfa'], acr: 'phr' });
    assert.deepEqual(faults, []);
    assert.deepEqual([...origins], [house.url, new URL(callback).origin]);

    // A thief has the key as it was when it was made.
    const thief = await openPhone(browser);
    const theirs = await addPasskeys(thief.page);
    await theirs.cdp.send('WebAuthn.addCredential', {
      authenticatorId: theirs.authenticatorId,
      credential: made,
    });
    const stolen = await codeRequest(own.config, { redirect_uri: callback });
    await pressWithFinger({ ...theirs, page: thief.page }, stolen.url.href);
    await thief.page.getByRole('alert').filter({ hasText: 'did not work here' }).waitFor();
    // Whoever came first may have been the thief: every sign-in has ended.
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.goto(account);
    await typePassword();
    await page.getByText('somebody may have copied it').waitFor();
    await thief.page.context().close();
    await page.context().close();
  });

  /**
   * Without a finger until the page is there: the authenticator says yes to the browser's own offer of
   * passkeys at once, and the button is what is to be seen here.
   */
  async function pressWithFinger(
    { page, cdp, authenticatorId }: VirtualPasskeys & { page: Page },
    url: string,
  ): Promise<void> {
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.goto(url);
    const button = page.getByRole('button', { name: 'Sign in with a passkey' });
    await button.waitFor();
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await button.click();
  }

  /** The page gives its field the focus by itself; on a busy machine a moment after it has loaded. */
  async function untilFocused(page: Page, field: string): Promise<void> {
    await page.waitForFunction(
      (name) => document.activeElement?.getAttribute('name') === name,
      field,
    );
  }

  /** Every field has its label, every button is big enough for a thumb, nothing sticks out. */
  async function expectLabelledAndFitting(page: Page): Promise<void> {
    const facts = await page.evaluate(() => ({
      language: document.documentElement.lang,
      unlabelled: [...document.querySelectorAll('input:not([type=hidden])')]
        .filter((input) => ((input as HTMLInputElement).labels?.length ?? 0) === 0)
        .map((input) => input.outerHTML),
      small: [...document.querySelectorAll('button, input:not([type=hidden])')]
        .filter((element) => element.getBoundingClientRect().height < 40)
        .map((element) => element.outerHTML),
      headings: document.querySelectorAll('h1').length,
      overflow: document.documentElement.scrollWidth - window.innerWidth,
    }));
    assert.deepEqual(facts, {
      language: 'en',
      unlabelled: [],
      small: [],
      headings: 1,
      overflow: 0,
    });
  }

  test('the verifier accepts a genuine token there and refuses forged ones', async () => {
    const service = await registerService(house);
    const { access_token: genuine } = await client.clientCredentialsGrant(service.config);
    const admin = { sub: 'admin', client_id: 'admin' };
    const thieves = {
      withoutReceipt: forgeToken(house, genuine, admin, ({ alg, kid, typ }) => ({ alg, kid, typ })),
      withReceiptOfAnother: forgeToken(house, genuine, admin, (header) => header),
      withBrokenSignature: `${genuine.slice(0, -4)}${genuine.endsWith('AAAA') ? 'BBBA' : 'AAAA'}`,
    };
    const policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
    const { page, faults } = await openPhone(browser);
    // A page of the same origin: a browser's verifier asks for keys, feed and log from there.
    await page.route('**/app', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>App</title>' }),
    );
    await page.goto(`${house.url}/app`);
    await page.addScriptTag({ content: await bundleVerifier() });
    const audience = house.demo.resource.identifier;
    const verdicts = await page.evaluate(judgeInBrowser, {
      policy,
      audience,
      tokens: { genuine, ...thieves },
    });
    assert.deepEqual(verdicts, {
      genuine: 'accepted',
      withoutReceipt: 'receipt_missing',
      withReceiptOfAnother: 'receipt_invalid',
      withBrokenSignature: 'signature_invalid',
    });
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  async function bundleVerifier(): Promise<string> {
    const { outputFiles } = await build({
      stdin: {
        contents: "export { createVerifier } from '@countersign/verifier';",
        resolveDir: ROOT,
      },
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'countersign',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
    });
    const [output] = outputFiles;
    assert.ok(output);
    assert.doesNotMatch(output.text, /node:crypto/);
    return output.text;
  }
});

/** Runs in the page. */
async function judgeInBrowser(asked: {
  policy: unknown;
  audience: string;
  tokens: Record<string, string>;
}): Promise<Record<string, string>> {
  const { countersign } = globalThis as unknown as {
    countersign: typeof import('@countersign/verifier');
  };
  const verifier = countersign.createVerifier(asked.policy as never);
  const verdicts: Record<string, string> = {};
  for (const [name, token] of Object.entries(asked.tokens)) {
    try {
      const { receipt } = await verifier.verifyToken(token, { audience: asked.audience });
      verdicts[name] = receipt === undefined ? 'accepted without a receipt' : 'accepted';
    } catch (error) {
      verdicts[name] = String((error as { code?: unknown }).code ?? error);
    }
  }
  await verifier.close();
  return verdicts;
}
