// The endpoint that made Storm-0558 possible: one key set for everyone. Microsoft's common OpenID
// metadata listed consumer and enterprise keys together since 2018; this serves any keys together.
// Countersign has no such endpoint, so the stage has to bring it.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MergedKeys {
  url: string;
  close(): Promise<void>;
}

export async function serveMergedKeys(keys: readonly object[]): Promise<MergedKeys> {
  const body = JSON.stringify({ keys });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/common/discovery/keys`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
