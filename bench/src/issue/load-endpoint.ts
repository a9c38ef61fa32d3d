// A closed-loop load on one endpoint: raw keep-alive sockets, the same bytes each time, latencies
// in microseconds. Small on purpose: on a shared machine the generator's own cost is in the result.

import { connect, type Socket } from 'node:net';
import { percentile } from '../measure.ts';

export interface LoadPlan {
  url: string;
  body: string;
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
export async function loadEndpoint({ url, body, connections, seconds }: LoadPlan): Promise<Load> {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(
    `POST ${pathname} HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
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
