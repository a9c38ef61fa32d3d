import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientSchema, type NewClient, toClientRecord } from './client-record.ts';

const web: NewClient = {
  client_id: 'web',
  client_name: 'Web',
  redirect_uris: ['https://app.example/callback'],
};

function problemsOf(changes: Record<string, unknown>): string[] {
  const result = clientSchema.safeParse({ ...web, ...changes });
  return result.success ? [] : result.error.issues.map(({ path }) => String(path[0] ?? ''));
}

test('a client that says little gets the safe defaults', () => {
  assert.deepEqual(toClientRecord(clientSchema.parse(web)), {
    client_id: 'web',
    client_name: 'Web',
    application_type: 'web',
    redirect_uris: ['https://app.example/callback'],
    post_logout_redirect_uris: [],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: false,
    require_pushed_authorization_requests: false,
    backchannel_logout_session_required: false,
    resources: [],
    first_party: false,
  });
});

test('redirect URIs are https, loopback http, or a private-use scheme of an installed app', () => {
  const good = [
    'https://app.example/callback?x=1',
    'http://127.0.0.1/callback',
    'http://127.0.0.1:49152/callback',
    'http://[::1]:8080/',
    'http://localhost/callback',
  ];
  const bad = [
    'http://app.example/callback',
    'http://127.0.0.1.evil.example/callback',
    'http://localhost.evil.example/',
    'https://app.example/callback#part',
    'https://app.example/callback#',
    'https://user:pass@app.example/',
    'https://app.example/ callback',
    'https://app.example/\u0430',
    'javascript:alert(1)',
    'data:text/html,hello',
    'myapp:/callback',
    'com.example.app:callback#x',
    '/callback',
    '',
    `https://app.example/${'x'.repeat(2048)}`,
  ];
  for (const uri of good) assert.deepEqual(problemsOf({ redirect_uris: [uri] }), [], uri);
  for (const uri of bad) {
    assert.deepEqual(problemsOf({ redirect_uris: [uri] }), ['redirect_uris'], uri);
  }
  const privateUse = { redirect_uris: ['com.example.app:/callback'] };
  assert.deepEqual(problemsOf({ ...privateUse, application_type: 'native' }), []);
  assert.deepEqual(problemsOf(privateUse), ['application_type']);
});

test('members that contradict each other are refused by name', () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ redirect_uris: [] }, 'redirect_uris'],
    [{ grant_types: ['client_credentials'] }, 'redirect_uris'],
    [{ grant_types: ['authorization_code', 'authorization_code'] }, 'grant_types'],
    [{ grant_types: ['refresh_token'], redirect_uris: [] }, 'grant_types'],
    [{ grant_types: ['implicit'] }, 'grant_types'],
    [
      {
        grant_types: ['client_credentials'],
        redirect_uris: [],
        token_endpoint_auth_method: 'none',
      },
      'grant_types',
    ],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 'jwks'],
    [{ jwks: { keys: [{ kty: 'EC' }] } }, 'jwks'],
    [{ backchannel_logout_session_required: true }, 'backchannel_logout_uri'],
    [{ backchannel_logout_uri: 'http://app.example/logout' }, 'backchannel_logout_uri'],
    [{ id_token_signed_response_alg: 'HS256' }, 'id_token_signed_response_alg'],
    [{ id_token_signed_response_alg: 'none' }, 'id_token_signed_response_alg'],
    [{ scope: 'openid  profile' }, 'scope'],
    [{ client_id: 'a b' }, 'client_id'],
    [{ client_id: '' }, 'client_id'],
    [{ client_name: 'evil\u202ename' }, 'client_name'],
    [{ client_secret: 'chosen by me' }, ''],
  ];
  for (const [changes, field] of cases) {
    assert.deepEqual(problemsOf(changes), [field], JSON.stringify(changes));
  }
});

test('a private key is never taken in, whichever of its members was sent', () => {
  const base = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
  const method = { token_endpoint_auth_method: 'private_key_jwt' };
  assert.deepEqual(problemsOf({ ...method, jwks: { keys: [base] } }), []);
  for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    const keys = [base, { ...base, [member]: 'x' }];
    assert.deepEqual(problemsOf({ ...method, jwks: { keys } }), ['jwks'], member);
  }
});

test('whatever is sent, a client is refused or comes out the same when parsed again', () => {
  const anyClient = fc.record(
    {
      client_id: fc.stringMatching(/^[A-Za-z0-9._~-]{1,10}$/),
      client_name: fc.string({ minLength: 1, maxLength: 10 }),
      application_type: fc.constantFrom('web', 'native'),
      redirect_uris: fc.array(fc.constantFrom('https://a.example/', 'com.a.b:/', 'http://x/')),
      grant_types: fc.array(fc.constantFrom('authorization_code', 'refresh_token', 'other')),
      token_endpoint_auth_method: fc.constantFrom('none', 'client_secret_post', 'tls_client_auth'),
      dpop_bound_access_tokens: fc.boolean(),
    },
    { requiredKeys: ['client_id', 'client_name'] },
  );
  let accepted = 0;
  fc.assert(
    fc.property(anyClient, (input) => {
      const first = clientSchema.safeParse(input);
      if (!first.success) return;
      accepted += 1;
      const stored: unknown = JSON.parse(JSON.stringify(first.data));
      assert.deepEqual(clientSchema.parse(stored), first.data);
    }),
    { numRuns: 500 },
  );
  assert.ok(accepted > 0);
});
