import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTenantTagKey, type TenantTagKey } from '@countersign/verifier';
import { CodedError, type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { answerProblem } from '../problem.ts';
import { operatorOnly } from './authenticate.ts';
import { tagKeyRoutes } from './serve-tag-keys.ts';

const TOKEN = 'operator-token-of-this-very-test';
const keyOf = (tenant: string): TenantTagKey => ({
  tenant,
  keys: [new Uint8Array(32).fill(tenant.length)],
  instances: ['here'],
  logs: ['log.example/log'],
});

function openRoutes(record: (events: readonly CountersignEvent[]) => Promise<string[]>) {
  const routes = tagKeyRoutes({
    tenants: {
      find: async (name) =>
        name === 'acme' ? { name, displayName: name, createdMs: 0 } : undefined,
    },
    audit: { record },
    tagKeyOf: keyOf,
    clock: new ManualClock(1000),
    operatorOnly: operatorOnly(TOKEN),
  });
  routes.onError((error, context) => answerProblem(context, error, () => undefined));
  return (path: string, token = TOKEN) =>
    routes.request(path, { headers: { authorization: `Bearer ${token}`, 'user-agent': 'test' } });
}

describe('the tag key of a tenant', () => {
  it('is given to the operator, whole, and is on the tenant’s record before', async () => {
    const recorded: CountersignEvent[] = [];
    const ask = openRoutes(async (events) => {
      recorded.push(...events);
      return [];
    });
    const response = await ask('/tenants/acme/tag-key');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.deepEqual(parseTenantTagKey(await response.text()), keyOf('acme'));
    assert.deepEqual(recorded, [
      {
        name: 'tag_key.read',
        timeMs: 1000,
        tenant: 'acme',
        subject: 'operator',
        request: { userAgent: 'test' },
      },
    ]);
  });

  it('is not given when the reading cannot be recorded', async () => {
    const ask = openRoutes(() => Promise.reject(new CodedError('storage_full', 'No room.')));
    const response = await ask('/tenants/acme/tag-key');
    assert.ok(response.status >= 500);
    const { keys } = JSON.parse(await response.text()) as { keys?: unknown };
    assert.equal(keys, undefined);
  });

  it('is given to nobody else, and there is none of a tenant that is not', async () => {
    const ask = openRoutes(() => assert.fail('nothing to record'));
    assert.equal((await ask('/tenants/acme/tag-key', `${TOKEN}x`)).status, 401);
    assert.equal((await ask('/tenants/nobody/tag-key')).status, 404);
    assert.equal((await ask('/tenants/nobody/tag-key', `${TOKEN}x`)).status, 401);
  });
});
