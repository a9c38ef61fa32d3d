// The peer of the issuing benchmark: oidc-provider alone, its own in-memory adapter, one ES256 key
// in the process, client credentials to a JWT access token. Run as `node bare-provider.ts PORT`.

import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'bare' };

const provider = new Provider(`http://localhost:${port}`, {
  jwks: { keys: [jwk] },
  cookies: { keys: ['bench'] },
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret-bench-secret-bench-secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'https://api.acme.example/',
      getResourceServerInfo: () => ({
        scope: 'read',
        audience: 'https://api.acme.example/',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'ES256', kid: 'bare' } },
      }),
    },
  },
});

createServer(provider.callback()).listen(port, '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => process.exit(0));
