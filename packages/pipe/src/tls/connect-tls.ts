// The asking end of a connection to another host: TLS 1.3 with own certificate, one connection that
// all requests share and travel on in batches, and a new one, after a growing pause, when it is lost.

import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { CodedError } from '@countersign/vocabulary';
import { connectPipe, type PipeClient, type PipeRefusal } from '../pipe-client.ts';
import type { TlsIdentity } from './tls-identity.ts';

export interface ConnectTlsOptions {
  host: string;
  port: number;
  identity: TlsIdentity;
  /** Name that the server's certificate must carry. Default `host`. */
  serverName?: string;
  /** As for a pipe. Defaults 8,192 and 10,000. */
  maxInFlight?: number;
  timeoutMs?: number;
  /** Time for connection and handshake. Default 5,000. */
  connectMs?: number;
  /** First pause before connecting again; doubles up to `maxPauseMs`. Default 50. */
  minPauseMs?: number;
  /** Default 2,000. */
  maxPauseMs?: number;
  /** Told of each connection that was lost or did not come about. */
  onLost?: (reason: Error) => void;
}

export interface TlsPeer extends PipeClient {
  /** True while requests go out; otherwise they fail with `peer_gone` at once. */
  readonly connected: boolean;
}

const KEEP_ALIVE_MS = 15_000;

/** Returns at once and connects; requests before that fail with `peer_gone`, like later ones. */
export function connectTls(options: ConnectTlsOptions): TlsPeer {
  return new ReconnectingPeer(options);
}

class ReconnectingPeer implements TlsPeer {
  readonly #options: ConnectTlsOptions;
  readonly #minPauseMs: number;
  #socket: TLSSocket | undefined;
  #client: PipeClient | undefined;
  #pauseMs: number;
  #retry: NodeJS.Timeout | undefined;
  #heardMs = 0;
  #closed = false;

  constructor(options: ConnectTlsOptions) {
    this.#options = options;
    this.#minPauseMs = options.minPauseMs ?? 50;
    this.#pauseMs = this.#minPauseMs;
    this.#connect();
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  request(op: number, body: Uint8Array): Promise<Uint8Array> {
    const client = this.#client;
    if (client === undefined) return Promise.reject(gone());
    const askedMs = performance.now();
    const answer = client.request(op, body);
    // A host that vanished sends no end of its connection: silence since we asked is what tells.
    answer.catch((error: unknown) => {
      const silent = error instanceof CodedError && error.code === 'peer_timeout';
      if (silent && client === this.#client && this.#heardMs < askedMs) this.#socket?.destroy();
    });
    return answer;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#client?.close();
    this.#socket?.destroy();
  }

  #connect(): void {
    const { host, port, identity, serverName = host } = this.#options;
    const { certificate: cert, key, authority: ca } = identity;
    const socket = connect({
      ...{ host, port, cert, key, ca, minVersion: 'TLSv1.3', rejectUnauthorized: true },
      // An address cannot be a server name in TLS; it is compared with the certificate all the same.
      ...(isAddress(serverName) ? {} : { servername: serverName }),
      checkServerIdentity: (_asked, certificate) => checkServerIdentity(serverName, certificate),
    });
    this.#socket = socket;
    let reason: Error | undefined;
    const patience = setTimeout(
      () => socket.destroy(new Error('The handshake took too long.')),
      this.#options.connectMs ?? 5000,
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', (error) => {
      reason ??= error;
    });
    socket.once('secureConnect', () => {
      clearTimeout(patience);
      this.#adopt(socket);
    });
    socket.once('close', () => {
      clearTimeout(patience);
      this.#lost(reason ?? new Error('The connection was closed.'));
    });
  }

  #adopt(socket: TLSSocket): void {
    const { maxInFlight, timeoutMs } = this.#options;
    // A refused certificate shows only now, as an end: a pause grows until something was answered.
    socket.on('data', () => {
      this.#heardMs = performance.now();
      this.#pauseMs = this.#minPauseMs;
    });
    this.#client = connectPipe({
      readable: socket,
      writable: socket,
      ...(maxInFlight === undefined ? {} : { maxInFlight }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      onClosed: () => {
        this.#client = undefined;
        socket.destroy();
      },
    });
  }

  #lost(reason: Error): void {
    this.#client = undefined;
    if (this.#closed) return;
    this.#options.onLost?.(reason);
    // Half of the pause by chance, so that many clients of one server do not come back as one.
    const pauseMs = this.#pauseMs * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.#connect(), pauseMs);
    this.#retry.unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.maxPauseMs ?? 2000);
  }
}

function isAddress(name: string): boolean {
  return name.includes(':') || /^[0-9.]+$/.test(name);
}

function gone(): CodedError<PipeRefusal> {
  return new CodedError('peer_gone', 'There is no connection to the other host at the moment.', {
    retryAfterSeconds: 1,
  });
}
