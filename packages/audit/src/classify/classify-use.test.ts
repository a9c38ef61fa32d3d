import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifyUse, type KnownFacts, type UseFacts } from './classify-use.ts';

const use: UseFacts = { tenant: 'acme', decision: 'accepted', atMs: 1000, audience: ['a'] };
const known: KnownFacts = {
  issued: { tenant: 'acme', audience: ['a', 'b'], oneTime: false },
  foreignIssuer: false,
  evidence: 'absent',
  strayLeaf: false,
  acceptedBefore: false,
  revocationGraceMs: 100,
};
const judge = (
  more: Partial<UseFacts>,
  facts: Partial<KnownFacts> = {},
  issued: Partial<NonNullable<KnownFacts['issued']>> = {},
) => {
  const base = facts.issued === undefined && 'issued' in facts ? undefined : known.issued;
  const verdict = classifyUse(
    { ...use, ...more },
    { ...known, ...facts, issued: base && { ...base, ...issued } },
  );
  return verdict && `${verdict.class} ${verdict.reason} ${verdict.severity} ${verdict.proven}`;
};
const unknown = { issued: undefined };

describe('a use of an issued token', () => {
  test('that is accepted where it belongs is nothing', () => {
    assert.equal(judge({}), undefined);
    assert.equal(judge({ audience: undefined }), undefined);
    assert.equal(judge({ audience: ['x', 'b'] }), undefined);
    assert.equal(judge({}, { evidence: 'valid' }), undefined);
  });

  test('that is refused for an ordinary reason is nothing', () => {
    for (const code of ['token_expired', 'audience_mismatch', 'feed_stale', 'receipt_missing']) {
      assert.equal(judge({ decision: 'refused', code }), undefined, code);
    }
    assert.equal(judge({ decision: 'refused', audience: ['elsewhere'] }), undefined);
    assert.equal(judge({ decision: 'refused', tenant: 'other' }), undefined);
  });

  test('at another audience or tenant is laundered', () => {
    assert.equal(judge({ audience: ['c'] }), 'laundered audience_differs high false');
    assert.equal(judge({ audience: [] }), 'laundered audience_differs high false');
    assert.equal(judge({ tenant: 'other' }), 'laundered tenant_differs high false');
    assert.equal(
      judge({ tenant: 'other', decision: 'audit_failed' }),
      'laundered tenant_differs high false',
    );
  });

  test('that breaks the sender constraint is stolen, but only where there is one', () => {
    const bound = { jkt: 'k' };
    assert.equal(judge({ jkt: 'k' }, {}, bound), undefined);
    assert.equal(judge({ jkt: 'z' }, {}, bound), 'stolen sender_key_differs high false');
    const refused = { decision: 'refused' as const };
    assert.equal(
      judge({ ...refused, code: 'dpop_missing' }, {}, bound),
      'stolen shown_without_proof medium false',
    );
    assert.equal(
      judge({ ...refused, code: 'dpop_mismatch', jkt: 'k' }, {}, bound),
      'stolen sender_proof_differs medium false',
    );
    assert.equal(judge({ ...refused, code: 'dpop_expired', jkt: 'k' }, {}, bound), undefined);
    assert.equal(judge({ jkt: 'z' }), undefined);
    assert.equal(judge({ ...refused, code: 'dpop_missing' }), undefined);
  });

  test('long after its revocation is stolen, unless a client merely shows it again', () => {
    const logout = { revoked: { ms: 900, reason: 'logout' as const } };
    const stolen = { revoked: { ms: 900, reason: 'refresh_reuse' as const } };
    const refused = { decision: 'refused' as const, code: 'token_revoked' };
    assert.equal(judge({ atMs: 1000 }, {}, logout), undefined, 'within the grace');
    assert.equal(judge({ atMs: 1001 }, {}, logout), 'stolen accepted_after_revocation high false');
    assert.equal(judge({ ...refused, atMs: 9000 }, {}, logout), undefined);
    assert.equal(
      judge({ ...refused, atMs: 9000 }, {}, stolen),
      'stolen shown_after_revocation medium false',
    );
    assert.equal(judge({ ...refused, atMs: 1000 }, {}, stolen), undefined);
    assert.equal(
      judge({ decision: 'refused', code: 'token_expired', atMs: 9000 }, {}, stolen),
      undefined,
    );
  });

  test('that was seen before is replayed where it is good for one use only', () => {
    const refused = { decision: 'refused' as const };
    assert.equal(
      judge({ ...refused, code: 'dpop_replayed' }),
      'replayed proof_replayed medium false',
    );
    assert.equal(
      judge({ ...refused, code: 'token_replayed' }),
      'replayed token_replayed medium false',
    );
    assert.equal(judge({}, { acceptedBefore: true }), undefined);
    assert.equal(judge({}, {}, { oneTime: true }), undefined);
    assert.equal(
      judge({}, { acceptedBefore: true }, { oneTime: true }),
      'replayed accepted_twice high false',
    );
    assert.equal(judge(refused, { acceptedBefore: true }, { oneTime: true }), undefined);
  });
});

describe('a use of a token in no ledger', () => {
  test('is a proven forgery when we checked the signature, whatever the verifier decided', () => {
    for (const decision of ['accepted', 'refused', 'audit_failed'] as const) {
      assert.equal(
        judge({ decision }, { ...unknown, evidence: 'valid' }),
        'forged signed_but_not_issued critical true',
      );
    }
  });

  test('is a forgery, though not proven, when its leaf is in the log', () => {
    assert.equal(
      judge({}, { ...unknown, strayLeaf: true }),
      'forged logged_but_not_issued high false',
    );
  });

  test('is nothing when another house issued it, unless our signature is on it', () => {
    const foreign = { ...unknown, foreignIssuer: true };
    assert.equal(judge({}, foreign), undefined);
    assert.equal(judge({}, { ...foreign, strayLeaf: true }), undefined);
    assert.equal(
      judge({}, { ...foreign, evidence: 'valid' }),
      'forged signed_but_not_issued critical true',
    );
  });

  test('is a mere claim otherwise, and nothing when it was refused', () => {
    assert.equal(judge({}, unknown), 'unissued accepted_unproven medium false');
    assert.equal(
      judge({ decision: 'audit_failed' }, { ...unknown, evidence: 'invalid' }),
      'unissued audit_failed_unproven high false',
    );
    assert.equal(judge({ decision: 'refused', code: 'dpop_replayed' }, unknown), undefined);
    assert.equal(judge({ decision: 'refused' }, { ...unknown, strayLeaf: true }), undefined);
  });
});
