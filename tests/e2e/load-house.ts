// Clients that ask for tokens as fast as a small pause allows and keep every one they are given.
// They know two kinds of bad luck, a broken connection and a 503; anything else is a fault.

import { setTimeout as sleep } from 'node:timers/promises';
import { ScriptedBrowser } from '../../packages/provider/src/testing/scripted-browser.ts';
import {
  type CodeRequest,
  codeRequest,
  REDIRECT,
  type Registered,
  signInForTokens,
} from './act-as-client.ts';
import type { House } from './run-house.ts';

export interface Load {
  /** Every token that reached a client, in the order of arrival. */
  readonly received: string[];
  /** Answers that no interruption explains. */
  readonly faults: string[];
  /** Requests that a broken connection or a 503 ended. */
  readonly interrupted: number;
  /** Resolves when so many token requests that began after this call were served. */
  untilServed(count: number, withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

const PAUSE_MS = 5;
// A process that starts needs the processor more than clients need to ask again.
const PAUSE_AFTER_TROUBLE_MS = 25;
const PATIENCE_MS = 60_000;

export function loadHouse(): Load & {
  addService(house: House, service: Registered, resource: string): void;
  addPerson(house: House, registered: Registered): Promise<void>;
} {
  return new RunningLoad();
}

class RunningLoad implements Load {
  readonly received: string[] = [];
  readonly faults: string[] = [];
  interrupted = 0;
  readonly #workers: Promise<void>[] = [];
  /** When each served request began, since `untilServed` was called last. */
  #served: number[] = [];
  #stopped = false;

  /** A machine that asks for one access token after the other. */
  addService(house: House, { id, secret, config }: Registered, resource: string): void {
    const endpoint = config.serverMetadata().token_endpoint ?? '';
    const form = { grant_type: 'client_credentials', resource };
    const ask = () => this.#ask(endpoint, `${id}:${secret}`, form);
    this.#workers.push(this.#repeat(house, ask));
  }

  /** A person with a session: codes, ID tokens and one refresh of each. Signs in before it returns. */
  async addPerson(house: House, registered: Registered): Promise<void> {
    const browser = new ScriptedBrowser(house.url);
    const first = await signInForTokens(house, registered, {}, browser);
    this.#keep({ access_token: first.access_token, id_token: first.id_token });
    this.#workers.push(this.#repeat(house, () => this.#visit(registered, browser)));
  }

  async untilServed(count: number, withinMs: number): Promise<void> {
    const sinceMs = performance.now();
    this.#served = [];
    while (this.#served.filter((startedMs) => startedMs > sinceMs).length < count) {
      if (performance.now() - sinceMs > withinMs) {
        throw new Error(`${this.#served.length} tokens within ${withinMs / 1000} s`);
      }
      await sleep(2);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }

  async #repeat(house: House, work: () => Promise<unknown>): Promise<void> {
    while (!this.#stopped) {
      const before = this.interrupted;
      try {
        await work();
      } catch (error) {
        if (!isBrokenConnection(error)) this.faults.push(`${house.url}: ${String(error)}`);
        this.interrupted += 1;
      }
      await sleep(this.interrupted > before ? PAUSE_AFTER_TROUBLE_MS : PAUSE_MS);
    }
  }

  async #visit({ id, secret, config }: Registered, browser: ScriptedBrowser): Promise<void> {
    const request = await codeRequest(config);
    const page = await browser.open(request.url.href);
    const code = URL.parse(page.url)?.searchParams.get('code') ?? '';
    if (page.status === 503) {
      this.interrupted += 1;
      return;
    }
    if (code === '') {
      // A password field here would mean that the session was lost.
      this.faults.push(`no code but ${page.status} at ${page.url}`);
      return;
    }
    const endpoint = config.serverMetadata().token_endpoint ?? '';
    const tokens = await this.#ask(endpoint, `${id}:${secret}`, redemption(request, code));
    if (tokens === undefined) return;
    const refresh_token = String(tokens['refresh_token']);
    await this.#ask(endpoint, `${id}:${secret}`, { grant_type: 'refresh_token', refresh_token });
  }

  async #ask(
    endpoint: string,
    credential: string,
    form: Record<string, string>,
  ): Promise<Record<string, unknown> | undefined> {
    const startedMs = performance.now();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(credential)}` },
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (response.status === 200) {
      const tokens = JSON.parse(text) as Record<string, unknown>;
      this.#keep(tokens);
      this.#served.push(startedMs);
      return tokens;
    }
    const polite = response.status === 503 && Number(response.headers.get('retry-after')) > 0;
    if (!polite) this.faults.push(`${form['grant_type']}: ${response.status} ${text}`);
    this.interrupted += 1;
    return undefined;
  }

  #keep({ access_token, id_token }: Record<string, unknown>): void {
    for (const token of [access_token, id_token]) {
      if (typeof token === 'string') this.received.push(token);
    }
  }
}

function redemption({ verifier }: CodeRequest, code: string): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  };
}

/** Refused, reset or cut short: what a killed process looks like from the other end. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}
