import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IssuedToken } from '@countersign/audit';
import { attemptOfUse, readUses } from './read-uses.ts';

const NOW_MS = 1_795_289_400_000;
const DAY_MS = 86_400_000;
const issued = {
  ...{ realm: 'acme/customer', subject: 'p-1', clientId: 'shop', rootAuthId: 'r-1', audience: [] },
} as unknown as IssuedToken;
const use = { id: 'u-1', atMs: NOW_MS, decision: 'accepted', tokenHash: 'h', ip: '192.0.2.7' };
const reporter = { id: 'api', tenant: 'acme' };
const attempt = (more: Partial<typeof use>, of: Partial<IssuedToken> = {}, by = reporter) =>
  attemptOfUse({ ...use, ...more }, by, { ...issued, ...of }, NOW_MS);

test('a use was when its report says, within a week; else it is now, so that nobody dates one into the future', () => {
  const times = [NOW_MS, NOW_MS - 6 * DAY_MS, NOW_MS + 1, NOW_MS - 7 * DAY_MS, Number.NaN];
  assert.deepEqual(
    times.map((atMs) => attempt({ atMs })?.timeMs),
    [NOW_MS, NOW_MS - 6 * DAY_MS, NOW_MS, NOW_MS, NOW_MS],
  );
});

test('whose token it is says the ledger; of another tenant’s nobody is told anything', () => {
  assert.deepEqual([attempt({})?.subject, attempt({})?.subjectKind], ['p-1', 'person']);
  assert.equal(attempt({}, { subject: 'shop' })?.subjectKind, 'workload');
  assert.equal(attempt({}, { realm: 'acme/device' })?.subjectKind, 'device');
  assert.equal(attempt({}, {}, { ...reporter, tenant: 'umbrella' }), undefined);
});

test('only what was accepted and tells where from is read; what is no report is none', () => {
  const { ip: _, ...nowhere } = use;
  const uses = [use, nowhere, { ...use, decision: 'refused' }, { ...nowhere, userAgent: 'x' }];
  assert.deepEqual(
    readUses({ uses }).map(({ userAgent }) => userAgent),
    [undefined, 'x'],
  );
  for (const given of [undefined, 7, { uses: [{ ...use, id: 7 }] }, { uses: 'x' }]) {
    assert.deepEqual(readUses(given), []);
  }
});
