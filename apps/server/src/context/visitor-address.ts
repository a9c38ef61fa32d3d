// The visitor's address of a request, for routes that record who asked. The door notes it once, where the
// proxies are known; whatever came by another way has the socket's.

import type { IncomingMessage } from 'node:http';

const addresses = new WeakMap<IncomingMessage, string>();

export function noteAddress(request: IncomingMessage, address: string | undefined): void {
  if (address !== undefined) addresses.set(request, address);
}

export function notedAddress(request: IncomingMessage | undefined): string | undefined {
  if (request === undefined) return undefined;
  return addresses.get(request) ?? request.socket?.remoteAddress;
}
