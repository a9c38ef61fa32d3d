// Opens every page in Chromium at desktop and phone width, in light and dark, and keeps pictures.
// Usage: node packages/provider/src/testing/take-screenshots.ts FOLDER

import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { openWorld } from './open-world.ts';
import { codeRequest, PASSWORD, REALM, registerClient, seedAcme } from './seed-acme.ts';

const [, , folder = 'screenshots'] = process.argv;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

const world = await openWorld({
  recentSignIns: {
    list: async () => [
      {
        ...{ assessment: 'a-2', timeMs: Date.now(), outcome: 'signed_in', app: 'Payroll' },
        from: 'Chrome on Windows · Norway',
      },
      {
        ...{ assessment: 'a-1', timeMs: Date.now() - 86_400_000, outcome: 'refused' },
        ...{ from: 'Firefox on Linux · Latvia', answered: 'not_me' },
      },
    ],
    answer: async () => undefined,
  },
});
const { issuer } = await seedAcme(world);
const own = await registerClient(world, { client_name: 'Payroll' });
const foreign = await registerClient(world, { client_name: 'Travel Planner', first_party: false });
const device = await registerClient(world, {
  client_name: 'Meeting Room Display',
  grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
  redirect_uris: [],
  token_endpoint_auth_method: 'none',
});
mkdirSync(folder, { recursive: true });

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await chromium.launchPersistentContext(
      mkdtempSync(join(tmpdir(), 'chromium-')),
      {
        executablePath: '/usr/bin/chromium',
        headless: true,
        args: FLAGS,
        viewport,
        colorScheme,
      },
    );
    await takeAll(context, `${size}-${colorScheme}`);
    await takeAccount(context, `${size}-${colorScheme}`);
    await context.close();
  }
}
await world.close();

function photographer(page: Page, suffix: string): (name: string) => Promise<void> {
  return async (name) => {
    const path = join(folder, `${name}-${suffix}.png`);
    // Headless Chromium sometimes has no frame to show right after a navigation.
    const shoot = () => page.screenshot({ path, fullPage: true });
    await shoot().catch(shoot);
  };
}

/** With an authenticator in the browser (CDP, WebAuthn domain). */
async function takeAccount(context: BrowserContext, suffix: string): Promise<void> {
  const page = await context.newPage();
  const shoot = photographer(page, suffix);
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true },
    },
  });
  const username = `ada-${suffix}`;
  const { realm } = await world.directory.people.create({
    ...{ realm: REALM, username, name: 'Ada Lovelace', password: PASSWORD },
  });
  await page.goto(`${issuer}/account`);
  await fill(page, username, PASSWORD);
  await shoot('account-new');
  await page.fill('#new-name', 'Work laptop');
  await page.click('text=Add a passkey');
  await page.getByRole('status').waitFor();
  await shoot('account-confirm');
  await page.click('text=Confirm with a passkey');
  await page.getByText('Use your passkey to go on').waitFor();
  await shoot('step-up');
  await page.click('button.primary');
  await page.getByText('Rename').first().waitFor();
  await page.getByText('Rename').first().click();
  await shoot('account');
  const person = await world.directory.people.findByUsername(realm, username);
  const [held] = await world.directory.passkeys.list(realm, person?.id ?? '');
  await world.directory.passkeys.use(realm, held?.id ?? '', { counter: 1, backedUp: false });
  await page.goto(`${issuer}/account`);
  await shoot('account-stopped');
  await page.close();
}

async function takeAll(context: BrowserContext, suffix: string): Promise<void> {
  const page = await context.newPage();
  const shoot = photographer(page, suffix);
  await page.goto((await codeRequest(own.config)).url.href);
  await shoot('sign-in');
  await fill(page, 'ada', 'wrong');
  await shoot('sign-in-wrong');
  const consent = await codeRequest(foreign.config, {
    scope: 'openid profile email pay:read',
    resource: 'https://api.acme.test',
  });
  await page.goto(consent.url.href);
  await fill(page, 'ada', PASSWORD);
  await shoot('consent');
  const started = await (
    await fetch(`${issuer}/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: device.record.client_id, scope: 'openid' }),
    })
  ).json();
  await page.goto(`${issuer}/device`);
  await shoot('device-code');
  await page.fill('#user_code', String((started as { user_code: string }).user_code));
  await page.click('button.primary');
  await shoot('device-confirm');
  await page.click('button.primary');
  if (await page.$('.scopes')) await page.click('button.primary');
  await shoot('device-done');
  await page.goto(`${issuer}/session/end`);
  await shoot('sign-out');
  await page.click('button.primary');
  await shoot('signed-out');
  await page.goto(`${issuer}/auth?client_id=nobody&response_type=code`);
  await shoot('error');
}

async function fill(page: Page, username: string, password: string): Promise<void> {
  await page.fill('#username', username);
  await page.fill('#password', password);
  await page.click('button.primary');
}
