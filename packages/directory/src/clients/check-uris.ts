// Which URIs a client may register: RFC 9700 §2.1 and §4.1 (exact match, no open redirects),
// RFC 8252 §7 (loopback and private-use schemes for installed applications).

import { z } from 'zod';

const LONGEST_URI = 2048;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

export function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname);
}

function parseUrl(text: string): URL | undefined {
  if (text.length > LONGEST_URI || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const url = URL.parse(text);
  return url === null || url.username !== '' || url.password !== '' ? undefined : url;
}

function isWebUrl(text: string): boolean {
  const url = parseUrl(text);
  if (url === undefined || text.includes('#')) return false;
  return url.protocol === 'https:' || isLoopback(url);
}

/** `com.example.app:/callback`: a reversed domain name, so that nobody takes `myapp:` twice. */
function isPrivateUse(text: string): boolean {
  const url = parseUrl(text);
  return (
    url !== undefined && !text.includes('#') && /^[a-z][a-z0-9+-]*\.[a-z0-9+.-]+:\//.test(text)
  );
}

/** Where a browser or a server of ours is sent: https, or http on this machine. No fragment. */
export const webUrl = z.string().refine(isWebUrl, 'must be https (or http on a loopback host)');

/** Where an authorization response may go. */
export const redirectUri = z
  .string()
  .refine(
    (text) => isWebUrl(text) || isPrivateUse(text),
    'must be https, http on a loopback host, or a private-use scheme such as com.example.app:/',
  );

export function isPrivateUseUri(text: string): boolean {
  return !isWebUrl(text) && isPrivateUse(text);
}
