import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeyExposure } from '@countersign/audit';
import type { KeyPause, KeyView } from '@countersign/provider';
import { CodedError, type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from './authenticate.ts';
import { keyStatusRoutes } from './serve-key-status.ts';
import { keyRoutes } from './serve-keys.ts';

const TOKEN = 'operator-token-of-this-very-test';
const ISSUER = 'https://id.example/acme/workforce';

function keyOf(kid: string, state: KeyView['state'], issuer = ISSUER): KeyView {
  return {
    ...{ kid, issuer, state, tenant: 'acme', population: 'workforce', alg: 'ES256' },
    ...{ custody: 'software', signer: '', notBeforeSeconds: 1, notAfterSeconds: 2 },
    sinceMs: { planned: 1000, [state]: 2000 },
    ageShare: 0.123456,
    counts: { journalled: 7, made: 7, sinceStart: 7, failed: 0 },
  };
}

const exposureOf = (kid: string): KeyExposure => {
  const none = { list: [], more: 0 };
  const distinct = { count: 0, atLeast: false };
  return {
    ...{ kid, issuers: [ISSUER], atSeconds: 1, tokens: 3, live: 1, liveRevoked: 0 },
    ...{ firstIssuedSeconds: 1, lastIssuedSeconds: 2, lastExpirySeconds: 3 },
    ...{ tenants: none, audiences: none, clients: none, resourceServers: none, uses: {} },
    ...{ subjects: distinct, sessions: distinct, liveSessions: distinct },
    ...{ firstAcceptedMs: undefined, lastAcceptedMs: undefined },
  };
};

function openRoutes(keys: KeyView[]) {
  const acts: string[] = [];
  const events: CountersignEvent[] = [];
  const errors: unknown[] = [];
  const room = { full: false, signerAway: false, revoking: undefined as CodedError | undefined };
  const parts = {
    keyLives: {
      list: async (issuer?: string) => {
        if (room.signerAway)
          throw new CodedError('signer_unavailable', 'Away.', { retryAfterSeconds: 1 });
        return keys.filter((key) => issuer === undefined || key.issuer === issuer);
      },
      find: async (beginning: string) => keys.filter(({ kid }) => kid.startsWith(beginning)),
      heartbeat: () => ({ lastTickMs: 900, nextTickMs: 1900, mine: true }),
      rotate: async (issuer: string, options: object) => {
        acts.push(`rotate ${issuer} ${JSON.stringify(options)}`);
        return keys;
      },
      rollBack: async (issuer: string, options: object) => {
        acts.push(`rollBack ${issuer} ${JSON.stringify(options)}`);
        return keys;
      },
      revoke: async (kid: string, { reason, by }: { reason: string; by: string }) => {
        acts.push(`revoke ${kid} ${reason} ${by}`);
        const key = keys.find((one) => one.kid === kid);
        if (key === undefined) throw new CodedError('key_unknown', 'No such key.');
        if (room.revoking !== undefined) throw room.revoking;
        return key;
      },
    },
    audit: {
      record: async (given: readonly CountersignEvent[]) => {
        if (room.full) throw new CodedError('storage_full', 'No room.', { retryAfterSeconds: 1 });
        events.push(...given);
        return [];
      },
      readKeyExposure: async (kid: string) => exposureOf(kid),
    },
    clock: new ManualClock(1000),
    log: { error: (fields: unknown) => errors.push(fields) },
    checkIssuer: async (issuer: string) => {
      if (!issuer.startsWith(ISSUER)) throw new CodedError('not_found', 'None of ours.');
    },
    operatorOnly: operatorOnly(TOKEN),
  };
  const app = new Hono().route('/', keyRoutes(parts));
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const ask = async (method: string, path: string, body?: unknown, token = TOKEN) => {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body: answer };
  };
  return { ask, acts, events, errors, room };
}

const accesses = (events: readonly CountersignEvent[]): unknown[] =>
  events.map(({ name, subject, reason, token, extra }) => [
    ...[name, subject, reason, token?.kid, token?.issuer, extra?.['action']],
  ]);

