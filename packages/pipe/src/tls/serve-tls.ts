// Frames for callers on other hosts: TLS 1.3, both sides by certificate, and of those that the
// authority vouches for only the ones on the list. Everything a stranger can hold open is bounded.

import type { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { CodedError } from '@countersign/vocabulary';
import { type PipeRequest, servePipe } from '../serve-pipe.ts';
import { fingerprintOf, type TlsIdentity } from './tls-identity.ts';

export interface TlsLimits {
  /** Connections at once, unfinished handshakes included. Default 32. */
  connections: number;
  /** Time for a handshake. Default 5,000. */
  handshakeMs: number;
  /** A connection that was silent so long, both ways, is closed. Default 120,000. */
  idleMs: number;
  /** Longest request. Default 1 MiB. */
  frameBytes: number;
  /** Requests of one connection without an answer; more are not read. Default 8,192. */
  unanswered: number;
}

export interface ServeTlsOptions {
  host: string;
  /** 0 for any that is free. */
  port: number;
  identity: TlsIdentity;
  /** Certificates that may ask, by `certificateFingerprint`. */
  allow: readonly string[];
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
  handshakeMs: 5000,
  idleMs: 120_000,
  frameBytes: 1024 * 1024,
  unanswered: 8192,
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
  server.maxConnections = limits.connections;
  const callers = new Set<TLSSocket>();
  const refused = (reason: string): void => options.onRefused?.(reason);
  server.on('tlsClientError', (error, socket) => {
    refused(`no handshake: ${error.message}`);
    socket.destroy();
  });
  server.on('drop', () => refused('as many connections as are allowed'));
  server.on('secureConnection', (socket) => {
    socket.on('error', (error) => refused(error.message));
    const name = socket.authorized ? callerOf(socket.getPeerX509Certificate()) : 'nobody';
    if (!allowed.has(name)) {
      refused(`the certificate ${name} is not on the list`);
      socket.destroy();
      return;
    }
    callers.add(socket);
    socket.once('close', () => callers.delete(socket));
    serveCaller(socket, options.onBatch, limits, refused);
  });
  const port = await listen(server, options.host, options.port);
  return {
    port,
    get callers() {
      return callers.size;
    },
    close: () => close(server, callers),
  };
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
  socket: TLSSocket,
  onBatch: ServeTlsOptions['onBatch'],
  limits: TlsLimits,
  refused: (reason: string) => void,
): void {
  socket.setTimeout(limits.idleMs, () => socket.destroy());
  servePipe({
    input: socket,
    output: socket,
    maxFrameBytes: limits.frameBytes,
    maxUnanswered: limits.unanswered,
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

async function close(server: Server, callers: ReadonlySet<TLSSocket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of callers) socket.destroy();
  await closed;
}
