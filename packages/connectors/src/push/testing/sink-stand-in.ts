// For tests: an HTTP service that takes what sinks send, and fails, throttles, hangs or takes half of it
// as it is told, one answer after the other.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** `hang`: no answer, ever. `cut`: the connection breaks after the request was read. */
export type Said =
  | 'hang'
  | 'cut'
  | { status: number; body?: unknown; headers?: Record<string, string> };

export class SinkStandIn {
  readonly heard: Heard[] = [];
  /** Said first, one a request; then `always`. */
  readonly next: ((heard: Heard) => Said)[] = [];
  always: (heard: Heard) => Said = () => ({ status: 200, body: {} });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const heard: Heard = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      this.heard.push(heard);
      const said = (this.next.shift() ?? this.always)(heard);
      if (said === 'hang') return;
      if (said === 'cut') return void response.socket?.destroy();
      const body = typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {});
      response.writeHead(said.status, said.headers).end(body);
    });
  }

  static async open(): Promise<SinkStandIn> {
    const standIn = new SinkStandIn();
    await new Promise<void>((resolve) => standIn.#server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
