// The short way and the engine get the same requests; where the short way answers, the engine's
// answer has to be the same but for ids, times and signatures.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { openWorld, type World } from '../testing/open-world.ts';
import {
  API,
  type RegisteredClient,
  readToken,
  registerClient,
  seedAcme,
} from '../testing/seed-acme.ts';
import { verifyAsReader } from '../testing/verify-as-reader.ts';

const OTHER = 'https://other.acme.test';
const UNKNOWN = 'https://unknown.acme.test';

interface Answer {
  status: number;
  body: Record<string, unknown>;
  claims: Record<string, unknown> | undefined;
  short: boolean;
}

describe('the short way for services', () => {
  let world: World;
  let clients: RegisteredClient[];
  before(async () => {
    world = await openWorld();
    await seedAcme(world);
    await world.directory.resources.register({
      tenant: 'acme',
      identifier: OTHER,
      name: 'Other',
      alg: 'EdDSA',
      scopes: ['read'],
      accessTokenLifetimeSeconds: 60,
    });
    const service = { grant_types: ['client_credentials' as const], redirect_uris: [] };
    clients = [
      await registerClient(world, service),
      await registerClient(world, { ...service, resources: [API, OTHER] }),
      await registerClient(world, { ...service, resources: [] }),
      await registerClient(world, { ...service, scope: 'pay:read' }),
      await registerClient(world, { ...service, dpop_bound_access_tokens: true }),
      await registerClient(world, {
        ...service,
        token_endpoint_auth_method: 'client_secret_post',
      }),
      await registerClient(world, {}),
    ];
  });
  after(() => world.close());

  /** That charset is out of the ordinary and changes nothing about the token. */
  async function ask(
    client: RegisteredClient,
    body: string,
    secret: string,
    byEngine: boolean,
  ): Promise<Answer> {
    const answer = await fetch(client.config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${client.record.client_id}:${secret}`)}`,
        'content-type': `application/x-www-form-urlencoded${byEngine ? '; charset=us-ascii' : ''}`,
      },
      body,
    });
    const answered = (await answer.json()) as Record<string, unknown>;
    const token = answered['access_token'];
    const claims = typeof token === 'string' ? readToken(token).claims : undefined;
    if (typeof token === 'string') answered['access_token'] = readToken(token).header['alg'];
    for (const name of ['jti', 'iat', 'exp', 'root_auth_id']) {
      if (claims !== undefined) claims[name] = typeof claims[name];
    }
    return {
      status: answer.status,
      body: answered,
      claims,
      short: !answer.headers.has('vary'),
    };
  }

  // Mostly right, so that several things are rarely wrong at once.
  const mostly = <T>(usual: T[], rare: T[]) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...usual) },
      { weight: 1, arbitrary: fc.constantFrom(...rare) },
    );
  const values = fc.record({
    client: mostly([0, 1, 5], [2, 3, 4, 6]),
    grant: mostly(['client_credentials'], ['authorization_code', 'Client_Credentials', '']),
    scope: mostly(
      [undefined, 'pay:read', 'pay:read pay:write', 'read', 'pay:read nothing pay:read'],
      ['openid pay:read', 'offline_access', ' pay:read', 'pay:read  pay:write', '"', ''],
    ),
    resources: mostly<string[]>(
      [[], [API], [OTHER]],
      [[UNKNOWN], [API, OTHER], [API, API], ['not a uri'], [''], [`${API}#x`]],
    ),
    extra: mostly([undefined], ['client_id=x', 'audience=y', 'scope=pay:write', '=', '%zz=1', '&']),
    secretEnd: mostly([''], ['x', ':', '%']),
  });

  test('says what the engine says, wherever it says anything', async () => {
    let answeredShort = 0;
    await fc.assert(
      fc.asyncProperty(values, async (wanted) => {
        const client = clients[wanted.client];
        assert.ok(client);
        const form = new URLSearchParams({ grant_type: wanted.grant });
        if (wanted.scope !== undefined) form.set('scope', wanted.scope);
        for (const resource of wanted.resources) form.append('resource', resource);
        const body = [form.toString(), wanted.extra].filter(Boolean).join('&');
        const secret = `${client.secret}${wanted.secretEnd}`;
        const { short, ...mine } = await ask(client, body, secret, false);
        const { short: neverShort, ...engines } = await ask(client, body, secret, true);
        assert.equal(neverShort, false);
        assert.deepEqual(mine, engines, body);
        if (short) answeredShort += 1;
      }),
      { numRuns: 120 },
    );
    assert.ok(answeredShort >= 5, `the short way was taken ${answeredShort} times`);
  });

  test('leads over the same main road', async () => {
    const [client] = clients;
    assert.ok(client);
    const leaves = world.log.durableSize;
    const answer = await fetch(client.config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${client.record.client_id}:${client.secret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'batch/1',
      },
      body: 'grant_type=client_credentials&scope=pay%3Aread',
    });
    assert.ok(!answer.headers.has('vary'), 'the short way was taken');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { access_token: token } = (await answer.json()) as { access_token: string };
    assert.equal(await verifyAsReader(world, token), leaves);
    const event = await world.store.read
      .selectFrom('event')
      .select('ocsf')
      .where('name', '=', 'token.issued')
      .where('log_index', '=', leaves)
      .executeTakeFirst();
    assert.match(event?.ocsf ?? '', /batch\/1/, 'on record, with where it came from');
  });

  test('one connection serves many such requests, mixed with others', async () => {
    const [client] = clients;
    assert.ok(client);
    for (let turn = 0; turn < 20; turn += 1) {
      const { status } = await ask(
        client,
        turn % 3 === 0 ? 'grant_type=nonsense' : 'grant_type=client_credentials',
        client.secret,
        turn % 2 === 0,
      );
      assert.equal(status, turn % 3 === 0 ? 400 : 200);
    }
  });
});
