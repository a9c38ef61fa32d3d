// A browser without a screen: keeps cookies by path, follows redirects until one leaves for the
// client, and fills in forms by their field names. Runs no script: what ours does, a test does with a
// soft authenticator.

import assert from 'node:assert/strict';

export interface Form {
  action: string;
  fields: Record<string, string>;
  /** What our script hands to the browser: JSON of WebAuthn Level 3 §5.1.9, §5.1.10. */
  passkeyOptions?: string;
  /** Named submit buttons: name → value. */
  buttons: Record<string, string>;
}

export interface Page {
  url: string;
  status: number;
  headers: Headers;
  text: string;
  forms: Form[];
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

const MOST_REDIRECTS = 12;

export class ScriptedBrowser {
  readonly #origin: string;
  readonly #headers: Record<string, string>;
  #cookies: Cookie[] = [];

  /** @param headers Sent with every request: another user agent, or what a proxy adds. */
  constructor(origin: string, headers: Record<string, string> = {}) {
    this.#origin = origin;
    this.#headers = headers;
  }

  /** Every Set-Cookie line that came, oldest first. */
  readonly setCookieLines: string[] = [];

  cookie(name: string): string | undefined {
    return this.#cookies.find((cookie) => cookie.name === name)?.value;
  }

  open(url: string): Promise<Page> {
    return this.#go(url, { method: 'GET' });
  }

  submit(page: Page, form: Form, values: Record<string, string> = {}): Promise<Page> {
    return this.#go(new URL(form.action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...form.fields, ...values }),
      headers: { origin: this.#origin },
    });
  }

  /** Signs in where the page asks for it, allows what it asks, and returns where that led. */
  async signIn(url: string, username: string, password: string): Promise<Page> {
    let page = await this.open(url);
    const form = findForm(page, 'username');
    if (form !== undefined) page = await this.submit(page, form, { username, password });
    const consent = page.forms.find(({ action }) => action.endsWith('/consent'));
    return consent === undefined ? page : this.submit(page, consent);
  }

  async #go(url: string, init: RequestInit): Promise<Page> {
    let target = url;
    let request = init;
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      const response = await fetch(target, {
        ...request,
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          ...this.#headers,
          ...(request.headers as Record<string, string>),
          cookie: this.#cookieHeader(target),
        },
      });
      this.#remember(target, response);
      const location = response.headers.get('location');
      if (location === null) return readPage(target, response);
      await response.arrayBuffer();
      target = new URL(location, target).href;
      if (!target.startsWith(`${this.#origin}/`)) return leaving(target, response);
      request = { method: 'GET' };
    }
    assert.fail('too many redirects');
  }

  #cookieHeader(url: string): string {
    const { pathname } = new URL(url);
    return this.#cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(`${path.replace(/\/$/, '')}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #remember(url: string, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      this.setCookieLines.push(line);
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const cut = pair.indexOf('=');
      const name = pair.slice(0, cut);
      const path =
        attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? new URL(url).pathname;
      this.#cookies = this.#cookies.filter((kept) => kept.name !== name || kept.path !== path);
      if (!/expires=Thu, 01 Jan 1970/i.test(line)) {
        this.#cookies.push({ name, value: pair.slice(cut + 1), path });
      }
    }
  }
}

export function findForm(page: Page, field: string): Form | undefined {
  return page.forms.find(({ fields }) => field in fields);
}

function leaving(url: string, response: Response): Page {
  return { url, status: response.status, headers: response.headers, text: '', forms: [] };
}

async function readPage(url: string, response: Response): Promise<Page> {
  const text = await response.text();
  return { url, status: response.status, headers: response.headers, text, forms: readForms(text) };
}

function readForms(text: string): Form[] {
  return [...text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(
    ([form, action = '', inside = '']) => ({
      ...(form.includes(' data-passkey=')
        ? { passkeyOptions: attribute(form, 'data-options') }
        : {}),
      action: decodeText(action),
      fields: Object.fromEntries(
        [...inside.matchAll(/<input[^>]*>/g)].map(([tag]) => [
          attribute(tag, 'name'),
          attribute(tag, 'value'),
        ]),
      ),
      buttons: Object.fromEntries(
        [...inside.matchAll(/<button[^>]*name="[^"]*"[^>]*>/g)].map(([tag]) => [
          attribute(tag, 'name'),
          attribute(tag, 'value'),
        ]),
      ),
    }),
  );
}

function attribute(tag: string, name: string): string {
  return decodeText(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function decodeText(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