describe('keys over HTTP', () => {
  const three = ['a1', 'a2', 'b1'].map((kid) => keyOf(kid, 'active'));

  it('are listed page by page, by issuer and by the beginning of a kid', async () => {
    const { ask } = openRoutes([...three, keyOf('c1', 'retired', `${ISSUER}2`)]);
    const kids = (body: Record<string, unknown>) => [
      (body['keys'] as KeyView[]).map(({ kid }) => kid),
      body['total'],
      body['next'],
    ];
    assert.deepEqual(kids((await ask('GET', '/keys')).body), [['a1', 'a2', 'b1', 'c1'], 4, null]);
    assert.deepEqual(kids((await ask('GET', '/keys?limit=2')).body), [['a1', 'a2'], 4, 'a2']);
    const second = await ask('GET', '/keys?limit=2&after=a2');
    assert.deepEqual(kids(second.body), [['b1', 'c1'], 4, null]);
    assert.deepEqual(kids((await ask('GET', '/keys?kid=a')).body), [['a1', 'a2'], 2, null]);
    const other = await ask('GET', `/keys?issuer=${encodeURIComponent(`${ISSUER}2`)}`);
    assert.deepEqual(kids(other.body), [['c1'], 1, null]);
    const without = await ask('GET', `/keys?issuer=${encodeURIComponent(`${ISSUER}3`)}`);
    assert.deepEqual(kids(without.body), [[], 0, null], 'a realm that has none yet');
    assert.equal((await ask('GET', '/keys?issuer=https://id.example/acme/workfroce')).status, 404);
    assert.equal((await ask('GET', '/keys?limit=0')).status, 400);
    assert.equal((await ask('GET', '/keys?all=yes')).status, 400);
  });

  it('C-14 are found by name, and reported on, while the signer does not answer', async () => {
    const { ask, room } = openRoutes([
      keyOf('long-kid-1', 'active'),
      keyOf('long-kid-2', 'active'),
    ]);
    room.signerAway = true;
    assert.equal((await ask('GET', '/keys')).status, 503);
    const { status, body } = await ask('GET', '/keys?kid=long-kid-2');
    assert.deepEqual([status, body['total']], [200, 1]);
    assert.equal((await ask('GET', '/keys/long-kid-1/exposure')).status, 200);
    const elsewhere = await ask('GET', '/keys?kid=long-kid-2&issuer=https://other.example');
    assert.equal(elsewhere.body['total'], 0);
  });

  it('C-12 who rotates is on record before it is done, and it is not done when it cannot be', async () => {
    const { ask, acts, events, room } = openRoutes(three);
    room.full = true;
    const body = { issuer: ISSUER, alg: 'ES256', reason: 'move', force: true };
    assert.equal((await ask('POST', '/keys/rotate', body)).status, 503);
    assert.equal((await ask('POST', '/keys/rollback', { issuer: ISSUER })).status, 503);
    assert.deepEqual(acts, []);
    room.full = false;
    assert.equal((await ask('POST', '/keys/rotate', body)).status, 200);
    assert.equal((await ask('POST', '/keys/rollback', { issuer: ISSUER })).status, 200);
    assert.deepEqual(acts, [
      `rotate ${ISSUER} {"alg":"ES256","force":true,"reason":"move","by":"operator"}`,
      `rollBack ${ISSUER} {"by":"operator"}`,
    ]);
    assert.deepEqual(accesses(events), [
      ['key.access', 'operator', 'move', undefined, ISSUER, 'rotate'],
      ['key.access', 'operator', undefined, undefined, ISSUER, 'rollback'],
    ]);
  });

  it('the kill switch waits for no record, and is on record also when it is unfinished', async () => {
    const { ask, acts, events, errors, room } = openRoutes(three);
    room.full = true;
    const revoked = await ask('POST', '/keys/a1/revoke', { reason: 'leaked' });
    assert.equal(revoked.status, 200);
    assert.deepEqual(acts, ['revoke a1 leaked operator']);
    assert.equal(errors.length, 1);
    room.full = false;
    room.revoking = new CodedError('key_change_unfinished', 'The key set.', {
      retryAfterSeconds: 1,
    });
    const unfinished = await ask('POST', '/keys/a1/revoke', { reason: 'leaked' });
    assert.equal(unfinished.status, 503);
    assert.equal(unfinished.body['code'], 'key_change_unfinished');
    assert.deepEqual(accesses(events), [
      ['key.access', 'operator', 'leaked', 'a1', undefined, 'revoke'],
    ]);
  });

  it('C-12 reading what a key spoke for is on record, in the tenant’s too', async () => {
    const { ask, events, room } = openRoutes(three);
    const { status, headers, body } = await ask('GET', '/keys/a2/exposure');
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal((body['exposure'] as KeyExposure).tokens, 3);
    assert.equal((body['key'] as KeyView).kid, 'a2');
    assert.deepEqual(accesses(events), [
      ['key.access', 'operator', undefined, 'a2', ISSUER, 'exposure'],
    ]);
    assert.equal(events[0]?.realm, 'acme/workforce');
    assert.equal(events[0]?.message, 'operator read what was signed with key a2.');
    assert.equal((await ask('GET', '/keys/a/exposure')).status, 404);
    room.full = true;
    assert.equal((await ask('GET', '/keys/a2/exposure')).status, 503);
  });

  it('takes bodies of exactly the form that is documented, from operators', async () => {
    const { ask, acts } = openRoutes(three);
    const bad: [string, unknown][] = [
      ['/keys/rotate', {}],
      ['/keys/rotate', { issuer: ISSUER, alg: 'HS256' }],
      ['/keys/rotate', { issuer: ISSUER, custody: 'paper' }],
      ['/keys/rotate', { issuer: ISSUER, by: 'somebody' }],
      ['/keys/rollback', { issuer: 7 }],
      ['/keys/a1/revoke', {}],
      ['/keys/a1/revoke', { reason: '' }],
      ['/keys/a1/revoke', { reason: 'x'.repeat(201) }],
      ['/keys/a1/revoke', { reason: 'two\nlines' }],
    ];
    for (const [path, body] of bad) {
      const { status } = await ask('POST', path, body);
      assert.equal(status, 400, `${path} ${JSON.stringify(body)}`);
    }
    for (const [method, path] of [
      ['GET', '/keys'],
      ['GET', '/keys/a1/exposure'],
      ['POST', '/keys/rotate'],
      ['POST', '/keys/rollback'],
      ['POST', '/keys/a1/revoke'],
    ] as const) {
      const body = method === 'POST' ? { issuer: ISSUER, reason: 'x' } : undefined;
      assert.equal((await ask(method, path, body, `${TOKEN}x`)).status, 401, path);
    }
    assert.deepEqual(acts, []);
  });
});

