// The back channel of a relying party: takes logout tokens (OpenID Connect Back-Channel Logout 1.0)
// and checks them as §2.6 asks, and their receipt besides.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  openReceiptLog,
  parseVerifierKey,
  type VerifierPolicy,
  verifyReceipt,
} from '@countersign/verifier';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';

export interface RelyingParty {
  logoutUri: string;
  /** The next logout token. @throws Error when none comes in time */
  nextLogout(): Promise<string>;
  close(): void;
}

const PATIENCE_MS = 60_000;

export async function serveRelyingParty(): Promise<RelyingParty> {
  const received: string[] = [];
  let tell: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      received.push(form.get('logout_token') ?? '');
      response.writeHead(200).end();
      tell();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const next = async (): Promise<string> => {
    const token = received.shift();
    if (token !== undefined) return token;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no logout token came')), PATIENCE_MS);
      tell = () => {
        clearTimeout(late);
        resolve();
      };
    });
    return next();
  };
  return {
    logoutUri: `http://127.0.0.1:${port}/logout`,
    nextLogout: next,
    close: () => void server.close(),
  };
}

/** @throws when signature, type, issuer, audience, events or receipt are not what they must be */
export async function checkLogoutToken(
  token: string,
  policy: VerifierPolicy,
  clientId: string,
): Promise<JWTPayload> {
  const [issuer] = policy.issuers;
  if (issuer === undefined) throw new Error('the policy names no issuer');
  const { payload, protectedHeader } = await jwtVerify(
    token,
    createRemoteJWKSet(new URL(issuer.jwksUri)),
    {
      issuer: issuer.issuer,
      audience: clientId,
      typ: 'logout+jwt',
      requiredClaims: ['jti', 'iat'],
    },
  );
  const events = payload['events'] as Record<string, unknown> | undefined;
  if (events?.['http://schemas.openid.net/event/backchannel-logout'] === undefined) {
    throw new Error('the token does not say that it is about a logout');
  }
  if ('nonce' in payload) throw new Error('a logout token must not have a nonce');
  const verdict = await verifyReceipt(
    Buffer.from(String(protectedHeader['itr']), 'base64url'),
    {
      iss: issuer.issuer,
      kid: protectedHeader.kid ?? '',
      alg: protectedHeader.alg,
      typ: 'logout+jwt',
      payloadSegment: token.split('.')[1] ?? '',
      expiresAtSeconds: payload.exp ?? 0,
    },
    await Promise.all(
      issuer.receipts.logs.map(({ origin, receiptKey }) =>
        openReceiptLog(origin, parseVerifierKey(receiptKey)),
      ),
    ),
  );
  if (!verdict.ok) throw new Error('the receipt does not hold');
  return payload;
}
