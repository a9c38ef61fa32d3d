// One suite, held against the four adapters in the real frameworks they are for.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { importPublicJwk } from '#platform';
import { createVerifier, type Verifier } from '../create-verifier.ts';
import { keyThumbprint } from '../dpop/key-thumbprint.ts';
import type { IssuerKey, TokenUse } from '../ports.ts';
import { VerificationError } from '../refusal.ts';
import { guardExpress } from './guard-express.ts';
import { guardFastify } from './guard-fastify.ts';
import { guardHono } from './guard-hono.ts';
import { guardNode } from './guard-node.ts';
import type { GuardOptions } from './guard-request.ts';

const ISSUER = 'https://id.example/acme/workforce';
const AUDIENCE = 'https://api.example';
const NOW_MS = 1_800_000_000_000;

const issuerPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const senderPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function jws(header: object, claims: object, key: KeyObject): string {
  const input = `${part(header)}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const seconds = NOW_MS / 1000;
const claims = {
  iss: ISSUER,
  sub: 'alice',
  aud: AUDIENCE,
  iat: seconds - 5,
  exp: seconds + 295,
  jti: 'a-token-id-of-some-length',
  client_id: 'mail',
  scope: 'mail.read',
};
const token = (changed: object = {}) =>
  jws({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' }, { ...claims, ...changed }, issuerPair.privateKey);

const senderJwk = senderPair.publicKey.export({ format: 'jwk' });
const boundToken = token({ cnf: { jkt: keyThumbprint({ ...senderJwk }) } });
const proof = (htu: string, jti: string, htm = 'GET') =>
  jws(
    { typ: 'dpop+jwt', alg: 'ES256', jwk: senderJwk },
    {
      jti,
      htm,
      htu,
      iat: seconds,
      ath: createHash('sha256').update(boundToken).digest('base64url'),
    },
    senderPair.privateKey,
  );

async function openVerifier(uses: TokenUse[] = []): Promise<Verifier> {
  const key: IssuerKey = {
    kid: 'k1',
    alg: 'ES256',
    issuer: ISSUER,
    tenant: undefined,
    tokenTypes: ['at+jwt'],
    notBeforeSeconds: seconds - 1_000,
    notAfterSeconds: seconds + 1_000,
    firstSeenMs: NOW_MS,
    handle: await importPublicJwk(issuerPair.publicKey.export({ format: 'jwk' }), 'ES256'),
  };
  return createVerifier(
    {
      version: 1,
      issuers: [
        {
          issuer: ISSUER,
          jwksUri: `${ISSUER}/jwks`,
          algorithms: ['ES256'],
          maxLifetimeSeconds: { access: 300, id: 300 },
          keyMaxAgeSeconds: 86_400,
          receipts: { mode: 'off', logs: [], startByKid: {} },
        },
      ],
    },
    {
      clock: { nowMs: () => NOW_MS },
      keys: { key: (_, kid) => (kid === 'k1' ? key : undefined), generation: 1 },
      reporter: { report: (use) => uses.push(use) },
    },
  );
}

type Serve = (options: GuardOptions) => Promise<{ base: string; stop: () => Promise<void> }>;

async function listening(server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

const serveNode: Serve = (options) => {
  const guard = guardNode(options);
  return listening(
    createServer((request, response) => {
      guard(request, response).then(
        (verified) => verified && response.end(JSON.stringify(verified.claims)),
        () => response.writeHead(500).end('broken'),
      );
    }),
  );
};

const serveExpress: Serve = (options) => {
  const app = express();
  app.use('/mail', guardExpress(options), (request, response) => {
    response.json((request as { token?: { claims: unknown } }).token?.claims);
  });
  app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(500).end('broken');
  });
  return listening(createServer(app));
};

const serveFastify: Serve = async (options) => {
  const app = fastify();
  app.addHook('onRequest', guardFastify(options));
  app.get('/mail', async (request) => (request as { token?: { claims: unknown } }).token?.claims);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, stop: () => app.close() };
};

const serveHono: Serve = (options) => {
  const app = new Hono<{ Variables: { token: { claims: object } } }>();
  app.use('/mail', guardHono(options));
  app.get('/mail', (context) => context.json(context.get('token').claims));
  return listening(
    createServer(async (request, response) => {
      const headers = new Headers();
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        headers.append(request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '');
      }
      const url = `http://${request.headers.host}${request.url}`;
      const answer = await app.fetch(new Request(url, { headers }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    }),
  );
};

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Sends headers exactly as given, doubled ones too, which fetch would join. */
function get(base: string, rawHeaders: string[], path = '/mail'): Promise<Reply> {
  const headers = ['host', base.slice('http://'.length), ...rawHeaders];
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${base}${path}`, { headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

for (const [name, serve] of Object.entries({
  'node:http': serveNode,
  Express: serveExpress,
  Fastify: serveFastify,
  Hono: serveHono,
})) {
  describe(`the ${name} adapter`, () => {
    const guarded = async (
      job: (base: string, uses: TokenUse[]) => Promise<void>,
      options: Partial<GuardOptions> = {},
    ) => {
      const uses: TokenUse[] = [];
      const verifier = options.verifier ?? (await openVerifier(uses));
      const { base, stop } = await serve({ audience: AUDIENCE, ...options, verifier });
      try {
        await job(base, uses);
      } finally {
        await stop();
      }
    };

    it('lets a good bearer token through, with its claims', () =>
      guarded(async (base, uses) => {
        const reply = await get(base, ['Authorization', `Bearer ${token()}`, 'User-Agent', 'a/1']);
        assert.equal(reply.status, 200);
        assert.deepEqual(JSON.parse(reply.body), claims);
        assert.equal(uses[0]?.userAgent, 'a/1');
      }));

    it('reads the scheme in any case', () =>
      guarded(async (base) => {
        const reply = await get(base, ['authorization', `bearer ${token()}`]);
        assert.equal(reply.status, 200);
      }));

    it('asks for a token when there is none, without calling it an error', () =>
      guarded(
        async (base) => {
          for (const headers of [[], ['Authorization', 'Basic YTpi']]) {
            const reply = await get(base, headers);
            assert.equal(reply.status, 401);
            assert.equal(
              reply.headers['www-authenticate'],
              'Bearer realm="mail", DPoP realm="mail", algs="ES256 EdDSA RS256"',
            );
            assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
            assert.equal(JSON.parse(reply.body).status, 401);
          }
        },
        { realm: 'mail' },
      ));

    it('refuses a bad token with the code a client can act on, and no sentence', () =>
      guarded(async (base) => {
        const reply = await get(base, [
          'Authorization',
          `Bearer ${token({ exp: seconds - 20, iat: seconds - 100 })}`,
        ]);
        assert.equal(reply.status, 401);
        assert.equal(reply.headers['www-authenticate'], 'Bearer error="invalid_token"');
        assert.equal(reply.headers['cache-control'], 'no-store');
        assert.deepEqual(JSON.parse(reply.body), {
          type: 'about:blank',
          title: 'The access token is refused.',
          status: 401,
          code: 'token_expired',
        });
      }));

    it('tells a forger nothing but that the token is invalid', () =>
      guarded(async (base) => {
        const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const forged = jws({ alg: 'ES256', kid: 'k1', typ: 'at+jwt' }, claims, other.privateKey);
        const reply = await get(base, ['Authorization', `Bearer ${forged}`]);
        assert.equal(reply.status, 401);
        assert.equal(JSON.parse(reply.body).code, 'invalid_token');
      }));

    it('names the scope that is missing', () =>
      guarded(
        async (base) => {
          const reply = await get(base, ['Authorization', `Bearer ${token()}`]);
          assert.equal(reply.status, 403);
          assert.equal(
            reply.headers['www-authenticate'],
            'Bearer error="insufficient_scope", scope="mail.write"',
          );
        },
        { scope: ['mail.write'] },
      ));

    it('refuses a token in the URL, even beside a good one in the header', () =>
      guarded(async (base) => {
        const path = `/mail?folder=1&access_token=${token()}`;
        for (const headers of [[], ['Authorization', `Bearer ${token()}`]]) {
          const reply = await get(base, headers, path);
          assert.equal(reply.status, 400);
          assert.match(String(reply.headers['www-authenticate']), /error="invalid_request"/);
        }
      }));

    it('refuses credentials that are not exactly one scheme, one space, one token', () =>
      guarded(async (base) => {
        for (const value of [
          'Bearer',
          'Bearer  ',
          `Bearer ${token()} more`,
          `Bearer ${token()},Bearer ${token()}`,
          `Bearer "${token()}"`,
          `Bearer\t${token()}`,
          'DPoP',
        ]) {
          const reply = await get(base, ['Authorization', value]);
          assert.ok([400, 401].includes(reply.status), value);
          assert.doesNotMatch(reply.body, /alice/);
        }
      }));

    it('refuses two Authorization headers and two proofs, whichever is good', () =>
      guarded(async (base) => {
        const good = ['Authorization', `Bearer ${token()}`];
        assert.equal((await get(base, [...good, ...good])).status, 400);
        const twice = ['DPoP', proof(`${base}/mail`, 'a'), 'DPoP', proof(`${base}/mail`, 'b')];
        const reply = await get(base, ['Authorization', `DPoP ${boundToken}`, ...twice]);
        assert.ok([400, 401].includes(reply.status));
      }));

    it('lets a bound token through with its proof, once', () =>
      guarded(async (base) => {
        const headers = ['Authorization', `DPoP ${boundToken}`, 'DPoP', proof(`${base}/mail`, 'x')];
        assert.equal((await get(base, headers, '/mail?folder=1')).status, 200);
        const again = await get(base, headers);
        assert.equal(again.status, 401);
        assert.equal(JSON.parse(again.body).code, 'dpop_replayed');
        assert.equal(
          again.headers['www-authenticate'],
          'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA RS256"',
        );
      }));

    it('refuses a bound token that is shown as a bearer token', () =>
      guarded(async (base) => {
        const reply = await get(base, ['Authorization', `Bearer ${boundToken}`]);
        assert.equal(reply.status, 401);
        assert.equal(JSON.parse(reply.body).code, 'dpop_missing');
        assert.match(String(reply.headers['www-authenticate']), /^DPoP /);
      }));

    it('believes no forwarding header about where the request went', () =>
      guarded(async (base) => {
        const reply = await get(base, [
          ...['Authorization', `DPoP ${boundToken}`],
          ...['DPoP', proof('https://api.example/mail', 'y')],
          ...['X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'api.example'],
          ...['Forwarded', 'proto=https;host=api.example'],
        ]);
        assert.equal(JSON.parse(reply.body).code, 'dpop_mismatch');
      }));

    it('believes the public URL it was given', () =>
      guarded(
        async (base) => {
          const sent = proof('https://api.example/v1/mail', 'z');
          const headers = ['Authorization', `DPoP ${boundToken}`, 'DPoP', sent];
          assert.equal((await get(base, headers)).status, 200);
          const direct = [
            'Authorization',
            `DPoP ${boundToken}`,
            'DPoP',
            proof(`${base}/mail`, 'w'),
          ];
          assert.equal((await get(base, direct)).status, 401);
        },
        { publicUrl: 'https://api.example/v1' },
      ));

    it('hands out the nonce that proofs need', () =>
      guarded(
        async (base) => {
          const refusing = await get(base, ['Authorization', `DPoP ${boundToken}`]);
          assert.equal(refusing.headers['dpop-nonce'], 'n1');
          assert.equal((await get(base, [])).headers['dpop-nonce'], 'n1');
        },
        { dpopNonce: () => 'n1' },
      ));

    it('answers 503 with Retry-After when it cannot judge', () => {
      const verifyToken = () =>
        Promise.reject(new VerificationError('keys_unavailable', 'The secret host is away.'));
      return guarded(
        async (base) => {
          const reply = await get(base, ['Authorization', `Bearer ${token()}`]);
          assert.equal(reply.status, 503);
          assert.equal(reply.headers['retry-after'], '5');
          assert.equal(reply.headers['www-authenticate'], undefined);
          assert.doesNotMatch(reply.body, /secret/);
        },
        { verifier: { verifyToken } },
      );
    });

    it('leaves a fault of its own to the framework, and lets nobody through', () =>
      guarded(
        async (base) => {
          const reply = await get(base, ['Authorization', `Bearer ${token()}`]);
          assert.equal(reply.status, 500);
          assert.doesNotMatch(reply.body, /alice/);
        },
        { verifier: { verifyToken: () => Promise.reject(new Error('a bug')) } },
      ));

    it('does not start without an audience or with an unusable public URL', async () => {
      const verifier = await openVerifier();
      const open = async (changed: Partial<GuardOptions>) =>
        serve({ verifier, audience: AUDIENCE, ...changed });
      for (const changed of [
        { audience: '' },
        { publicUrl: 'http://api.example' },
        { publicUrl: 'https://api.example/' },
        { publicUrl: 'https://api.example?a' },
      ]) {
        await assert.rejects(open(changed), { code: 'verifier_misconfigured' });
      }
    });
  });
}
