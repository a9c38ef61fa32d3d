// Keys that must be in the log, through the key set as it is fetched: whoever can write to it can
// show any key, and none that the log has not seen published is believed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts';
import { encodeHex } from '../bytes/hex.ts';
import { createVerifier } from '../create-verifier.ts';
import type { ReceiptMode } from '../policy/verifier-policy.ts';
import type { AuditPair, DeferredAuditor, TokenUse } from '../ports.ts';
import { hashIssuer } from '../receipt/key-entry.ts';
import { isVerificationError } from '../refusal.ts';
import { AUDIENCE, ISSUER, keySourceOf, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { VerifierOptions } from '../verifier-options.ts';

const genuine = new TestIssuer('ES256');
const thief = new TestIssuer('ES256', genuine.log);

/** The key of an issuer as a key set shows it. */
function published(issuer: TestIssuer, change: Record<string, unknown> = {}) {
  return {
    ...issuer.publicJwk,
    kid: issuer.kid,
    alg: issuer.alg,
    iss: ISSUER,
    tenant: 'acme',
    token_types: ['at+jwt', 'JWT'],
    nbf: NOW - 86_400,
    exp: NOW + 86_400,
    ...change,
  };
}

interface World {
  jwk: Record<string, unknown>;
  keys?: ReceiptMode;
  options?: VerifierOptions;
}

function open({ jwk, keys = 'required', options = {} }: World) {
  const uses: TokenUse[] = [];
  const logs = [genuine.logPolicy()];
  const verifier = createVerifier(
    genuine.policy({ receipts: { mode: 'required', logs, startByKid: {}, keys } }),
    {
      clock: { nowMs: () => NOW_MS + 1000 },
      fetch: async () => new Response(JSON.stringify({ keys: [jwk] })),
      auditor: 'off',
      reporter: { report: (use) => uses.push(use) },
      ...options,
    },
  );
  const show = (token: string) => verifier.verifyToken(token, { audience: AUDIENCE });
  return { verifier, uses, show };
}

async function refused(world: World, token: string) {
  const { show, uses } = open(world);
  const error = await show(token).then(
    () => assert.fail('the token was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(isVerificationError(error), String(error));
  return { code: error.code, alarm: error.alarm, evidence: uses[0]?.evidence === token };
}

const KEY_UNLOGGED = { code: 'key_unlogged', alarm: true, evidence: true } as const;
const itr = genuine.publish();

describe('a policy that requires logged keys', () => {
  it('accepts tokens of a key whose publication the log has seen', async () => {
    const { show } = open({ jwk: published(genuine, { itr }) });
    const token = genuine.issue();
    assert.equal((await show(token)).cached, false);
    assert.equal((await show(token)).cached, true);
  });

  it('refuses a rogue key in the key set, even when the log has seen its tokens', async () => {
    const jwk = published(thief, { kid: genuine.kid });
    assert.deepEqual(await refused({ jwk }, thief.issue()), KEY_UNLOGGED);
    assert.deepEqual(await refused({ jwk }, thief.forge()), KEY_UNLOGGED);
  });

  it('refuses a rogue key that shows the receipt of the genuine one', async () => {
    const jwk = published(thief, { itr });
    assert.deepEqual(await refused({ jwk }, thief.issue()), KEY_UNLOGGED);
  });

  it('refuses a key with a longer life than was logged', async () => {
    const jwk = published(genuine, { itr, exp: NOW + 2 * 86_400 });
    assert.deepEqual(await refused({ jwk }, genuine.issue()), KEY_UNLOGGED);
  });

  it('refuses a receipt for another kid, issuer, event or key, and one that is none', async () => {
    const wrong = [
      genuine.publish({ kid: 'another' }),
      genuine.publish({ issuerHash: hashIssuer(`${ISSUER}2`) }),
      genuine.publish({ event: 'activated' }),
      genuine.publish({ event: 'revoked' }),
      genuine.publish({ thumbprint: new Uint8Array(32) }),
      new TestIssuer('ES256').publish(),
      `${itr}=`,
      itr.slice(4),
      '',
      'A'.repeat(5_000),
      [itr],
      null,
    ];
    for (const [at, receipt] of wrong.entries()) {
      const jwk = published(genuine, { itr: receipt });
      assert.deepEqual(await refused({ jwk }, genuine.issue()), KEY_UNLOGGED, `case ${at}`);
    }
  });

  it("refuses a token's receipt in place of the key's, tagged or not", async () => {
    const jwk = published(genuine, { itr });
    const header = JSON.parse(
      new TextDecoder().decode(decodeBase64url(genuine.issue().split('.')[0] ?? '')),
    ) as { itr: string };
    assert.deepEqual(
      await refused({ jwk: { ...jwk, itr: header.itr } }, genuine.issue()),
      KEY_UNLOGGED,
    );
    const tagged = genuine.log.append([
      {
        iss: ISSUER,
        kid: genuine.kid,
        alg: 'ES256',
        typ: 'at+jwt',
        payloadSegment: 'e30',
        expiresAtSeconds: NOW,
        issuedMs: NOW_MS,
        tags: { user: new Uint8Array(16), instance: new Uint8Array(8) },
      },
    ]);
    const receipt = encodeBase64url(tagged[0] ?? new Uint8Array());
    assert.deepEqual(
      await refused({ jwk: { ...jwk, itr: receipt } }, genuine.issue()),
      KEY_UNLOGGED,
    );
  });

  it('raises no alarm for a token that the key did not sign', async () => {
    const outcome = await refused({ jwk: published(genuine) }, thief.forge());
    assert.deepEqual(outcome, { code: 'signature_invalid', alarm: false, evidence: false });
  });

  it('refuses keys of a key source that says nothing of receipts', async () => {
    const token = genuine.issue();
    for (const change of [{}, { receipt: itr, thumbprint: undefined }]) {
      const keys = keySourceOf([await genuine.key(change)]);
      const outcome = await refused({ jwk: {}, options: { keys } }, token);
      assert.deepEqual(outcome, KEY_UNLOGGED);
    }
  });

  it('says so when it explains, and uses nothing up', async () => {
    const { verifier } = open({ jwk: published(thief, { itr }) });
    const results = await verifier.explain(thief.issue(), { audience: AUDIENCE });
    const step = results.find(({ name }) => name === 'key log');
    assert.equal(step?.outcome, 'failed');
    assert.equal(step?.code, 'key_unlogged');
  });
});

describe('a policy that only reports unlogged keys', () => {
  it('accepts them, and says which', async () => {
    const { show, uses } = open({ jwk: published(genuine), keys: 'report' });
    const token = genuine.issue();
    assert.equal((await show(token)).receiptProblem, 'key_unlogged');
    assert.equal((await show(token)).cached, true);
    assert.deepEqual([uses[0]?.decision, uses[0]?.code], ['accepted', 'key_unlogged']);
  });

  it('is quiet about logged ones, as one that does not ask is about all', async () => {
    for (const world of [
      { jwk: published(genuine, { itr }), keys: 'report' },
      { jwk: published(genuine), keys: 'off' },
    ] as const) {
      const { show } = open(world);
      assert.equal((await show(genuine.issue())).receiptProblem, undefined);
    }
  });
});

describe('the deferred audit of a key', () => {
  function auditing(change: Partial<DeferredAuditor> = {}) {
    const pairs: AuditPair[] = [];
    const failed = new Set<string>();
    const auditor: DeferredAuditor = {
      enqueue: (pair) => {
        pairs.push(pair);
        return true;
      },
      blocked: (name) => failed.has(name),
      auditLagMs: () => 0,
      ...change,
    };
    return { pairs, failed, ...open({ jwk: published(genuine, { itr }), options: { auditor } }) };
  }

  it('is asked for with its first token, once', async () => {
    const { pairs, show, verifier } = auditing();
    await verifier.explain(genuine.issue(), { audience: AUDIENCE });
    assert.equal(pairs.length, 0);
    await show(genuine.issue());
    await show(genuine.issue());
    const keys = pairs.filter(({ subject }) => subject === 'key');
    assert.equal(pairs.length, 3);
    assert.equal(keys.length, 1);
    const [pair] = keys;
    assert.deepEqual(pair?.leafHash, genuine.log.leafHashes[pair?.index ?? -1]);
    assert.equal(pair?.expiresAtSeconds, NOW + 86_400);
  });

  it('that failed ends the key, remembered tokens included', async () => {
    const { pairs, failed, show, uses } = auditing();
    const token = genuine.issue();
    await show(token);
    const pair = pairs.find(({ subject }) => subject === 'key') ?? assert.fail();
    assert.equal(pair.tokenHash, encodeHex(pair.leafHash));
    failed.add(pair.tokenHash);
    await assert.rejects(show(token), { code: 'key_unlogged', alarm: true });
    await assert.rejects(show(genuine.issue()), { code: 'key_unlogged', alarm: true });
    assert.equal(uses.at(-2)?.evidence, token);
  });

  it('that had no room while a strict audience asked is still to be queued by the next', async () => {
    const names: (string | undefined)[] = [];
    const auditor: DeferredAuditor = {
      enqueue: ({ subject }) => names.push(subject) > 0,
      blocked: () => false,
      auditLagMs: () => 0,
      awaitInclusion: async () => 'unavailable',
    };
    const logs = [genuine.logPolicy()];
    const receipts = { mode: 'required', logs, startByKid: {}, keys: 'required' } as const;
    const verifier = createVerifier(
      genuine.policy({ receipts: { ...receipts, strictAudiences: ['https://strict.example'] } }),
      {
        clock: { nowMs: () => NOW_MS + 1000 },
        fetch: async () => new Response(JSON.stringify({ keys: [published(genuine, { itr })] })),
        auditor,
      },
    );
    const token = genuine.issue({ claims: { aud: 'https://strict.example' } });
    const strict = verifier.verifyToken(token, { audience: 'https://strict.example' });
    await assert.rejects(strict, { code: 'audit_unavailable' });
    await verifier.verifyToken(genuine.issue(), { audience: AUDIENCE });
    assert.deepEqual(names, ['key', undefined]);
    await verifier.close();
  });

  it('that cannot be queued is asked for again with the next token', async () => {
    let room = false;
    const { show } = auditing({ enqueue: () => room });
    await assert.rejects(show(genuine.issue()), { code: 'audit_unavailable' });
    room = true;
    await show(genuine.issue());
  });
});
