// The access token as a request carries it (RFC 6750 §2.1, RFC 9449 §7.1): one Authorization header,
// Bearer or DPoP, nothing else. A token in the URL is refused, because URLs are logged.

/** A request that cannot be read, answered 400 `invalid_request`; the sentence is for the client. */
export class CredentialFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CredentialFault';
  }
}

export interface CarriedToken {
  scheme: 'Bearer' | 'DPoP';
  token: string;
  dpopProof: string | undefined;
}

export interface CarryingHeaders {
  /** Every value of `Authorization`, not joined. */
  authorization: readonly string[];
  /** Every value of `DPoP`. */
  dpop: readonly string[];
}

// RFC 6750 §2.1 b64token; schemes are case-insensitive (RFC 9110 §11.1).
const CREDENTIALS = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i;
const OUR_SCHEME = /^(bearer|dpop)(?:[ ,]|$)/i;

/** The token, or undefined when the request brings none. @throws CredentialFault */
export function readCredentials(
  headers: CarryingHeaders,
  search: string,
): CarriedToken | undefined {
  if (new URLSearchParams(search).has('access_token')) {
    throw new CredentialFault('Send the access token in the Authorization header, not in the URL.');
  }
  const [authorization, ...moreAuthorization] = headers.authorization;
  const [dpopProof, ...moreProofs] = headers.dpop;
  if (moreAuthorization.length > 0) {
    throw new CredentialFault('Send one Authorization header.');
  }
  if (moreProofs.length > 0) throw new CredentialFault('Send one DPoP header.');
  if (authorization === undefined || !OUR_SCHEME.test(authorization)) return undefined;
  const found = CREDENTIALS.exec(authorization);
  if (found === null) {
    throw new CredentialFault('The Authorization header is "Bearer" or "DPoP", a space, a token.');
  }
  const scheme = found[1]?.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  return { scheme, token: found[2] ?? '', dpopProof };
}
