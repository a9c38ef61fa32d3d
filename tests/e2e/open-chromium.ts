// Debian's Chromium, driven by playwright-core, in a phone's window. What a page does wrong is kept:
// violations of its policy, console errors, requests to other places.

import { existsSync } from 'node:fs';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why tests in a browser are skipped; in CI they are not, and a missing Chromium fails them. */
export const skipReason =
  existsSync(CHROMIUM) || process.env['CI'] !== undefined
    ? false
    : `there is no ${CHROMIUM}; install Debian's chromium to run this`;

export function openChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

export interface WatchedPage {
  page: Page;
  /** Policy violations and console errors. */
  faults: string[];
  /** Origins that were asked for anything. */
  origins: Set<string>;
}

export async function openPhone(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({
    // What it says of itself fits together, as with a real one: risk looks at it.
    userAgent: `Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Mobile Safari/537.36`,
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const origins = new Set<string>();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  return { page, faults, origins };
}

export interface VirtualPasskeys {
  cdp: CDPSession;
  authenticatorId: string;
}

/** An authenticator in the page's browser (CDP, WebAuthn domain): it has a finger, and says yes. */
export async function addPasskeys(page: Page): Promise<VirtualPasskeys> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true },
    },
  });
  return { cdp, authenticatorId };
}
