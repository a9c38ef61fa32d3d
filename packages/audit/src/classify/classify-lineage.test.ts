import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyLineage, type LineageFacts, type ParentFacts } from './classify-lineage.ts';

const parent: ParentFacts = {
  realm: 'acme/workforce',
  rootAuthId: 'root',
  subject: 'p-1',
  clientId: 'web',
};
const child: LineageFacts = { ...parent, derivation: 'refreshed', recordedMs: 10_000, parent };
const reason = (more: Partial<LineageFacts>) => classifyLineage({ ...child, ...more })?.reason;

test('a token with a sound parent, or with none, is not laundered', () => {
  assert.equal(reason({}), undefined);
  assert.equal(reason({ parent: 'none', derivation: 'direct' }), undefined);
  assert.equal(
    reason({ first: parent, signedIn: { realm: parent.realm, subject: 'p-1' } }),
    undefined,
  );
});

test('a token whose parent was never issued is', () => {
  assert.equal(reason({ parent: 'unknown' }), 'parent_unknown');
});

test('nor may realm, root or person change on the way down', () => {
  assert.equal(
    reason({ parent: { ...parent, realm: 'acme/customer' } }),
    'parent_of_another_realm',
  );
  assert.equal(reason({ parent: { ...parent, rootAuthId: 'other' } }), 'root_differs');
  assert.equal(reason({ parent: { ...parent, subject: 'p-2' } }), 'person_differs');
  assert.equal(reason({ parent: { ...parent, subject: null } }), undefined);
});

test('the client may change in an exchange only', () => {
  const other = { parent: { ...parent, clientId: 'api' } };
  assert.equal(reason(other), 'client_differs');
  assert.equal(reason({ ...other, derivation: 'exchanged' }), undefined);
});

test('nothing may be derived from a revoked parent, but for what was under way', () => {
  const revoked = (ms: number, why: string) => ({
    parent: { ...parent, revoked: { ms, reason: why } },
  });
  assert.equal(reason(revoked(4999, 'logout')), 'parent_revoked');
  assert.equal(reason(revoked(5000, 'logout')), undefined);
  assert.equal(reason(revoked(0, 'requested')), undefined);
});

test('a root belongs to one person and one realm', () => {
  assert.equal(reason({ first: { realm: parent.realm, subject: 'p-2' } }), 'person_differs');
  assert.equal(
    reason({ first: { realm: 'acme/device', subject: 'p-1' } }),
    'root_of_another_realm',
  );
  assert.equal(reason({ signedIn: { realm: parent.realm, subject: 'p-3' } }), 'person_differs');
});
