// A client that gets tokens the ordinary way: registered by the operator, client credentials at the
// realm's token endpoint.

import { type OpenToken, readClaims } from '../attack/read-claims.ts';
import type { Operator } from './operator.ts';
import type { StageServer } from './start-server.ts';

export interface GenuineToken extends OpenToken {
  token: string;
}

export interface MachineClient {
  clientId: string;
  issuer: string;
  /** A fresh access token. @throws Error with the server's answer */
  getToken(): Promise<GenuineToken>;
}

export interface MachineClientSetup {
  /** TENANT/POPULATION */
  realm: string;
  /** The resource the tokens are for; registered too. */
  audience: string;
  /** Absent: none is asked for. */
  scope?: string;
}

export async function registerMachineClient(
  server: StageServer,
  operator: Operator,
  { realm, audience, scope }: MachineClientSetup,
): Promise<MachineClient> {
  const { clientId, clientSecret } = await operator.post<{
    clientId: string;
    clientSecret: string;
  }>('/api/v1/clients', {
    realm,
    client_name: 'Scenario client',
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_basic',
    resources: [audience],
  });
  const issuer = `${server.url}/${realm}`;
  return {
    clientId,
    issuer,
    getToken: async () => {
      const metadata = await readJson<{ token_endpoint: string }>(
        await fetch(`${issuer}/.well-known/openid-configuration`),
      );
      const basic = Buffer.from(
        `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`,
      ).toString('base64');
      const reply = await fetch(metadata.token_endpoint, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: audience,
          ...(scope === undefined ? {} : { scope }),
        }),
      });
      const { access_token: token } = await readJson<{ access_token: string }>(reply);
      return { token, ...readClaims(token) };
    },
  };
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${response.url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}
