// Where a request came from, as the socket says it. Forwarding headers are not believed: whoever
// can send one could write any address into the audit log.

import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '@countersign/vocabulary';

const LONGEST_USER_AGENT = 256;

export function requestFacts(context: { req: IncomingMessage } | undefined): RequestFacts {
  if (context === undefined) return {};
  const facts: RequestFacts = {};
  const ip = context.req.socket?.remoteAddress;
  const userAgent = context.req.headers['user-agent'];
  if (ip !== undefined) facts.ip = ip;
  if (userAgent !== undefined) facts.userAgent = userAgent.slice(0, LONGEST_USER_AGENT);
  return facts;
}
