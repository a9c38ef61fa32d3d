import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { TokenUse } from '../ports.ts';
import { TestHolder } from '../testing/test-holder.ts';
import { AUDIENCE, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { CheckResult } from './explain-token.ts';
import { STEPS } from './steps.ts';

const issuer = new TestIssuer('ES256');

async function explaining() {
  const uses: TokenUse[] = [];
  const recorded: string[] = [];
  const verifier = createVerifier(issuer.policy(), {
    clock: { nowMs: () => NOW_MS },
    keys: await issuer.keys(),
    auditor: { enqueue: () => assert.fail('audited'), blocked: () => false, auditLagMs: () => 0 },
    replay: { record: (id) => (recorded.push(id) > 0 ? 'first' : 'full') },
    reporter: { report: (use) => void uses.push(use) },
  });
  return { verifier, uses, recorded };
}

function outcomes(results: CheckResult[], outcome: CheckResult['outcome']): string[] {
  return results.filter((result) => result.outcome === outcome).map(({ name }) => name);
}

test('a genuine token passes every check that applies, each with a sentence', async () => {
  const { verifier } = await explaining();
  const results = await verifier.explain(issuer.issue(), { audience: AUDIENCE });
  assert.deepEqual(
    results.map(({ name }) => name),
    STEPS.map(({ name }) => name),
  );
  assert.deepEqual(outcomes(results, 'failed'), []);
  assert.ok(outcomes(results, 'passed').includes('receipt'));
  for (const { sentence } of results) assert.match(sentence, /^[A-Z].*\.$/);
});

test('all that is wrong with a token is told at once', async () => {
  const { verifier } = await explaining();
  const token = issuer.forge({
    claims: { aud: 'other', tenant: 'other', exp: NOW_MS / 1000 + 9e6 },
  });
  const results = await verifier.explain(token, { audience: AUDIENCE, scope: ['admin'] });
  const failed = ['receipt', 'lifetime', 'audience', 'tenant', 'scope'];
  assert.deepEqual(outcomes(results, 'failed'), failed);
  const receipt = results.find(({ name }) => name === 'receipt');
  assert.equal(receipt?.code, 'receipt_missing');
});

test('what builds on a failed check is skipped, not passed', async () => {
  const { verifier } = await explaining();
  const garbage = await verifier.explain('not a token', { audience: AUDIENCE });
  assert.deepEqual(outcomes(garbage, 'failed'), ['envelope']);
  for (const name of ['signature', 'receipt', 'audience', 'key']) {
    assert.ok(outcomes(garbage, 'skipped').includes(name), name);
  }
  const [head, body] = issuer.issue().split('.');
  const unsigned = await verifier.explain(`${head}.${body}.AAAA`, { audience: AUDIENCE });
  assert.deepEqual(outcomes(unsigned, 'failed'), ['signature']);
  assert.ok(outcomes(unsigned, 'skipped').includes('receipt'));
});

test('an explanation uses up, reports and remembers nothing', async () => {
  const { verifier, uses, recorded } = await explaining();
  const holder = new TestHolder();
  const token = issuer.issue({ claims: { cnf: { jkt: holder.thumbprint } } });
  const url = 'https://api.example/mail';
  const http = { method: 'GET', url, scheme: 'DPoP' as const, dpopProof: holder.prove(token) };
  for (let times = 0; times < 2; times += 1) {
    const results = await verifier.explain(token, { audience: AUDIENCE, http, once: true });
    assert.deepEqual(outcomes(results, 'failed'), []);
  }
  assert.deepEqual([uses, recorded], [[], []]);
});

test('a failing part of the verifier is a failed check', async () => {
  const verifier = createVerifier(issuer.policy(), {
    clock: { nowMs: () => NOW_MS },
    keys: { key: async () => Promise.reject(new Error('down')), generation: 0 },
    auditor: 'off',
  });
  const results = await verifier.explain(issuer.issue(), { audience: AUDIENCE });
  const key = results.find(({ name }) => name === 'key');
  assert.deepEqual([key?.outcome, key?.code], ['failed', 'verifier_misconfigured']);
});
