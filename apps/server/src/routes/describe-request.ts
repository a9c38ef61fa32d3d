// Where a request came from, for the record of it.

import type { RequestFacts } from '@countersign/vocabulary';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

export function describeRequest(context: Context): RequestFacts {
  // Absent when the routes are asked without a socket, as tests do.
  const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
  const ip = incoming?.socket.remoteAddress;
  const userAgent = context.req.header('user-agent');
  return { ...(ip === undefined ? {} : { ip }), ...(userAgent === undefined ? {} : { userAgent }) };
}
