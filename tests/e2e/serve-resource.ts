// A resource server as its developer writes it: a real Express app with our guard in front of one
// route, listening on a free loopback port.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GuardOptions, guardExpress } from '@countersign/verifier';
import express from 'express';

type GuardedRequest = Parameters<ReturnType<typeof guardExpress>>[0];

export interface ResourceServer {
  /** `GET`: who the token is for, as JSON. */
  url: URL;
  close(): Promise<void>;
}

export async function serveResource(options: GuardOptions): Promise<ResourceServer> {
  const app = express();
  app.get('/orders', guardExpress(options), (request: GuardedRequest, response) => {
    const { sub, scope } = request.token?.claims ?? {};
    response.json({ sub, scope });
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/orders`),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
