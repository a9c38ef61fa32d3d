// A tenant's own check: with its tag key, what it could not find among its leaves is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { TokenUse } from '../ports.ts';
import { commitToken } from '../receipt/commit-token.ts';
import type { TenantTagKey } from '../receipt/tenant-tag-key.ts';
import { dayKey, tenantTag, userTag } from '../receipt/tenant-tags.ts';
import type { VerificationError } from '../refusal.ts';
import { type Case, issued, issuer, refuses, verify } from '../testing/refusal-table.ts';
import { AUDIENCE, type Draft, NOW_MS } from '../testing/test-issuer.ts';
import type { VerifierOptions } from '../verifier-options.ts';

const key = new Uint8Array(32).fill(5);
const otherKey = new Uint8Array(32).fill(6);
const tagKey: TenantTagKey = {
  tenant: 'acme',
  keys: [key, otherKey],
  instances: ['one', 'two'],
  logs: [issuer.log.origin],
};
const options: VerifierOptions = { tenantTagKey: tagKey };

interface Marks {
  key?: Uint8Array;
  instance?: string;
  subject?: string;
  atMs?: number;
  /** Of another token than the one that is tagged. */
  payloadSegment?: string;
}

function tagged(marks: Marks = {}): Draft {
  return {
    tags: (token, sub) => {
      const day = dayKey(marks.key ?? key, marks.atMs ?? token.issuedMs);
      const commitment = commitToken({ ...token, ...marks });
      return {
        user: userTag(day, marks.subject ?? sub),
        instance: tenantTag(day, marks.instance ?? 'one', commitment),
      };
    },
  };
}

function shown(draft: Draft): Case {
  return { ...issued(draft), options };
}

refuses('receipt_untagged', 'the tenant finds in the log what is issued in its name', () => [
  shown({}),
  shown(tagged({ key: new Uint8Array(32) })),
  shown(tagged({ instance: 'three' })),
  shown(tagged({ subject: 'person-2' })),
  shown(tagged({ atMs: NOW_MS - 86_400_000 })),
  shown(tagged({ payloadSegment: 'e30' })),
  shown({ tags: () => ({ user: new Uint8Array(16), instance: new Uint8Array(8) }) }),
  shown({ ...tagged(), claims: { sub: 7 } }),
]);

refuses('verifier_misconfigured', 'a tag key that could check nothing is no option', () => [
  { options: { tenantTagKey: { ...tagKey, tenant: 'globex' } } },
  { options, policy: { receipts: { mode: 'off', logs: [], startByKid: {} } } },
]);

test('a tag key that is no key stops the start', async () => {
  const broken = { ...tagKey, keys: [new Uint8Array(31)] };
  const attempt = verify({ options: { tenantTagKey: broken } });
  await assert.rejects(attempt, { code: 'tag_key_malformed' });
});

test('a token with its tags is accepted, of any instance and of the key before', async () => {
  for (const marks of [{}, { instance: 'two' }, { key: otherKey }]) {
    assert.ok(await verify(shown(tagged(marks))));
  }
});

test('without the key the tags are not looked at, and neither are those of another tenant', async () => {
  assert.ok(await verify(issued(tagged({ key: new Uint8Array(32) }))));
  const both = issuer.policy();
  const [own] = both.issuers;
  assert.ok(own !== undefined);
  const policy = {
    ...both,
    issuers: [own, { ...own, issuer: 'https://id.example/globex/workforce', tenant: 'globex' }],
  };
  const verifier = createVerifier(policy, {
    clock: { nowMs: () => NOW_MS },
    keys: await issuer.keys(),
    auditor: 'off',
    tenantTagKey: { ...tagKey, tenant: 'globex' },
  });
  assert.ok(await verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }));
});

test('an untagged token is an alarm and is reported with the evidence', async () => {
  const reports: TokenUse[] = [];
  const reporter = { report: (use: TokenUse) => void reports.push(use) };
  const token = issuer.issue();
  const refusal = await verify({ token, options: { ...options, reporter } }).catch(
    (error: VerificationError) => error,
  );
  assert.ok('alarm' in refusal && refusal.alarm);
  assert.equal(reports[0]?.code, 'receipt_untagged');
  assert.equal(reports[0]?.evidence, token);
  assert.ok((reports[0]?.logIndex ?? -1) >= 0);
});

test('where receipts are only reported, missing tags are too', async () => {
  const { receipts } = issuer.policy().issuers[0] ?? assert.fail();
  const policy = { receipts: { ...receipts, mode: 'report' as const } };
  const verified = await verify({ policy, options });
  assert.equal(verified.receiptProblem, 'receipt_untagged');
});

test('a token signed before receipts began is left to the policy that allows it', async () => {
  const { receipts } = issuer.policy().issuers[0] ?? assert.fail();
  const startByKid = { [issuer.kid]: NOW_MS / 1000 + 60 };
  const policy = { receipts: { ...receipts, startByKid } };
  assert.ok(await verify({ token: issuer.forge(), policy, options }));
});
