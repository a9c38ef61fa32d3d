// Whom a chain of proxies served, from what the nearest of them says. Read from the right: the last entry
// is the nearest proxy's own, each before it was only handed on, and the first that is no proxy of ours is
// the visitor. What stands before that anybody could have written.

import { formatAddress, parseAddress } from '@countersign/context';

const LONGEST = 8192;
const MOST_HOPS = 32;

/**
 * @param entries of the header, the farthest first.
 * @returns canonical text; undefined when the visitor's entry is no address.
 */
export function visitorOf(
  entries: readonly string[],
  isTrusted: (address: string) => boolean,
): string | undefined {
  let last: string | undefined;
  for (const entry of entries.slice(-MOST_HOPS).reverse()) {
    const address = parseAddress(entry);
    if (address === undefined) return undefined;
    last = formatAddress(address);
    if (!isTrusted(last)) return last;
  }
  // Proxies all the way: the farthest of them asks for itself.
  return entries.length > MOST_HOPS ? undefined : last;
}

/** `X-Forwarded-For: client, proxy1, proxy2`. */
export function entriesOfList(header: string): string[] {
  return header.length > LONGEST ? [''] : header.split(',').map((entry) => entry.trim());
}

/** RFC 7239 §4: `for=192.0.2.43, for="[2001:db8::1]:4711";proto=https`; "" for an element without one. */
export function entriesOfForwarded(header: string): string[] {
  if (header.length > LONGEST) return [''];
  return split(header, ',').map((element) => {
    for (const pair of split(element, ';')) {
      const [, value] = /^\s*for\s*=\s*(.*?)\s*$/i.exec(pair) ?? [];
      if (value !== undefined) return unquote(value);
    }
    return '';
  });
}

/** Not within a quoted string. */
function split(text: string, mark: ',' | ';'): string[] {
  const parts: string[] = [];
  let begin = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted && letter === '\\') at += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === mark) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  parts.push(text.slice(begin));
  return parts;
}

function unquote(value: string): string {
  const inside = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  return inside === undefined ? value : inside.replace(/\\(.)/g, '$1');
}
