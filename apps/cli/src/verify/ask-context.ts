// The question to the verifier. A resource knows its audience and the type it wants; a person at a
// terminal may not, and then the token's own word is taken and the answer says so.

import type { TokenContext } from '@countersign/verifier';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import type { TokenClaim } from './read-token.ts';

export interface VerifyOptions {
  issuer?: string;
  policy?: string;
  audience?: string;
  type?: 'access' | 'id';
  tenant?: string;
  scope?: string[];
  dpopProof?: string;
  method: string;
  url?: string;
  nonce?: string;
}

export interface Question {
  context: TokenContext;
  /** Taken from the token itself, so not checked. */
  assumed: ('audience' | 'type')[];
}

/** @throws CodedError `wrong_use` */
export function askContext(claim: TokenClaim, options: VerifyOptions): Question {
  const assumed: Question['assumed'] = [];
  if (options.audience === undefined) assumed.push('audience');
  if (options.type === undefined) assumed.push('type');
  const { issuer, tenant, scope, nonce } = options;
  const http = requestOf(claim, options);
  return {
    assumed,
    context: {
      audience: options.audience ?? firstAudience(claim),
      type: options.type ?? (claim.header['typ'] === 'JWT' ? 'id' : 'access'),
      ...(issuer === undefined ? {} : { issuer: issuer.replace(/\/+$/, '') }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(scope === undefined ? {} : { scope: scope.flatMap((entry) => entry.split(' ')) }),
      ...(nonce === undefined ? {} : { nonce }),
      ...(http === undefined ? {} : { http }),
    },
  };
}

function firstAudience({ payload }: TokenClaim): string {
  const { aud } = payload;
  const [first] = Array.isArray(aud) ? aud : [aud];
  // A token without a readable audience fails its own check; this only has to be some text.
  return typeof first === 'string' && first !== '' ? first : 'unknown';
}

function requestOf(claim: TokenClaim, options: VerifyOptions): TokenContext['http'] {
  const { dpopProof, method, url } = options;
  if (dpopProof === undefined && url === undefined) return undefined;
  if (url === undefined)
    throw cliError(
      'wrong_use',
      'A DPoP proof is for one request: say which with --url (and --method).',
    );
  const bound = dpopProof !== undefined || 'cnf' in claim.payload;
  return {
    method: method.toUpperCase(),
    url: parseBaseUrlOfRequest(url),
    scheme: bound ? 'DPoP' : 'Bearer',
    ...(dpopProof === undefined ? {} : { dpopProof }),
  };
}

function parseBaseUrlOfRequest(url: string): string {
  const [withoutQuery = ''] = url.split('?');
  parseBaseUrl(withoutQuery, '--url');
  return url;
}
