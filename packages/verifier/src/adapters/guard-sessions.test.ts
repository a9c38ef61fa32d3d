// One suite for requests that carry a session instead of a token, held against the four adapters in
// the real frameworks they are for.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createVerifier } from '../create-verifier.ts';
import type { IssuerKey } from '../ports.ts';
import { groundOf, type SessionGround } from '../sessions/session-ground.ts';
import { AUDIENCE, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import { guardExpressSession } from './guard-express.ts';
import { guardFastifySession } from './guard-fastify.ts';
import { guardHonoSession } from './guard-hono.ts';
import { guardNodeSession } from './guard-node.ts';
import type { SessionGuardOptions } from './guard-session.ts';

/** What a cookie names. */
type Sessions = Map<string, SessionGround>;
type Guarding = Pick<SessionGuardOptions<object>, 'verifier' | 'realm'>;
type Serve = (options: Guarding, sessions: Sessions) => Promise<{ base: string; stop: () => void }>;

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/inbox`, stop };
}

/** The options for a framework in which a request's cookie is read like this. */
function guarding<Request>(
  { verifier, realm = 'mail' }: Guarding,
  sessions: Sessions,
  cookieOf: (request: Request) => string | undefined,
): SessionGuardOptions<Request> {
  return {
    verifier,
    realm,
    readGround: async (request) => sessions.get(cookieOf(request) ?? ''),
    onEnd: (request, { final }) => {
      if (final) sessions.delete(cookieOf(request) ?? '');
    },
  };
}

const serveNode: Serve = (options, sessions) => {
  const guard = guardNodeSession<IncomingMessage>(
    guarding(options, sessions, ({ headers }) => headers.cookie),
  );
  return listening(
    createServer((request, response) => {
      guard(request, response).then(
        (stands) => stands && response.end('mail'),
        () => response.writeHead(500).end('broken'),
      );
    }),
  );
};

const serveExpress: Serve = (options, sessions) => {
  const app = express();
  app.use(
    guardExpressSession<express.Request>(
      guarding(options, sessions, (request) => request.get('cookie')),
    ),
  );
  app.get('/inbox', (_, response) => void response.send('mail'));
  return listening(createServer(app));
};

const serveFastify: Serve = async (options, sessions) => {
  const app = fastify();
  app.addHook(
    'onRequest',
    guardFastifySession<{ headers: { cookie?: string | undefined } }>(
      guarding(options, sessions, ({ headers }) => headers.cookie),
    ),
  );
  app.get('/inbox', async () => 'mail');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}/inbox`, stop: () => void app.close() };
};

const serveHono: Serve = (options, sessions) => {
  const app = new Hono();
  app.use(
    guardHonoSession<{ req: { header(name: string): string | undefined } }>(
      guarding(options, sessions, ({ req }) => req.header('cookie')),
    ),
  );
  app.get('/inbox', (context) => context.text('mail'));
  return listening(
    createServer(async (request, response) => {
      const headers = new Headers(request.headers.cookie ? { cookie: request.headers.cookie } : {});
      const answer = await app.fetch(new Request('http://localhost/inbox', { headers }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    }),
  );
};

const frameworks: Record<string, Serve> = { serveNode, serveExpress, serveFastify, serveHono };

for (const [name, serve] of Object.entries(frameworks)) {
  describe(`a session behind ${name.slice(5)}`, () => {
    it('C-14 opens while it stands, ends with its key, and comes back from what is passing', async () => {
      const issuer = new TestIssuer('ES256');
      const world = { key: (await issuer.key()) as IssuerKey | undefined, fresh: true };
      const verifier = createVerifier(issuer.policy(), {
        clock: { nowMs: () => NOW_MS },
        keys: { key: () => world.key, generation: 0 },
        feed: {
          fresh: () => world.fresh,
          quarantined: () => false,
          revoked: () => false,
          generation: 1,
        },
        auditor: 'off',
      });
      const verified = await verifier.verifyToken(issuer.issue(), { audience: AUDIENCE });
      const sessions: Sessions = new Map([['s=1', groundOf(verified)]]);
      const { base, stop } = await serve({ verifier }, sessions);
      const get = (cookie?: string) =>
        fetch(base, { headers: cookie === undefined ? {} : { cookie } });
      try {
        assert.equal(await (await get('s=1')).text(), 'mail');
        for (const cookie of [undefined, 's=2']) {
          const stranger = await get(cookie);
          assert.equal(stranger.status, 401);
          assert.match(stranger.headers.get('www-authenticate') ?? '', /^Bearer realm="mail"/);
        }
        world.fresh = false;
        const passing = await get('s=1');
        assert.equal(passing.status, 503);
        assert.equal(passing.headers.get('retry-after'), '5');
        world.fresh = true;
        assert.equal(await (await get('s=1')).text(), 'mail');
        world.key = undefined;
        const over = await get('s=1');
        assert.equal(over.status, 401);
        assert.deepEqual((await over.json()) as object, {
          type: 'about:blank',
          title: 'The session has ended; sign in again.',
          status: 401,
          code: 'session_ended',
        });
        assert.equal(sessions.size, 0);
      } finally {
        stop();
      }
    });

    it('is not opened by a fault of the store', async () => {
      const issuer = new TestIssuer('ES256');
      const verifier = createVerifier(issuer.policy(), { auditor: 'off' });
      const sessions = new Map() as Sessions;
      sessions.get = () => {
        throw new Error('the store is away');
      };
      const { base, stop } = await serve({ verifier }, sessions);
      try {
        const outcome = await fetch(base, { signal: AbortSignal.timeout(500) }).then(
          ({ status }) => status,
          () => 'no answer',
        );
        assert.notEqual(outcome, 200);
      } finally {
        stop();
      }
    });
  });
}
