// A key whose time is over is a trip-wire: what is told of whoever still signs with it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { ReceiptMode } from '../policy/verifier-policy.ts';
import type { IssuerKey, KeySource, TokenUse } from '../ports.ts';
import { isVerificationError, type VerificationError } from '../refusal.ts';
import { createUseReporter } from '../reports/report-uses.ts';
import { AUDIENCE, ISSUER, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';

const issuer = new TestIssuer('ES256');
const stranger = new TestIssuer('ES256', issuer.log, issuer.kid);

/** What there is to be found in each state of a key that is over. */
async function worlds(): Promise<Record<string, Partial<KeySource> & { quarantined?: boolean }>> {
  const key = await issuer.key();
  const dead = await issuer.key({ notAfterSeconds: NOW - 1 });
  const old = await issuer.key({ notBeforeSeconds: NOW - 91 * 86_400 });
  return {
    key_withdrawn: { key: () => undefined, withdrawn: () => key },
    key_quarantined: { key: () => key, quarantined: true },
    key_expired: { key: () => dead },
    key_too_old: { key: () => old },
  };
}

async function tripping(world: Partial<KeySource> & { quarantined?: boolean }, mode: ReceiptMode) {
  const uses: TokenUse[] = [];
  const { quarantined = false, ...keys } = world;
  const receipts = { mode, logs: [issuer.logPolicy()], startByKid: {} };
  const verifier = createVerifier(issuer.policy({ receipts }), {
    clock: { nowMs: () => NOW_MS },
    keys: { key: () => undefined, generation: 0, ...keys },
    feed: {
      fresh: () => true,
      quarantined: () => quarantined,
      revoked: () => false,
      generation: 1,
    },
    auditor: 'off',
    reporter: { report: (use) => void uses.push(use) },
  });
  const show = async (token: string) => {
    const refusal = await verifier.verifyToken(token, { audience: AUDIENCE }).then(
      () => assert.fail('the token was accepted'),
      (error: unknown) => error,
    );
    assert.ok(isVerificationError(refusal), String(refusal));
    const use = uses.at(-1);
    assert.ok(use);
    return { refusal: refusal as VerificationError, use };
  };
  return { show, uses };
}

describe('C-13 a kid whose time is over is a trip-wire at the verifier', () => {
  it('a forgery by the old key is refused, alarms and is its own evidence', async () => {
    for (const [code, world] of Object.entries(await worlds())) {
      for (const mode of ['required', 'report'] as const) {
        const { show } = await tripping(world, mode);
        for (const forged of [issuer.forge(), issuer.forge({ header: { itr: 'AAAA' } })]) {
          const { refusal, use } = await show(forged);
          assert.deepEqual([refusal.code, refusal.alarm], [code, true], code);
          assert.deepEqual([use.decision, use.code, use.evidence], ['refused', code, forged]);
          assert.deepEqual([use.issuer, use.kid, use.subject], [ISSUER, issuer.kid, 'person-1']);
        }
      }
    }
  });

  it('a genuine token that is late is refused with its place in the log, and is no evidence', async () => {
    for (const [code, world] of Object.entries(await worlds())) {
      const { show } = await tripping(world, 'required');
      const { refusal, use } = await show(issuer.issue());
      assert.deepEqual([refusal.code, refusal.alarm], [code, false], code);
      assert.deepEqual([use.code, use.kid, use.evidence], [code, issuer.kid, undefined]);
      assert.equal(use.logOrigin, issuer.log.origin);
    }
  });

  it('a stranger who names the kid is refused and named, without alarm and claims', async () => {
    for (const [code, world] of Object.entries(await worlds())) {
      const { show } = await tripping(world, 'required');
      const others = [
        stranger.forge(),
        issuer.forge({ header: { alg: 'EdDSA' } }),
        `${issuer.forge().split('.').slice(0, 2).join('.')}.AAAA`,
      ];
      for (const token of others) {
        const { refusal, use } = await show(token);
        if (refusal.code === 'algorithm_not_allowed') continue;
        assert.deepEqual([refusal.code, refusal.alarm], [code, false], code);
        assert.deepEqual([use.issuer, use.kid], [ISSUER, issuer.kid]);
        assert.deepEqual(
          [use.evidence, use.subject, use.jtiHash],
          [undefined, undefined, undefined],
        );
      }
    }
  });

  it('a kid that was never seen here is reported with its issuer, and is key_unknown', async () => {
    const { show } = await tripping({}, 'required');
    const { refusal, use } = await show(issuer.forge({ header: { kid: 'key-of-2016' } }));
    assert.deepEqual([refusal.code, refusal.alarm], ['key_unknown', false]);
    assert.deepEqual([use.issuer, use.kid, use.evidence], [ISSUER, 'key-of-2016', undefined]);
  });

  it('without receipts nobody can tell late from forged here, so there is no alarm', async () => {
    for (const [code, world] of Object.entries(await worlds())) {
      const { show } = await tripping(world, 'off');
      const { refusal, use } = await show(issuer.forge());
      assert.deepEqual([refusal.code, refusal.alarm, use.evidence], [code, false, undefined]);
      assert.equal(use.subject, 'person-1', 'but the key did sign it, and that is told');
    }
  });

  it('looks into it where keys and signatures come as promises too', async () => {
    const { key_withdrawn: world } = await worlds();
    const key = async (): Promise<IssuerKey | undefined> => undefined;
    const { show } = await tripping({ ...world, key }, 'required');
    const forged = issuer.forge();
    const { refusal, use } = await show(forged);
    assert.deepEqual([refusal.code, refusal.alarm, use.evidence], ['key_withdrawn', true, forged]);
  });

  it('keeps the verdict when what is looked into fails', async () => {
    let asked = 0;
    const key = () => {
      asked += 1;
      throw new Error('away');
    };
    const { show } = await tripping({ key, quarantined: true }, 'required');
    const { refusal } = await show(issuer.forge());
    assert.deepEqual([refusal.code, refusal.alarm, asked], ['key_quarantined', false, 1]);
  });

  it('sends the evidence at once, and once, however often the token is shown', async () => {
    const sent: { code?: string; evidence?: string }[] = [];
    const reporter = createUseReporter({
      url: 'https://id.example/api/v1/uses',
      credential: 'c',
      verifier: { name: 'v', version: '1' },
      clock: { nowMs: () => NOW_MS },
      fetch: async (_, init) => {
        sent.push(...JSON.parse(String(init.body)).uses);
        return new Response('{}');
      },
    });
    const { show, uses } = await tripping((await worlds())['key_withdrawn'] ?? {}, 'required');
    const forged = issuer.forge();
    for (let turn = 0; turn < 3; turn += 1) await show(forged);
    await show(issuer.issue());
    for (const use of uses) reporter.report(use);
    await reporter.close?.();
    assert.deepEqual(
      sent.map(({ code, evidence }) => [code, evidence]),
      [
        ['key_withdrawn', forged],
        ['key_withdrawn', undefined],
        ['key_withdrawn', undefined],
        ['key_withdrawn', undefined],
      ],
    );
  });
});
