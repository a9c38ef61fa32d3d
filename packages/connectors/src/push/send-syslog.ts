// Syslog (RFC 5424) over TLS with octet counting (RFC 5425). The protocol has no acknowledgement: a batch
// counts as taken when the receiver has ended its side of the connection after ours, which it does once
// it has read everything. A receiver that dies in between is sent the batch again.

import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { isPrivateAddress } from '../outbound/private-address.ts';
import { guardedLookup, type Reach } from '../outbound/send-request.ts';
import { pushError } from './push-error.ts';
import { allTaken, type PushedEvent, type Transport } from './pushed-event.ts';

export interface SyslogOptions {
  host: string;
  port: number;
  /** Authority of the receiver's certificate; public ones when absent. */
  ca?: string | undefined;
  /** Who we are, where the receiver asks (PEM). */
  client?: { certificate: string; key: string } | undefined;
  /** HOSTNAME of each message. */
  hostname: string;
  reach: Reach;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** Facility 13: log audit. */
const FACILITY = 13;
/** Severities of syslog by those of OCSF: unknown, informational, low, medium, high, critical, fatal. */
const SEVERITIES = [6, 6, 5, 4, 3, 2, 1];

export function syslogTransport(options: SyslogOptions): Transport {
  const { host, reach } = options;
  return {
    async send(events, signal) {
      if (reach === 'public' && isIP(host) !== 0 && isPrivateAddress(host)) {
        throw pushError('sink_refused', `${host} is not on the public internet.`);
      }
      await deliver(options, frames(events, options.hostname), signal);
      return allTaken(events);
    },
  };
}

async function deliver(
  { host, port, ca, client, reach, timeoutMs = TIMEOUT_MS }: SyslogOptions,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: TLSSocket = connect({
    ...{ host, port, lookup: guardedLookup(reach), minVersion: 'TLSv1.2' },
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
  });
  let ended = false;
  const timer = setTimeout(() => socket.destroy(new Error('timed out')), timeoutMs);
  const abort = (): void => void socket.destroy(new Error('stopped'));
  signal.addEventListener('abort', abort, { once: true });
  // Whatever the receiver says has no meaning; unread it would keep its end from arriving.
  socket.resume();
  socket.once('secureConnect', () => socket.end(bytes));
  socket.once('end', () => {
    ended = socket.writableFinished;
  });
  socket.once('error', reject);
  socket.once('close', () =>
    ended ? resolve() : reject(new Error('the connection ended before everything was taken')),
  );
  try {
    await promise;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'outbound_refused') throw pushError('sink_refused', (cause as Error).message);
    const message = `${host} did not take the batch: ${(cause as Error).message}`;
    throw pushError('sink_unreachable', message, { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** RFC 5425 §4.3: the length of each message in octets, a space, the message. */
export function frames(events: readonly PushedEvent[], hostname: string): Buffer {
  return Buffer.concat(
    events.flatMap((event) => {
      const message = Buffer.from(messageOf(event, hostname));
      return [Buffer.from(`${message.length} `), message];
    }),
  );
}

function messageOf({ timeMs, name, severityId, ocsf }: PushedEvent, hostname: string): string {
  const priority = FACILITY * 8 + (SEVERITIES[severityId] ?? 6);
  const msgId = name.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 32) || '-';
  const host = hostname.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 255) || '-';
  return `<${priority}>1 ${new Date(timeMs).toISOString()} ${host} countersign - ${msgId} - ${ocsf}`;
}
