import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore } from '@countersign/storage';
import {
  CodedError,
  type CountersignEvent,
  ManualClock,
  systemRandom,
} from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from './authenticate.ts';
import { operatorRoutes } from './serve-operators.ts';

const FIRST = 'first-operator-token-of-this-test';

async function openRoutes() {
  const clock = new ManualClock();
  const store = await openStore<DirectoryTables>({
    memory: true,
    migrations: directoryMigrations,
    clock,
  });
  const { operators } = createDirectory({ store, clock, random: systemRandom });
  const events: CountersignEvent[] = [];
  const warned: unknown[] = [];
  const room = { full: false };
  const record = async (given: readonly CountersignEvent[]): Promise<string[]> => {
    if (room.full) throw new CodedError('storage_full', 'No room.', { retryAfterSeconds: 1 });
    events.push(...given);
    return [];
  };
  const guard = operatorOnly(FIRST, operators);
  const app = new Hono().route(
    '/',
    operatorRoutes({
      ...{ operators, clock, operatorOnly: guard, audit: { record } },
      log: { warn: (fields: unknown) => warned.push(fields) },
    }),
  );
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const ask = async (method: string, path: string, credential: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'user-agent': 'test' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  return { ask, events, warned, clock, room, close: () => store.close() };
}

describe('operators over HTTP', () => {
  it('are made by one, shown once, on record with who made them, and warned of', async () => {
    const { ask, events, warned, clock, close } = await openRoutes();
    const made = await ask('POST', '/operators', FIRST, { name: 'alice' });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('cache-control'), 'no-store');
    const alice = String(made.body['credential']);
    const second = await ask('POST', '/operators', alice, { name: 'bob' });
    assert.equal(second.body['madeBy'], 'alice');
    assert.deepEqual(
      events.map(({ name, severity, subject, extra, timeMs }) => [
        ...[name, severity, subject, extra?.['operator'], timeMs],
      ]),
      [
        ['operator.created', 'high', 'operator', 'alice', clock.nowMs()],
        ['operator.created', 'high', 'alice', 'bob', clock.nowMs()],
      ],
    );
    assert.ok(!JSON.stringify([events, warned]).includes(alice.split('.')[2] ?? ''));
    assert.equal(warned.length, 2);
    const listed = await ask('GET', '/operators', alice);
    assert.ok(!JSON.stringify(listed.body).includes('cso.'));
    assert.equal((listed.body['operators'] as unknown[]).length, 2);
    await close();
  });

  it('are not made when that cannot be recorded', async () => {
    const { ask, room, close } = await openRoutes();
    room.full = true;
    const refused = await ask('POST', '/operators', FIRST, { name: 'alice' });
    assert.equal(refused.status, 503);
    assert.equal(refused.body['credential'], undefined);
    room.full = false;
    assert.deepEqual((await ask('GET', '/operators', FIRST)).body['operators'], []);
    await close();
  });

  it('lose their rights at once, on record once, whoever asks how often', async () => {
    const { ask, events, close } = await openRoutes();
    const { body } = await ask('POST', '/operators', FIRST, { name: 'alice' });
    const alice = String(body['credential']);
    assert.equal((await ask('DELETE', '/operators/alice', FIRST)).status, 200);
    assert.equal((await ask('DELETE', '/operators/alice', FIRST)).status, 200);
    assert.equal((await ask('GET', '/operators', alice)).status, 401);
    const revocations = events.filter(({ name }) => name === 'key.access');
    assert.deepEqual(
      revocations.map(({ subject, extra }) => [subject, extra]),
      [['operator', { action: 'revoke_operator', operator: 'alice' }]],
    );
    assert.equal((await ask('DELETE', '/operators/operator', FIRST)).status, 404);
    await close();
  });

  it('are refused by name and form, and to strangers', async () => {
    const { ask, events, close } = await openRoutes();
    for (const [body, status] of [
      [{ name: 'operator' }, 400],
      [{ name: 'Alice' }, 400],
      [{ name: 'x'.repeat(65) }, 400],
      [{ name: 'alice', admin: true }, 400],
      [{}, 400],
    ] as const) {
      assert.equal((await ask('POST', '/operators', FIRST, body)).status, status);
    }
    assert.equal((await ask('POST', '/operators', `${FIRST}x`, { name: 'eve' })).status, 401);
    assert.equal((await ask('DELETE', '/operators/eve', `${FIRST}x`)).status, 401);
    assert.equal((await ask('POST', '/operators', FIRST, { name: 'alice' })).status, 201);
    assert.equal((await ask('POST', '/operators', FIRST, { name: 'alice' })).status, 409);
    assert.equal(events.length, 1);
    await close();
  });
});
