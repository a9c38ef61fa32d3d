// The HTTP server: realms first, then everything else. Timeouts and header limits are set here,
// because a server that faces strangers has none by accident.

import { createServer, type Server } from 'node:http';
import type { AddressOf, ProviderHouse } from '@countersign/provider';
import { CodedError } from '@countersign/vocabulary';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Logger } from 'pino';
import { noteAddress } from './context/visitor-address.ts';

export interface DoorParts {
  listen: { host: string; port: number };
  provider: Pick<ProviderHouse, 'handle'>;
  routes: Hono;
  /** Whom a request is from; noted for the routes. */
  addressOf: AddressOf;
  log: Logger;
}

export interface Door {
  /** Takes no new connection and lets those under way finish, for a while. */
  close(): Promise<void>;
}

const GRACE_MS = 3000;

/** @throws CodedError `port_in_use` */
export async function openDoor(parts: DoorParts): Promise<Door> {
  const { listen, provider, routes, addressOf, log } = parts;
  const others = getRequestListener(routes.fetch);
  const server = createServer(
    {
      maxHeaderSize: 32 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // How often those two are looked at; by default so seldom that 10 s would mean up to 40.
      connectionsCheckingInterval: 2000,
      keepAliveTimeout: 30_000,
    },
    (request, response) => {
      noteAddress(request, addressOf(request));
      provider
        .handle(request, response)
        .then((handled) => (handled ? undefined : others(request, response)))
        .catch((error: unknown) => {
          log.error({ err: error }, 'a request failed');
          if (!response.headersSent)
            response.writeHead(500, { 'content-type': 'application/problem+json' });
          response.end(
            JSON.stringify({
              type: 'about:blank',
              title: 'Something went wrong here.',
              status: 500,
              code: 'internal_error',
            }),
          );
        });
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, listen)));
    server.listen(listen.port, listen.host, resolve);
  });
  return { close: () => closeServer(server) };
}

function explain(error: Error, { host, port }: { host: string; port: number }): Error {
  if (!('code' in error) || error.code !== 'EADDRINUSE') return error;
  return new CodedError(
    'port_in_use',
    `Something already listens on ${host}:${port}; stop it or set COUNTERSIGN_URL to another port.`,
  );
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(impatience);
}
