// Opens every page in Chromium at desktop and phone width, in light and dark, and keeps pictures.
// Usage: node packages/provider/src/testing/take-screenshots.ts FOLDER

import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { openWorld } from './open-world.ts';
import { codeRequest, PASSWORD, registerClient, seedAcme } from './seed-acme.ts';

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
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const world = await openWorld();
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
        javaScriptEnabled: false,
      },
    );
    await takeAll(context, `${size}-${colorScheme}`);
    await context.close();
  }
}
await world.close();

async function takeAll(context: BrowserContext, suffix: string): Promise<void> {
  const page = await context.newPage();
  const shoot = async (name: string) => {
    const path = join(folder, `${name}-${suffix}.png`);
    // Headless Chromium sometimes has no frame to show right after a navigation.
    await page.screenshot({ path }).catch(() => page.screenshot({ path }));
  };
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
