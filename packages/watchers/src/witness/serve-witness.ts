// A witness over HTTP/1.1, bounded in every direction. Plain: what it says is signed and what it is
// told is checked, but put a TLS proxy in front of it where others reach it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerWitness } from './answer-witness.ts';
import type { Witness } from './open-witness.ts';
import { MAX_BODY_BYTES } from './parse-request.ts';
import { answerRefusal, type WitnessAnswer, WitnessRefusal } from './witness-answer.ts';

export interface ServeWitnessOptions {
  witness: Witness;
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Told of faults of our own, which answer 500. */
  onFault?: (error: unknown) => void;
}

export interface ServedWitness {
  readonly host: string;
  readonly port: number;
  /** Stops listening and waits for what is under way. Leaves the witness open. */
  close(): Promise<void>;
}

const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MAX_CONNECTIONS = 256;
/** How long requests under way may take once the end was asked for. */
const PATIENCE_MS = 5_000;

/** @throws what listening throws, such as EADDRINUSE */
export async function serveWitness(options: ServeWitnessOptions): Promise<ServedWitness> {
  const server = createServer(
    LIMITS,
    (request, response) => void respond(options, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, close: () => closeServer(server) };
}

async function respond(
  { witness, onFault }: ServeWitnessOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request;
  let answer: WitnessAnswer;
  try {
    const body = await readBody(request);
    answer = await answerWitness(witness, { method, path: url, body });
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    if (!(error instanceof WitnessRefusal)) onFault?.(error);
    const refusal = error instanceof WitnessRefusal ? error : fault(error);
    answer = answerRefusal(refusal);
  }
  // An unread rest of a body would be taken for the next request.
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.end(method === 'HEAD' ? undefined : answer.body);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) {
      throw new WitnessRefusal('body_too_large', `A request has at most ${MAX_BODY_BYTES} bytes.`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function fault(cause: unknown): WitnessRefusal {
  return new WitnessRefusal('witness_stopped', 'The witness failed; its operator was told.', cause);
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  await closed;
  clearTimeout(patience);
}
