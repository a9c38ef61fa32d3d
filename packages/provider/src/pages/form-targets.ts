// Where a form, and the redirects it starts, may lead: here, and to the client. Chromium applies
// CSP form-action to every redirect that follows, and a client's callback may well send the browser
// on to another host of its own: so the client's scheme is named, and on loopback every port.

const SELF = "'self'";
// No host source can name an IPv6 address (CSP Level 3 §2.3.1).
const LOOPBACK = ['http://localhost:*', 'http://127.0.0.1:*'];

/** @param uri a registered address of the client, or nothing when the form stays here. */
export function formTargets(uri: unknown): string[] {
  const target = typeof uri === 'string' ? URL.parse(uri) : null;
  if (target === null) return [SELF];
  return target.protocol === 'http:' ? [SELF, ...LOOPBACK] : [SELF, target.protocol];
}
