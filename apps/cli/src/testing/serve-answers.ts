// A server that answers by path, for what a command does with good, bad and hostile answers.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CannedAnswer {
  status?: number;
  body: string;
  headers?: Record<string, string>;
}

export interface AnswerServer {
  url: string;
  requests: IncomingMessage[];
  /** What came with each of the requests. */
  bodies: string[];
  close(): void;
}

export async function serveAnswers(
  answers: Readonly<Record<string, CannedAnswer>>,
): Promise<AnswerServer> {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    const at = requests.push(request) - 1;
    bodies[at] = '';
    request.on('data', (chunk: Buffer) => {
      bodies[at] += chunk.toString();
    });
    const [path = ''] = (request.url ?? '').split('?');
    const { status = 200, body, headers = {} } = answers[path] ?? { status: 404, body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bodies,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
