// A log service that stands in for those of others: it hands out tokens that end, pages, throttles and
// fails as they do. What it serves is given by routes; what it was asked is kept for the test to look at.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  method: string;
  url: URL;
  authorization: string | undefined;
}

export interface Given {
  status?: number;
  headers?: Record<string, string | string[]>;
  body: unknown;
}

export interface Failure {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** The connection is cut instead. */
  cut?: boolean;
  /** No answer ever comes. */
  hang?: boolean;
}

export type Route = (asked: Asked) => Given | undefined;

export class LogStandIn {
  readonly asked: Asked[] = [];
  readonly #routes: Route[] = [];
  readonly #failures: Failure[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #token = 0;
  /** Forms that were sent for a token. */
  readonly tokenForms: URLSearchParams[] = [];
  tokenSeconds = 3600;

  static async open(...routes: Route[]): Promise<LogStandIn> {
    const standIn = new LogStandIn();
    standIn.#routes.push(...routes);
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokenUrl(): string {
    return `${this.base}/token`;
  }

  add(route: Route): void {
    this.#routes.push(route);
  }

  /** The next requests, tokens aside, fail like this; one each. */
  failNext(...failures: Failure[]): void {
    this.#failures.push(...failures);
  }

  /** Tokens handed out so far are taken no more. */
  endTokens(): void {
    this.#token += 1;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.base);
    const { method = 'GET' } = request;
    const { authorization } = request.headers;
    if (url.pathname === '/token') return this.#giveToken(request, response);
    this.asked.push({ method, url, authorization });
    const failure = this.#failures.shift();
    if (failure?.hang === true) return;
    if (failure?.cut === true) {
      response.destroy();
      return;
    }
    if (failure !== undefined) {
      return send(response, { ...failure, body: failure.body ?? { error: { code: 'Failure' } } });
    }
    if (authorization !== `Bearer token-${this.#token}` && authorization !== 'SSWS okta-token') {
      return send(response, {
        status: 401,
        body: { error: { code: 'InvalidAuthenticationToken' } },
      });
    }
    for (const route of this.#routes) {
      const given = route({ method, url, authorization });
      if (given !== undefined) return send(response, given);
    }
    send(response, { status: 404, body: { error: { code: 'NotFound' } } });
  }

  async #giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    this.tokenForms.push(form);
    const wrong = form.get('client_secret') === 'wrong';
    if (wrong) {
      const body = { error: 'invalid_client', error_description: 'secret: wrong' };
      return send(response, { status: 401, body });
    }
    const body = { access_token: `token-${this.#token}`, expires_in: this.tokenSeconds };
    send(response, { body: { token_type: 'Bearer', ...body } });
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Given): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

/** Counts up the page tokens of a service, which end when it forgets them. */
export class PageTokens {
  readonly #places = new Map<string, number>();
  #count = 0;

  make(place: number): string {
    this.#count += 1;
    const token = `page-${this.#count}`;
    this.#places.set(token, place);
    return token;
  }

  placeOf(token: string): number | undefined {
    return this.#places.get(token);
  }

  forget(): void {
    this.#places.clear();
  }
}
