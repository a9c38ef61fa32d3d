import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import { MOST_SEARCHES } from './saved-searches.ts';

const failures = { tenant: 'acme', name: 'failures', filter: 'status = failure', by: 'reader x' };

test('a search is found by id and by name, in its own tenant and in no other', () =>
  withDirectory(async ({ directory: { searches, tenants }, clock }) => {
    await tenants.create({ name: 'umbrella' });
    const saved = await searches.save(failures);
    const { by, ...rest } = failures;
    assert.deepEqual(saved, { ...rest, id: saved.id, madeBy: by, createdMs: clock.nowMs() });
    assert.deepEqual(await searches.find('acme', saved.id), saved);
    assert.deepEqual(await searches.find('acme', 'failures'), saved);
    assert.equal(await searches.find('umbrella', saved.id), undefined);
    assert.deepEqual(await searches.list('umbrella'), []);
    const foreign = searches.remove({ tenant: 'umbrella', id: saved.id });
    await assert.rejects(foreign, refusal('search_unknown'));
    await searches.remove({ tenant: 'acme', id: saved.id });
    assert.deepEqual(await searches.list('acme'), []);
  }));

test('a name is given once in a tenant; names and filters are bounded, and so is their number', () =>
  withDirectory(async ({ directory: { searches } }) => {
    await searches.save(failures);
    await assert.rejects(searches.save(failures), refusal('search_exists'));
    const bad = refusal('bad_search');
    await assert.rejects(searches.save({ ...failures, name: '' }), bad);
    await assert.rejects(searches.save({ ...failures, name: 'a\nb' }), bad);
    await assert.rejects(searches.save({ ...failures, filter: 'x'.repeat(4097) }), bad);
    const nowhere = searches.save({ ...failures, tenant: 'nowhere' });
    await assert.rejects(nowhere, refusal('tenant_unknown'));
    for (let at = 1; at < MOST_SEARCHES; at += 1)
      await searches.save({ ...failures, name: `search ${at}` });
    await assert.rejects(
      searches.save({ ...failures, name: 'one more' }),
      refusal('too_many_searches'),
    );
  }));
