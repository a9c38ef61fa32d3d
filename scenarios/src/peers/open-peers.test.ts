// The peers are only worth showing a forgery to if they are set up well: they accept what is
// genuine and refuse what any verifier must.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { openPeers } from './open-peers.ts';
import type { Peer } from './peer.ts';

const ISSUER = 'http://localhost:4600/acme/workforce';
const AUDIENCE = 'https://mail.acme.example';

describe('the peers', () => {
  let server: Server;
  let peers: Peer[];
  let sign: (claims: { iss?: string; aud?: string; exp?: number }, alg?: string) => Promise<string>;

  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const stranger = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
    server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    peers = await openPeers({
      issuers: [ISSUER],
      audience: AUDIENCE,
      jwksUri: `http://127.0.0.1:${port}/jwks`,
      algorithm: 'ES256',
    });
    const now = Math.floor(Date.now() / 1000);
    sign = ({ iss = ISSUER, aud = AUDIENCE, exp = now + 300 }, signer = 'issuer') =>
      new SignJWT({ sub: 'someone', jti: 'j', client_id: 'c' })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' })
        .setIssuer(iss)
        .setAudience(aud)
        .setIssuedAt(Math.min(now, exp - 60))
        .setExpirationTime(exp)
        .sign(signer === 'issuer' ? privateKey : stranger.privateKey);
  });

  after(async () => {
    await Promise.all(peers.map((peer) => peer.close()));
    server.close();
    server.closeAllConnections();
  });

  it('are five, each with the version that is installed', () => {
    assert.equal(peers.length, 5);
    for (const { version } of peers) assert.match(version, /^\d+\.\d+\.\d+/);
  });

  it('accept a genuine token', async () => {
    const token = await sign({});
    for (const peer of peers)
      assert.deepEqual(await peer.judge(token), { accepted: true, reason: '' }, peer.name);
  });

  const crimes: [string, () => Promise<string>][] = [
    ['of another issuer', () => sign({ iss: 'https://elsewhere.example' })],
    ['for another audience', () => sign({ aud: 'https://elsewhere.example' })],
    ['that expired', () => sign({ exp: Math.floor(Date.now() / 1000) - 3600 })],
    ['signed by a stranger', () => sign({}, 'stranger')],
  ];
  for (const [name, forge] of crimes) {
    it(`refuse a token ${name}`, async () => {
      const token = await forge();
      for (const peer of peers) {
        const { accepted, reason } = await peer.judge(token);
        assert.equal(accepted, false, peer.name);
        assert.notEqual(reason, '', peer.name);
      }
    });
  }
});
