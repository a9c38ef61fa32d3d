// Where a request came from. Without a word from the server it is what the socket says: forwarding
// headers are not believed, because whoever can send one could write any address into the audit log.

import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '@countersign/vocabulary';

const LONGEST_USER_AGENT = 256;

/** The visitor's address as text, or undefined when there is none (a closed or local socket). */
export type AddressOf = (request: IncomingMessage) => string | undefined;

export const addressOfSocket: AddressOf = (request) => request.socket?.remoteAddress;

export function requestFacts(
  { addressOf }: { addressOf: AddressOf },
  context: { req: IncomingMessage } | undefined,
): RequestFacts {
  if (context === undefined) return {};
  const facts: RequestFacts = {};
  const ip = addressOf(context.req);
  const userAgent = context.req.headers['user-agent'];
  if (ip !== undefined) facts.ip = ip;
  if (userAgent !== undefined) facts.userAgent = userAgent.slice(0, LONGEST_USER_AGENT);
  return facts;
}
