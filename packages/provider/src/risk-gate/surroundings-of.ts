// What a request shows of who sent it, read and bounded, believed in nothing. Headers that a proxy adds
// are not read here: only the server knows which proxy it trusts.

import type { IncomingMessage } from 'node:http';
import type { RequestSurroundings } from '@countersign/vocabulary';
import type { AddressOf } from '../realm/request-facts.ts';

export type SurroundingsOf = (request: IncomingMessage) => RequestSurroundings;

const LONGEST_VALUE = 512;
const MOST_HINTS = 12;

export function surroundingsOfHeaders(addressOf: AddressOf): SurroundingsOf {
  return (request) => {
    const { headers } = request;
    const ip = addressOf(request);
    const hints = readHints(headers);
    return {
      ...(ip === undefined ? {} : { ip }),
      ...textOf('userAgent', headers['user-agent']),
      ...textOf('language', headers['accept-language']),
      ...(hints === undefined ? {} : { hints }),
    };
  };
}

function readHints(headers: IncomingMessage['headers']): Record<string, string> | undefined {
  const names = Object.keys(headers).filter((name) => name.startsWith('sec-ch-ua'));
  if (names.length === 0) return undefined;
  const hints: [string, string][] = [];
  for (const name of names.slice(0, MOST_HINTS)) {
    const value = headers[name];
    if (typeof value === 'string') hints.push([name, value.slice(0, LONGEST_VALUE)]);
  }
  return Object.fromEntries(hints);
}

function textOf<Name extends string>(
  name: Name,
  value: string | undefined,
): Partial<Record<Name, string>> {
  if (value === undefined || value === '') return {};
  return { [name]: value.slice(0, LONGEST_VALUE) } as Record<Name, string>;
}
