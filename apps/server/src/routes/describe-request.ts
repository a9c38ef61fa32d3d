// Where a request came from, for the record of it.

import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '@countersign/vocabulary';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { notedAddress } from '../context/visitor-address.ts';

export function describeRequest(context: Context): RequestFacts {
  // Absent when the routes are asked without a socket, as tests do.
  const { incoming } = (context.env ?? {}) as Partial<HttpBindings>;
  const ip = notedAddress(incoming as IncomingMessage | undefined);
  const userAgent = context.req.header('user-agent');
  return { ...(ip === undefined ? {} : { ip }), ...(userAgent === undefined ? {} : { userAgent }) };
}
