// What verdicts are reported, and what of a token they may contain.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { ReceiptMode } from '../policy/verifier-policy.ts';
import type { AuditPair, DeferredAuditor, TokenUse } from '../ports.ts';
import { AUDIENCE, type Draft, ISSUER, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';

const issuer = new TestIssuer('ES256');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function reporting(
  mode: ReceiptMode = 'required',
  startByKid = {},
  auditor: DeferredAuditor | 'off' = 'off',
) {
  const world = { nowMs: NOW_MS, uses: [] as TokenUse[] };
  const receipts = { mode, logs: [issuer.logPolicy()], startByKid };
  const verifier = createVerifier(issuer.policy({ receipts }), {
    clock: { nowMs: () => world.nowMs },
    keys: await issuer.keys(),
    auditor,
    reporter: { report: (use) => void world.uses.push(use) },
  });
  const verify = (token: string, ip?: string) =>
    verifier.verifyToken(token, { audience: AUDIENCE, ip, userAgent: 'test' });
  return { world, verifier, verify };
}

test('an accepted token is reported with its place in the log and its hashes', async () => {
  const { world, verify } = await reporting();
  const token = issuer.issue({ claims: { jti: 'the-jti', cnf: undefined } });
  const { receipt } = await verify(token, '192.0.2.1');
  const [use] = world.uses;
  assert.deepEqual(use, {
    atMs: NOW_MS,
    decision: 'accepted',
    tokenHash: sha256(token),
    issuer: ISSUER,
    kid: issuer.kid,
    ip: '192.0.2.1',
    userAgent: 'test',
    logIndex: receipt?.index,
    logOrigin: receipt?.origin,
    leafHash: Buffer.from(issuer.log.leafHashes[receipt?.index ?? -1] ?? []).toString('hex'),
    audience: [AUDIENCE],
    subject: 'person-1',
    clientId: 'client-1',
    jtiHash: sha256('the-jti'),
  });
});

test('the token itself is in a report only when its signing key must be stolen', async () => {
  const { world, verify } = await reporting();
  const forged = issuer.forge();
  await assert.rejects(verify(forged), { code: 'receipt_missing', alarm: true });
  assert.equal(world.uses[0]?.evidence, forged);
  assert.equal(world.uses[0]?.kid, issuer.kid);
  const harmless: Draft[] = [
    { claims: { aud: 'other' } },
    { header: { kid: 'other' } },
    { header: { crit: [] } },
    { without: ['jti'] },
  ];
  for (const draft of harmless) await assert.rejects(verify(issuer.issue(draft)), { alarm: false });
  const [head, body] = issuer.forge().split('.');
  await assert.rejects(verify(`${head}.${body}.AAAA`), { code: 'signature_invalid', alarm: false });
  assert.equal(world.uses.length, 6);
  assert.deepEqual(
    world.uses.slice(1).filter((use) => use.evidence !== undefined),
    [],
  );
});

test('a forgery with a false receipt is handed to the audit, and is evidence once it is refuted', async () => {
  const queued: AuditPair[] = [];
  let refuted = false;
  const { world, verify } = await reporting(
    'required',
    {},
    {
      enqueue: (pair) => queued.push(pair) > 0,
      blocked: () => refuted,
      auditLagMs: () => 0,
    },
  );
  const token = issuer.issue();
  await verify(token);
  assert.equal(queued[0]?.token, token);
  assert.equal(world.uses[0]?.evidence, undefined, 'an accepted token is nobody else’s business');
  refuted = true;
  await assert.rejects(verify(token), { code: 'receipt_audit_failed', alarm: true });
  assert.equal(world.uses[1]?.evidence, token);
});

test('a stolen key alarms even when its forgery fails for its claims as well', async () => {
  const { verify } = await reporting();
  const forged = issuer.forge({ claims: { aud: 'other', exp: 1, iat: 0 }, without: ['jti'] });
  await assert.rejects(verify(forged), { code: 'receipt_missing', alarm: true });
});

test('an unsigned token is not quoted as fact', async () => {
  const { world, verify } = await reporting();
  const [head, body] = issuer.issue({ claims: { sub: 'somebody else' } }).split('.');
  await assert.rejects(verify(`${head}.${body}.AAAA`));
  const [use] = world.uses;
  assert.equal(use?.subject, undefined);
  assert.equal(use?.audience, undefined);
  assert.equal(use?.jtiHash, undefined);
  assert.equal(use?.code, 'signature_invalid');
});

test('a repeated use is reported again only later or from elsewhere', async () => {
  const { world, verify } = await reporting();
  const token = issuer.issue();
  await verify(token, 'a');
  await verify(token, 'a');
  assert.equal(world.uses.length, 1);
  await verify(token, 'b');
  assert.equal(world.uses.length, 2);
  assert.equal(world.uses[1]?.subject, 'person-1');
  world.nowMs += 59_000;
  await verify(token, 'b');
  assert.equal(world.uses.length, 2);
  world.nowMs += 1_000;
  await verify(token, 'b');
  assert.equal(world.uses.length, 3);
});

test('what is refused the second time is reported as refused', async () => {
  const { world, verify, verifier } = await reporting();
  const token = issuer.issue();
  await verify(token);
  await assert.rejects(verifier.verifyToken(token, { audience: 'other' }));
  assert.deepEqual(
    world.uses.map(({ decision, code }) => [decision, code]),
    [
      ['accepted', undefined],
      ['refused', 'audience_mismatch'],
    ],
  );
});

test('a verifier that cannot judge says nothing about the token', async () => {
  const uses: TokenUse[] = [];
  const verifier = createVerifier(issuer.policy(), {
    keys: {
      key: () => {
        throw new Error('down');
      },
      generation: 0,
    },
    auditor: 'off',
    reporter: { report: (use) => void uses.push(use) },
  });
  await assert.rejects(verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }), {
    status: 503,
  });
  assert.deepEqual(uses, []);
});

test('in report mode a missing or false receipt is accepted, and said', async () => {
  const { world, verify } = await reporting('report');
  const token = issuer.forge();
  const verified = await verify(token);
  assert.equal(verified.receiptProblem, 'receipt_missing');
  assert.equal(verified.receipt, undefined);
  assert.deepEqual([world.uses[0]?.decision, world.uses[0]?.code], ['accepted', 'receipt_missing']);
  assert.equal(world.uses[0]?.evidence, undefined);
  const spoilt = await verify(issuer.forge({ header: { itr: 'AAAA' } }));
  assert.equal(spoilt.receiptProblem, 'receipt_malformed');
  assert.equal((await verify(issuer.issue())).receiptProblem, undefined);
});

test('in off mode receipts are neither needed nor looked at', async () => {
  const { verify } = await reporting('off');
  for (const token of [issuer.forge(), issuer.issue(), issuer.forge({ header: { itr: 7 } })]) {
    const verified = await verify(token);
    assert.equal(verified.receipt, undefined);
    assert.equal(verified.receiptProblem, undefined);
  }
});

test('tokens of a listed key from before its receipts began need none, later ones do', async () => {
  const start = NOW_MS / 1000;
  const { verify } = await reporting('required', { [issuer.kid]: start });
  assert.ok(await verify(issuer.forge({ claims: { iat: start - 1 } })));
  await assert.rejects(verify(issuer.forge({ claims: { iat: start } })), {
    code: 'receipt_missing',
  });
  const old = issuer.forge({ claims: { iat: start - 1 }, header: { itr: 'AAAA' } });
  await assert.rejects(verify(old), { code: 'receipt_malformed' });
  await assert.rejects(verify(issuer.forge({ claims: { iat: '0' } })), { code: 'receipt_missing' });
});
