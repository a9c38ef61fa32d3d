// The visitor's address of a request, for routes that record who asked. The door notes it once, where the
// proxies are known; whatever came by another way has the socket's.

import type { IncomingMessage } from 'node:http';

const addresses = new WeakMap<IncomingMessage, string | undefined>();

/** @param address undefined: a proxy was asked, and does not know. */
export function noteAddress(request: IncomingMessage, address: string | undefined): void {
  addresses.set(request, address);
}

export function notedAddress(request: IncomingMessage | undefined): string | undefined {
  if (request === undefined) return undefined;
  return addresses.has(request) ? addresses.get(request) : request.socket?.remoteAddress;
}
