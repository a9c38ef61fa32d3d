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
  return ending(header, header.slice(-LONGEST).split(','));
}

/** RFC 7239 §4: `for=192.0.2.43, for="[2001:db8::1]:4711";proto=https`; "" for an element without one. */
export function entriesOfForwarded(header: string): string[] {
  return ending(header, split(header.slice(-LONGEST), ',')).map((element) => {
    for (const pair of split(element, ';')) {
      const [, value] = /^for\s*=\s*(.*)$/i.exec(pair.trim()) ?? [];
      if (value !== undefined) return unquote(value);
    }
    return '';
  });
}

/** What is too long is cut where the visitor wrote, not where the proxies did: nobody hides behind it. */
function ending(header: string, [first = '', ...rest]: string[]): string[] {
  return [header.length > LONGEST ? '' : first, ...rest].map((entry) => entry.trim());
}

/**
 * Not within a quoted string. From the right, too: a quote that the visitor leaves open must not swallow
 * what the proxies wrote after it.
 */
function split(text: string, mark: ',' | ';'): string[] {
  const parts: string[] = [];
  let end = text.length;
  let quoted = false;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const letter = text[at];
    if (letter === '"' && !(quoted && isEscaped(text, at))) quoted = !quoted;
    else if (!quoted && letter === mark) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  parts.push(text.slice(0, end));
  return parts.reverse();
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

function unquote(value: string): string {
  const inside = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  return inside === undefined ? value : inside.replace(/\\(.)/g, '$1');
}
