// The `htu` comparison of RFC 9449 §4.3: without query and fragment, after the syntax- and
// scheme-based normalisation of RFC 3986 §6.2.2 and §6.2.3.

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/** One spelling per target; undefined when the text is not an absolute http(s) URL. */
export function normalizeTarget(text: string): string | undefined {
  // URL trims and drops white space and turns backslashes: a signed text must not need that.
  if (/[\s\\]/.test(text) || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return undefined;
  // URL has lowered scheme and host, dropped the default port and resolved dot segments.
  const path = url.pathname.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return UNRESERVED.test(character) ? character : octet.toUpperCase();
  });
  return `${url.protocol}//${url.host}${path}`;
}
