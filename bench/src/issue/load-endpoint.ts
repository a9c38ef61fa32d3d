// A closed-loop load on one endpoint: raw keep-alive sockets, the same bytes each time, latencies
// in microseconds. Small on purpose: on a shared machine the generator's own cost is in the result.

import { connect, type Socket } from 'node:net';
import { percentile } from '../measure.ts';

export interface LoadPlan {
  url: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  connections: number;
  seconds: number;
}

export interface Load {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

const HEADER_END = '\r\n\r\n';

/** @throws Error on any answer but 200: a refused request is not a fast one. */
export async function loadEndpoint(plan: LoadPlan): Promise<Load> {
  const { connections, seconds } = plan;
  const { hostname, port } = new URL(plan.url);
  const request = describeRequest(plan);
  const latencies: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, () =>
      loop(connect(Number(port), hostname), request, endMs, latencies),
    ),
  );
  const tookSeconds = (performance.now() - startedMs) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / tookSeconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

function describeRequest({ url, clientId, clientSecret, scope }: LoadPlan): Buffer {
  const { port, pathname } = new URL(url);
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope }).toString();
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    `Host: localhost:${port}`,
    `Authorization: Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}${HEADER_END}${body}`);
}

function loop(socket: Socket, request: Buffer, endMs: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentMs = 0;
    let received = '';
    const send = (): void => {
      received = '';
      sentMs = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!isComplete(received)) return;
      if (!received.startsWith('HTTP/1.1 200')) {
        socket.destroy();
        reject(new Error(`not a token: ${received.slice(0, 400)}`));
        return;
      }
      const nowMs = performance.now();
      latencies.push(nowMs - sentMs);
      if (nowMs < endMs) send();
      else {
        socket.destroy();
        resolve();
      }
    });
  });
}

/** Both servers say how long their body is. */
function isComplete(received: string): boolean {
  const headerEnd = received.indexOf(HEADER_END);
  if (headerEnd < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, headerEnd + 2))?.[1];
  if (length === undefined) throw new Error('an answer without content-length');
  return received.length >= headerEnd + HEADER_END.length + Number(length);
}
