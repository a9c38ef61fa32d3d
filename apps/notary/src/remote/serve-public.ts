// The public half of a log over HTTP: the checkpoint and the tiles as the notary wrote them (C2SP
// tlog-tiles), read-only. Below any prefix, because an origin may carry a path.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Listen, TlsIdentity } from '@countersign/pipe';
import { type LogPulse, parseTilePath } from '@countersign/transparency';

export interface PublicDoor {
  readonly port: number;
  close(): Promise<void>;
}

export interface PublicOptions extends Listen {
  /** `FOLDER/public` of the log. */
  folder: string;
  /** Path of the log's URL, without a slash at the end: `/log`, or nothing. */
  prefix: string;
  /** Over https with this certificate; http when undefined. */
  identity: TlsIdentity | undefined;
  /** Says when the checkpoint may be shown. */
  pulse: Pick<LogPulse, 'current' | 'lacksNothing'>;
  /** Told of what could not be served, in a line. */
  say(line: string): void;
}

const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 8192,
} as const;
const MOST_CONNECTIONS = 512;

export async function servePublic(options: PublicOptions): Promise<PublicDoor> {
  const { host, port, identity } = options;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request, response).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : 'an error without a name';
      options.say(`${request.method} ${request.url} was not served. ${reason}`);
      if (!response.headersSent) response.writeHead(500, { 'cache-control': 'no-store' });
      response.end();
    });
  };
  const server =
    identity === undefined
      ? createServer(TIMEOUTS, listener)
      : createHttpsServer(
          { ...TIMEOUTS, cert: identity.certificate, key: identity.key, minVersion: 'TLSv1.2' },
          listener,
        );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { folder, prefix, pulse }: PublicOptions,
  { method = '', url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length + 1) : '';
  const isCheckpoint = path === 'checkpoint';
  const current = !isCheckpoint || (await pulse.current());
  const known = isCheckpoint || parseTilePath(path) !== undefined;
  const bytes = known ? await readIfThere(join(folder, path)) : undefined;
  if (!current && !(bytes !== undefined && pulse.lacksNothing(bytes))) {
    response.writeHead(503, { 'cache-control': 'no-store', 'retry-after': '1' }).end();
    return;
  }
  if (bytes === undefined) {
    response.writeHead(404, { 'cache-control': 'no-store' }).end();
    return;
  }
  response.writeHead(200, {
    'content-type': isCheckpoint ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'cache-control': isCheckpoint ? 'public, max-age=1' : 'public, max-age=31536000, immutable',
    'content-length': bytes.length,
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  });
  response.end(method === 'HEAD' ? undefined : bytes);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // ENOTDIR and EISDIR: a path below a full tile, or a folder of partial ones.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