describe('C-03 the public key status', () => {
  const PAUSE: KeyPause = {
    ...{ id: 'p1', issuer: ISSUER, state: 'running', reason: 'year-end freeze' },
    ...{ proposedBy: 'alice', proposedMs: 1, untilMs: 90_000, approvedBy: 'bob', fromMs: 2 },
    ...{ endedBy: null, endedMs: null },
  };
  const withdrawn: KeyPause = { ...PAUSE, state: 'withdrawn', fromMs: null, approvedBy: null };

  function openStatus() {
    const keys = [
      ...(['planned', 'published', 'active', 'retired'] as const).map((state) => ({
        ...keyOf(`k-${state}`, state),
        nextChange: { to: 'retired' as const, atMs: 7, waitsFor: '4711 live tokens' },
      })),
      keyOf('k-other', 'active', `${ISSUER}2`),
    ];
    const app = keyStatusRoutes({
      keyLives: {
        heartbeat: () => ({ ...{ lastTickMs: 900, nextTickMs: 1900 }, mine: true, failed: 'why' }),
      },
      recentKeys: async () => keys,
      pauses: { list: async () => [withdrawn, PAUSE], countPauses: async () => 3 },
      clock: new ManualClock(5000),
      checkIssuer: async (issuer) => {
        if (issuer !== `${ISSUER}3`) throw new CodedError('not_found', 'No such issuer.');
      },
    });
    app.onError((error, context) => answerProblem(context, error, () => undefined));
    const ask = (issuer: string) => app.request(`/key-status?issuer=${encodeURIComponent(issuer)}`);
    return ask;
  }

  it('shows everybody the keys, and every pause with its reason and span, and names nobody', async () => {
    const ask = openStatus();
    const response = await ask(ISSUER);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=30');
    const text = await response.text();
    const status = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(status['paused'], { fromMs: 2, untilMs: 90_000, reason: 'year-end freeze' });
    assert.equal(status['pausesEver'], 3);
    const rotator = { lastTickMs: 900, nextTickMs: 1900, failed: 'the last turn' };
    assert.deepEqual(status['rotator'], rotator, 'what failed is for operators');
    assert.equal((status['pauses'] as unknown[]).length, 1, 'what nobody agreed to was no pause');
    const keys = status['keys'] as Record<string, unknown>[];
    assert.deepEqual(
      keys.map(({ kid }) => kid),
      ['k-published', 'k-active', 'k-retired'],
    );
    assert.deepEqual(Object.keys(keys[1] ?? {}), [
      ...['kid', 'alg', 'state', 'sinceMs', 'notBeforeSeconds', 'notAfterSeconds', 'ageShare'],
      'nextChange',
    ]);
    assert.equal(keys[1]?.['ageShare'], 0.123);
    assert.deepEqual(keys[1]?.['nextChange'], { to: 'retired', atMs: 7, waits: true });
    for (const secret of ['4711', 'alice', 'bob', 'custody', 'counts', 'k-planned', 'k-other'])
      assert.ok(!text.includes(secret), secret);
  });

  it('is there for an issuer without keys yet, and for none of somebody else', async () => {
    const ask = openStatus();
    const unknown = await ask('https://elsewhere.example/');
    assert.equal(unknown.status, 404);
    const fresh = await ask(`${ISSUER}3`);
    assert.deepEqual([fresh.status, ((await fresh.json()) as { keys: [] }).keys], [200, []]);
    assert.equal((await ask('x'.repeat(513))).status, 400);
  });
});
