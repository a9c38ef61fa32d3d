// A user agent, parsed by bowser and remembered by its text: parsing takes fifty times as long as
// looking it up. Cut before it is parsed, so that no text takes long.

import Bowser from 'bowser';
import type { AgentFacts, DeviceClass } from '../surroundings.ts';

export const LONGEST_AGENT = 512;
const MOST_REMEMBERED = 4096;
const LONGEST_NAME = 64;

const remembered = new Map<string, AgentFacts>();

/** Programs that say what they are. */
const PROGRAM =
  /^(curl|wget|python-requests|python-urllib|python|aiohttp|httpx|go-http-client|okhttp|java|apache-httpclient|axios|node-fetch|node|undici|got|openid-client|libwww-perl|ruby|php|postmanruntime|insomnia|powershell|dart)(?:[/ ]v?(\d{1,6})[^ ]*)?(?: |$)/i;
const DRIVEN = /HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium|Electron\/|Cypress/i;
const DEVICES: Readonly<Record<string, DeviceClass>> = {
  ...{ desktop: 'desktop', mobile: 'mobile', tablet: 'tablet', tv: 'tv', bot: 'bot' },
};
/** What reduced user agents say of every system of that name, whatever it is. */
const FROZEN: Readonly<Record<string, string>> = {
  macOS: '10.15.7',
  Android: '10',
  Windows: 'NT 10.0',
};

/** The same object for the same text: not to be changed. */
export function readAgent(userAgent: string): Readonly<AgentFacts> {
  const text = userAgent.slice(0, LONGEST_AGENT);
  const known = remembered.get(text);
  if (known !== undefined) {
    remembered.delete(text);
    remembered.set(text, known);
    return known;
  }
  const facts = Object.freeze(parse(text));
  remembered.set(text, facts);
  if (remembered.size > MOST_REMEMBERED) {
    const [oldest] = remembered.keys();
    if (oldest !== undefined) remembered.delete(oldest);
  }
  return facts;
}

/** Whether it says that no person sits before it. */
export function isDriven(userAgent: string): boolean {
  return DRIVEN.test(userAgent.slice(0, LONGEST_AGENT));
}

function parse(text: string): AgentFacts {
  const [, program, programVersion] = PROGRAM.exec(text) ?? [];
  if (program !== undefined) {
    return {
      ...{ text, browser: program.toLowerCase(), device: 'bot' },
      ...(programVersion === undefined ? {} : { browserVersion: programVersion }),
    };
  }
  const { browser, os, platform } = ask(text);
  const facts: AgentFacts = { text, device: DEVICES[platform?.type ?? ''] ?? 'unknown' };
  const browserVersion = /^\d{1,6}/.exec(browser?.version ?? '')?.[0];
  const osVersion = versionOf(os?.name, os?.version, text);
  if (browser?.name) facts.browser = browser.name.slice(0, LONGEST_NAME);
  if (browserVersion !== undefined) facts.browserVersion = browserVersion;
  if (os?.name) facts.os = os.name.slice(0, LONGEST_NAME);
  if (osVersion !== undefined) facts.osVersion = osVersion;
  if (facts.device === 'unknown' && os?.name === 'Chrome OS') facts.device = 'desktop';
  return facts;
}

function ask(text: string): Partial<Bowser.Parser.ParsedResult> {
  try {
    return Bowser.getParser(text).getResult();
  } catch {
    // An empty text, and whatever a parser of free text may stumble over: nothing is known then.
    return {};
  }
}

/** The major version, where it means anything. */
function versionOf(
  name: string | undefined,
  version: string | undefined,
  text: string,
): string | undefined {
  if (name === undefined || version === undefined) return undefined;
  const reduced = /Chrome\/\d+\.0\.0\.0|Version\/[\d.]+ .*Safari|Firefox\//.test(text);
  if (reduced && FROZEN[name] === version) return undefined;
  return /\d{1,6}/.exec(version)?.[0];
}
