// Frames for callers on other hosts: TLS 1.3, both sides by certificate, and of those that the
// authority vouches for only the ones on the list. Everything a stranger can hold open is bounded.

import type { X509Certificate } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { CodedError } from '@countersign/vocabulary';
import { type PipeRequest, servePipe } from '../serve-pipe.ts';
import { fingerprintOf, type TlsIdentity } from './tls-identity.ts';

export interface TlsLimits {
  /** Callers at once. Default 32. */
  connections: number;
  /**
   * Unfinished handshakes at once. One more and the oldest is dropped, so that strangers who wait do
   * not keep callers out. Default 256.
   */
  handshakes: number;
  /** Time for a handshake. Default 5,000. */
  handshakeMs: number;
  /** A connection that was silent so long, both ways, is closed. Default 120,000. */
  idleMs: number;
  /** Longest request. Default 1 MiB. */
  frameBytes: number;
  /** Requests of one connection without an answer; more are not read. Default 8,192. */
  unanswered: number;
  /** Their bytes, above which no more are read either. Default 16 MiB. */
  unansweredBytes: number;
}

export interface ServeTlsOptions {
  host: string;
  /** 0 for any that is free. */
  port: number;
  identity: TlsIdentity;
  /** Certificates that may ask, by `certificateFingerprint`. */
  allow: readonly string[];
  /** The `caller` of a request is the fingerprint of the certificate it came with. */
  onBatch(requests: PipeRequest[]): void;
  /** A connection that was refused or broke, for the operator's log. */
  onRefused?: (reason: string) => void;
  limits?: Partial<TlsLimits>;
}

export interface TlsDoor {
  readonly port: number;
  /** Connections that were let in and are open. */
  readonly callers: number;
  /** Takes nothing more and drops all connections. */
  close(): Promise<void>;
}

const LIMITS: TlsLimits = {
  connections: 32,
  handshakes: 256,
  handshakeMs: 5000,
  idleMs: 120_000,
  frameBytes: 1024 * 1024,
  unanswered: 8192,
  unansweredBytes: 16 * 1024 * 1024,
};
const FINGERPRINT = /^[0-9a-f]{64}$/;
const KEEP_ALIVE_MS = 15_000;

/** @throws CodedError `fingerprint_malformed`; Error when it cannot listen */
export async function serveTls(options: ServeTlsOptions): Promise<TlsDoor> {
  const limits = { ...LIMITS, ...options.limits };
  const allowed = readAllowed(options.allow);
  const { certificate: cert, key, authority: ca } = options.identity;
  const server = createServer({
    ...{ cert, key, ca, requestCert: true, rejectUnauthorized: true },
    minVersion: 'TLSv1.3',
    handshakeTimeout: limits.handshakeMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  const callers = new Set<TLSSocket>();
  const refused = (reason: string): void => options.onRefused?.(reason);
  const handshakes = boundHandshakes(server, limits.handshakes, refused);
  server.on('tlsClientError', (error, socket) => {
    refused(`no handshake: ${error.message}`);
    socket.destroy();
  });
  server.on('secureConnection', (socket) => {
    handshakes.delete(addressOf(socket));
    socket.on('error', (error) => refused(error.message));
    const name = socket.authorized ? callerOf(socket.getPeerX509Certificate()) : 'nobody';
    if (!allowed.has(name)) {
      refused(`the certificate ${name} is not on the list`);
      socket.destroy();
      return;
    }
    if (callers.size >= limits.connections) {
      refused('as many callers as are allowed');
      socket.destroy();
      return;
    }
    callers.add(socket);
    socket.once('close', () => callers.delete(socket));
    serveCaller({ socket, caller: name }, options.onBatch, limits, refused);
  });
  const port = await listen(server, options.host, options.port);
  return {
    port,
    get callers() {
      return callers.size;
    },
    close: () => close(server, [...callers, ...handshakes.values()]),
  };
}

/** Connections whose handshake is not finished, by where they come from, oldest first. */
function boundHandshakes(
  server: Server,
  most: number,
  refused: (reason: string) => void,
): Map<string, Socket> {
  const handshakes = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const address = addressOf(socket);
    handshakes.set(address, socket);
    socket.once('close', () => {
      if (handshakes.get(address) === socket) handshakes.delete(address);
    });
    const [oldest] = handshakes;
    if (handshakes.size <= most || oldest === undefined) return;
    handshakes.delete(oldest[0]);
    oldest[1].destroy();
    refused('more handshakes than are allowed: the oldest was dropped');
  });
  return handshakes;
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function readAllowed(fingerprints: readonly string[]): ReadonlySet<string> {
  const allowed = new Set(fingerprints);
  for (const fingerprint of allowed) {
    if (!FINGERPRINT.test(fingerprint)) {
      throw new CodedError(
        'fingerprint_malformed',
        'A certificate is named by its SHA-256 in 64 lower-case hexadecimal digits.',
      );
    }
  }
  return allowed;
}

function callerOf(certificate: X509Certificate | undefined): string {
  return certificate === undefined ? 'nobody' : fingerprintOf(certificate);
}

function serveCaller(
  { socket, caller }: { socket: TLSSocket; caller: string },
  onBatch: ServeTlsOptions['onBatch'],
  limits: TlsLimits,
  refused: (reason: string) => void,
): void {
  socket.setTimeout(limits.idleMs, () => socket.destroy());
  servePipe({
    input: socket,
    output: socket,
    caller,
    maxFrameBytes: limits.frameBytes,
    maxUnanswered: limits.unanswered,
    maxUnansweredBytes: limits.unansweredBytes,
    onBatch,
    onEnd: (error) => {
      if (error !== undefined) refused(error instanceof Error ? error.message : 'it broke');
      socket.destroy();
    },
  });
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server, open: Iterable<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of open) socket.destroy();
  await closed;
}
