// A client whose tokens are bound to a key of its own (DPoP, RFC 9449): a token that is stolen is
// worth nothing without the key.

import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Operator } from './operator.ts';
import type { StageServer } from './start-server.ts';

export interface BoundToken {
  token: string;
  /** A fresh proof for one request that shows the token. */
  prove(method: string, url: string): Promise<string>;
}

export async function getBoundToken(
  server: StageServer,
  operator: Operator,
  { realm, audience }: { realm: string; audience: string },
): Promise<BoundToken> {
  const { clientId, clientSecret } = await operator.post<{
    clientId: string;
    clientSecret: string;
  }>('/api/v1/clients', {
    realm,
    client_name: 'Bound client',
    grant_types: ['client_credentials'],
    dpop_bound_access_tokens: true,
    resources: [audience],
  });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const prove = (claims: Record<string, string>): Promise<string> =>
    new SignJWT({ ...claims, jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
  const url = `${server.url}/${realm}/token`;
  const ask = async (nonce?: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        dpop: await prove({ htm: 'POST', htu: url, ...(nonce === undefined ? {} : { nonce }) }),
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
    });
  const first = await ask();
  // The first answer only hands out the nonce that the proof must carry.
  const reply = first.ok ? first : await ask(first.headers.get('dpop-nonce') ?? '');
  const text = await reply.text();
  if (!reply.ok) throw new Error(`No bound token: ${reply.status} ${text}`);
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  const ath = createHash('sha256').update(token).digest('base64url');
  return { token, prove: (htm, htu) => prove({ htm, htu, ath }) };
}
