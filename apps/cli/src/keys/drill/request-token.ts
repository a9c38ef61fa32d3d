// Tokens by client credentials, as any machine gets them.

import { decodeBase64url } from '@countersign/verifier';
import { cliError } from '../../cli-error.ts';

export interface DrillToken {
  token: string;
  kid: string;
  expiresAtSeconds: number;
}

export interface TokenEndpoint {
  /** @throws CodedError `server_unreachable`, `server_refused`, `answer_malformed` */
  request(): Promise<DrillToken>;
}

export interface TokenClient {
  clientId: string;
  clientSecret: string;
  audience: string;
}

const TIMEOUT_MS = 15_000;

export function openTokenEndpoint(url: string, client: TokenClient): TokenEndpoint {
  const { clientId, clientSecret, audience } = client;
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return {
    request: async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw cliError('server_unreachable', `${url} did not answer.`, cause);
      });
      const text = await response.text();
      if (!response.ok) {
        throw cliError('server_refused', `${url} gave no token (${response.status}).`);
      }
      return readToken(text);
    },
  };
}

function readToken(text: string): DrillToken {
  try {
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    const [header, payload] = token.split('.').slice(0, 2).map(readPart);
    const { kid } = header as { kid: string };
    const { exp } = payload as { exp: number };
    if (typeof kid === 'string' && typeof exp === 'number') {
      return { token, kid, expiresAtSeconds: exp };
    }
  } catch (cause) {
    throw cliError('answer_malformed', 'The token endpoint gave no token that can be read.', cause);
  }
  throw cliError('answer_malformed', 'The token endpoint gave a token without kid or exp.');
}

function readPart(segment: string): unknown {
  return JSON.parse(new TextDecoder().decode(decodeBase64url(segment)));
}
