// Client addresses as logs write them: `v4`, `v4:port`, `[v6]:port`, `v6`, `::1`, a zone, a name.

import { isIP, SocketAddress } from 'node:net';

export interface Address {
  /** At most 40 characters, as OCSF `ip_t` asks; lower case. */
  ip: string;
  port?: number;
}

const BRACKETED = /^\[([^\]]{2,64})\](?::(\d{1,5}))?$/;
const V4_PORT = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/;

/** Undefined when the text holds no address; the text itself stays in the raw record. */
export function addressOf(text: string | undefined): Address | undefined {
  if (text === undefined || text.length > 80) return undefined;
  const trimmed = text.trim();
  const [, host = trimmed, port] = BRACKETED.exec(trimmed) ?? V4_PORT.exec(trimmed) ?? [];
  const family = isIP(host.replace(/%.*$/, ''));
  if (family === 0) return undefined;
  const number = port === undefined ? undefined : Number(port);
  return {
    ip: spell(host, family),
    ...(number === undefined || number > 65_535 ? {} : { port: number }),
  };
}

/** An IPv4 address inside an IPv6 one is the same host; a zone says something only where it was read. */
function spell(host: string, family: number): string {
  const plain = host.replace(/%.*$/, '').toLowerCase();
  const inside = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(plain)?.[1];
  if (inside !== undefined) return inside;
  if (family === 4) return plain;
  return new SocketAddress({ address: plain, family: 'ipv6' }).address;
}
