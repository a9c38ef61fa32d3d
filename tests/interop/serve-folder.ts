// A plain static web server over a folder, as anybody might put before a log's public files.

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

export interface ServedFolder {
  url: string;
  close(): Promise<void>;
}

/** @param alter changes what is served, as a dishonest mirror would */
export async function serveFolder(
  folder: string,
  alter: (path: string, bytes: Buffer) => Buffer = (_path, bytes) => bytes,
): Promise<ServedFolder> {
  const server: Server = createServer((request, response) => {
    const path = normalize(`/${request.url ?? ''}`);
    readFile(join(folder, path)).then(
      (bytes) => response.end(alter(path, bytes)),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
