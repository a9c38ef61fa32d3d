import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { openWorld, type World } from './testing/open-world.ts';
import { type Acme, askForToken, registerClient, seedAcme } from './testing/seed-acme.ts';

const ENDPOINTS = [
  'auth',
  'token',
  'token/introspection',
  'token/revocation',
  'userinfo',
  'request',
  'device',
  'device/auth',
  'session/end',
  'session/end/confirm',
  'session/end/success',
  'jwks',
  'interaction/AAAAAAAAAAAAAAAAAAAAAAAA',
  'interaction/AAAAAAAAAAAAAAAAAAAAAAAA/sign-in',
  '.well-known/openid-configuration',
];
const NAMES = [
  'grant_type',
  'client_id',
  'code',
  'redirect_uri',
  'scope',
  'resource',
  'token',
  'request_uri',
  'state',
  'nonce',
  'prompt',
  'max_age',
  'claims',
  'id_token_hint',
  'user_code',
  'xsrf',
  'form_token',
  'client_assertion',
  'client_assertion_type',
  '__proto__',
];
const VALUES = [
  '',
  'authorization_code',
  'client_credentials',
  'refresh_token',
  'openid',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  `${'x'.repeat(3000)}`,
  '\u0000',
  '{"id_token":null}',
  '%',
  '../../etc/passwd',
  "' OR 1=1 --",
];

const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 40 }));
const parameters = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 6 });
const request = fc.record({
  endpoint: fc.constantFrom(...ENDPOINTS),
  method: fc.constantFrom('GET', 'POST', 'POST', 'OPTIONS', 'PUT'),
  parameters,
  authorization: fc.option(
    fc.oneof(
      fc.constant('Basic !!'),
      fc.constant(`Basic ${btoa('a:b')}`),
      fc.constant('Bearer a.b.c'),
      fc.constant('DPoP a.b.c'),
    ),
    { nil: undefined },
  ),
  dpop: fc.option(fc.constantFrom('x', 'a.b.c', ''), { nil: undefined }),
  accept: fc.constantFrom('text/html', 'application/json', '*/*'),
});

describe('bad input', () => {
  let world: World;
  let acme: Acme;
  before(async () => {
    world = await openWorld();
    acme = await seedAcme(world);
  });
  after(() => world.close());

  test('whatever comes, the answer is a refusal in words, and the next request is served', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (wanted) => {
        const body = new URLSearchParams(wanted.parameters);
        const query = wanted.method === 'POST' ? '' : `?${body}`;
        const answer = await fetch(`${acme.issuer}/${wanted.endpoint}${query}`, {
          method: wanted.method,
          redirect: 'manual',
          headers: {
            accept: wanted.accept,
            ...(wanted.authorization === undefined ? {} : { authorization: wanted.authorization }),
            ...(wanted.dpop === undefined ? {} : { dpop: wanted.dpop }),
          },
          ...(wanted.method === 'POST' ? { body } : {}),
        });
        const text = await answer.text();
        assert.ok(answer.status < 500, `${answer.status} ${text.slice(0, 300)}`);
        assert.doesNotMatch(text, /at .+\.[jt]s:\d+:\d+|node_modules|SQLITE/);
        assert.ok(!text.includes('eyJhbGciOiJub25lIn0'), 'a token is never repeated');
      }),
      { numRuns: 100 },
    );
    assert.deepEqual(world.failures.filter(isUnexpected), []);
    const service = await registerClient(world, {
      grant_types: ['client_credentials'],
      redirect_uris: [],
    });
    assert.equal((await askForToken(service)).status, 200);
  });

  test('a body that never says its size is cut off', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 50) controller.close();
        else controller.enqueue(new Uint8Array(8192).fill(0x61));
      },
    });
    const answer = await fetch(`${acme.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    assert.equal(answer.status, 400);
  });
});

/** What a visitor did wrong is told to the visitor; only our own faults are unexpected. */
function isUnexpected(failure: unknown): boolean {
  return !(failure instanceof Error && 'expose' in failure && failure.expose === true);
}
