// Recognises the one request that services send all day long: client credentials, secret in the
// Basic header, nothing unusual (RFC 6749 §4.4, §2.3.1). Whatever differs in anything is not
// recognised and goes on to the engine untouched: the body is looked at and put back.

import type { IncomingMessage } from 'node:http';

export interface CredentialsRequest {
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
  resource: string | undefined;
}

const LONGEST_BODY = 2048;
const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i;
const CREDENTIALS = /^Basic ([A-Za-z0-9+/]{8,512}={0,2})$/;
// No character that the header's form encoding could mean differently.
const PLAIN_PAIR = /^([A-Za-z0-9._~-]{1,64}):([A-Za-z0-9._~-]{1,256})$/;
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;
/** Headers that ask for something this road does not do. */
const UNUSUAL = [
  'origin',
  'dpop',
  'expect',
  'transfer-encoding',
  'content-encoding',
  'oauth-client-attestation',
  'oauth-client-attestation-pop',
] as const;

/** Undefined: not recognised. The request can be read as if nothing had happened. */
export async function readCredentialsRequest(
  request: IncomingMessage,
): Promise<CredentialsRequest | undefined> {
  const { headers } = request;
  if (!FORM.test(headers['content-type'] ?? '')) return undefined;
  if (UNUSUAL.some((name) => headers[name] !== undefined)) return undefined;
  const pair = readCredentials(headers.authorization);
  const length = Number(headers['content-length']);
  if (pair === undefined || !(length > 0 && length <= LONGEST_BODY)) return undefined;
  const body = await peekBody(request, length);
  const form = body === undefined ? undefined : readForm(body.toString('latin1'));
  return form === undefined ? undefined : { ...pair, ...form };
}

function readCredentials(
  header: string | undefined,
): { clientId: string; clientSecret: string } | undefined {
  const encoded = CREDENTIALS.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, 'base64');
  // Only what encodes back to itself: one spelling, one meaning.
  if (decoded.toString('base64') !== encoded) return undefined;
  const [, clientId, clientSecret] = PLAIN_PAIR.exec(decoded.toString('latin1')) ?? [];
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return { clientId, clientSecret };
}

/** The whole body, left where it is for whoever reads the request next. */
function peekBody(request: IncomingMessage, length: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const finish = (body: Buffer | undefined): void => {
      request.off('readable', look);
      request.off('close', giveUp);
      resolve(body);
    };
    const giveUp = (): void => finish(undefined);
    const look = (): void => {
      if (request.readableLength < length) return;
      const body = request.read(length) as Buffer;
      request.unshift(body);
      finish(body);
    };
    request.on('readable', look);
    request.on('close', giveUp);
  });
}

function readForm(text: string): Pick<CredentialsRequest, 'scopes' | 'resource'> | undefined {
  const fields = new Map<string, string>();
  for (const pair of text.split('&')) {
    const cut = pair.indexOf('=');
    const name = pair.slice(0, cut);
    const value = decode(pair.slice(cut + 1));
    if (cut < 1 || value === undefined || value === '' || fields.has(name)) return undefined;
    if (name !== 'grant_type' && name !== 'scope' && name !== 'resource') return undefined;
    fields.set(name, value);
  }
  const scope = fields.get('scope');
  if (fields.get('grant_type') !== 'client_credentials') return undefined;
  if (scope !== undefined && !SCOPES.test(scope)) return undefined;
  return {
    scopes: scope === undefined ? [] : [...new Set(scope.split(' '))],
    resource: fields.get('resource'),
  };
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    // Not UTF-8 in form encoding: the engine's to refuse.
    return undefined;
  }
}
