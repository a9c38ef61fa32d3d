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
  close(): void;
}

export async function serveAnswers(
  answers: Readonly<Record<string, CannedAnswer>>,
): Promise<AnswerServer> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    const [path = ''] = (request.url ?? '').split('?');
    const { status = 200, body, headers = {} } = answers[path] ?? { status: 404, body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
