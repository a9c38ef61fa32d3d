// Who sent a request, as far as the server can say: the socket's peer, or whom a trusted proxy served.
// Headers of anybody else are what they are: text.

import type { IncomingMessage } from 'node:http';
import { formatAddress, parseAddress } from '@countersign/context';
import { type AddressOf, type SurroundingsOf, surroundingsOfHeaders } from '@countersign/provider';
import type { ProxySettings } from '../settings/read-proxy.ts';
import { entriesOfForwarded, entriesOfList, visitorOf } from './read-forwarded.ts';

export interface Visitors {
  addressOf: AddressOf;
  surroundingsOf: SurroundingsOf;
}

const LONGEST_FACT = 512;

export function seeVisitors(proxy: ProxySettings | undefined): Visitors {
  if (proxy === undefined) {
    return { addressOf: peerOf, surroundingsOf: surroundingsOfHeaders(peerOf) };
  }
  const known = new WeakMap<IncomingMessage, string | undefined>();
  const addressOf: AddressOf = (request) => {
    if (!known.has(request)) known.set(request, findAddress(proxy, request));
    return known.get(request);
  };
  const shown = surroundingsOfHeaders(addressOf);
  return {
    addressOf,
    surroundingsOf(request) {
      const surroundings = shown(request);
      if (!isFromProxy(proxy, request)) return surroundings;
      const ja4 = textOf(request, proxy.ja4Header);
      const tls = textOf(request, proxy.tlsHeader);
      if (ja4 !== undefined) surroundings.ja4 = ja4;
      if (tls !== undefined) surroundings.tls = tls;
      return surroundings;
    },
  };
}

function peerOf(request: IncomingMessage): string | undefined {
  return request.socket?.remoteAddress;
}

function isFromProxy(proxy: ProxySettings, request: IncomingMessage): boolean {
  const peer = parseAddress(peerOf(request) ?? '');
  return peer !== undefined && proxy.isTrusted(formatAddress(peer));
}

function findAddress(proxy: ProxySettings, request: IncomingMessage): string | undefined {
  const header = request.headers[proxy.addressHeader];
  // Without the header a proxy asks for itself, as its health checks do.
  if (typeof header !== 'string' || !isFromProxy(proxy, request)) return peerOf(request);
  const entries =
    proxy.addressHeader === 'forwarded' ? entriesOfForwarded(header) : entriesOfList(header);
  return visitorOf(entries, proxy.isTrusted);
}

function textOf(request: IncomingMessage, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : request.headers[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, LONGEST_FACT) : undefined;
}
