// What a warm verifier may skip and what it may not: remembered signatures must never outlive the
// facts that made the token acceptable.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { AuditPair, IssuerKey, ReplayVerdict } from '../ports.ts';
import { TestHolder } from '../testing/test-holder.ts';
import { AUDIENCE, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import { TokenCache } from './token-cache.ts';
import type { TokenContext } from './token-context.ts';

/** A verifier whose world can be changed, and a token it has accepted once. */
async function warm(options: VerifierOptions = {}) {
  const issuer = new TestIssuer('ES256');
  const world = {
    nowMs: NOW_MS + 1000,
    key: (await issuer.key()) as IssuerKey | undefined,
    fresh: true,
    generation: 1,
    quarantined: false,
    revoked: false,
    blocked: false,
    lookups: 0,
    audited: [] as AuditPair[],
  };
  const verifier = createVerifier(issuer.policy(), {
    clock: { nowMs: () => world.nowMs },
    keys: { key: () => world.key, generation: 0 },
    feed: {
      fresh: () => world.fresh,
      quarantined: () => {
        world.lookups += 1;
        return world.quarantined;
      },
      revoked: () => world.revoked,
      get generation() {
        return world.generation;
      },
    },
    auditor: {
      enqueue: (pair) => world.audited.push(pair) > 0,
      blocked: () => world.blocked,
      auditLagMs: () => 0,
    },
    ...options,
  });
  const token = issuer.issue();
  const verify = (context: Partial<TokenContext> = {}) =>
    verifier.verifyToken(token, { audience: AUDIENCE, ...context });
  const first = await verify();
  assert.equal(first.cached, false);
  return { issuer, world, verifier, token, verify, first };
}

test('the same token is remembered, and its audit queued once', async () => {
  const { verify, first, world } = await warm();
  const again = await verify();
  assert.equal(again.cached, true);
  assert.deepEqual({ ...again, cached: false }, first);
  assert.equal(world.audited.length, 1);
  assert.equal(world.audited[0]?.tokenHash, first.tokenHash);
});

test('the remembered path asks anew whatever time, request or world can change', async () => {
  type World = Awaited<ReturnType<typeof warm>>['world'];
  const worlds: Record<string, Partial<World>> = {
    token_expired: { nowMs: (NOW + 606) * 1000 },
    token_from_future: { nowMs: (NOW - 60) * 1000 },
    key_expired: { nowMs: (NOW + 86_400) * 1000 },
    key_not_yet_valid: { nowMs: (NOW - 86_460) * 1000 },
    key_unknown: { key: undefined },
    key_quarantined: { quarantined: true, generation: 2 },
    token_revoked: { revoked: true, generation: 2 },
    feed_stale: { fresh: false },
    receipt_audit_failed: { blocked: true },
  };
  const contexts: Record<string, Partial<TokenContext>> = {
    audience_mismatch: { audience: 'https://other.example' },
    tenant_mismatch: { tenant: 'other' },
    issuer_unknown: { issuer: 'https://id.example/acme/customer' },
    type_not_allowed: { type: 'id' },
    scope_insufficient: { scope: ['admin'] },
    nonce_mismatch: { nonce: 'n' },
    claim_missing: { requiredClaims: ['amr'] },
    verifier_misconfigured: { once: true },
    dpop_mismatch: { http: { method: 'GET', url: 'https://api.example', scheme: 'DPoP' } },
  };
  for (const code of [...Object.keys(worlds), ...Object.keys(contexts)]) {
    const given = await warm();
    assert.equal((await given.verify()).cached, true);
    Object.assign(given.world, worlds[code]);
    await assert.rejects(given.verify(contexts[code]), { code }, code);
  }
});

test('a key that dies and comes back unchanged is believed again', async () => {
  const { verify, world } = await warm();
  const { key } = world;
  world.key = undefined;
  await assert.rejects(verify(), { code: 'key_unknown' });
  world.key = key;
  assert.equal((await verify()).cached, false);
  assert.equal((await verify()).cached, true);
});

test('a key that is replaced under its kid has everything checked again', async () => {
  const { verify, world } = await warm();
  const other = new TestIssuer('ES256');
  world.key = await other.key({ kid: world.key?.kid ?? '' });
  await assert.rejects(verify(), { code: 'signature_invalid' });
});

test('a scope that is taken from a key counts at once', async () => {
  const { verify, world } = await warm();
  assert.ok(world.key);
  world.key = { ...world.key, tokenTypes: ['JWT'] };
  await assert.rejects(verify(), { code: 'key_type_out_of_scope' });
});

test('keys that come as promises are compared too', async () => {
  const { verify, world } = await warm({});
  const { key } = world;
  const given = await warm({ keys: { key: async () => world.key, generation: 0 } }).catch(
    (error) => error.code,
  );
  assert.equal(given, 'signature_invalid');
  world.key = key;
  assert.equal((await verify()).cached, true);
});

test('while the feed does not change it is not searched again', async () => {
  const { verify, world } = await warm();
  await verify();
  assert.equal(world.lookups, 1);
  world.generation += 1;
  await verify();
  await verify();
  assert.equal(world.lookups, 2);
});

test('a feed that changes while a token is judged counts for that token already', async () => {
  const issuer = new TestIssuer('EdDSA');
  const world = { generation: 1, quarantined: false };
  const key = await issuer.key();
  const verifier = createVerifier(issuer.policy(), {
    clock: { nowMs: () => NOW_MS },
    keys: {
      key: async () => {
        // Between the look at the quarantine list and the verdict.
        world.generation += 1;
        world.quarantined = true;
        return key;
      },
      generation: 0,
    },
    feed: {
      fresh: () => true,
      quarantined: () => world.quarantined,
      revoked: () => false,
      get generation() {
        return world.generation;
      },
    },
    auditor: 'off',
  });
  await assert.rejects(verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }), {
    code: 'key_quarantined',
  });
});

test('a key that is withdrawn or replaced while its token waits takes the token with it', async () => {
  const issuer = new TestIssuer('EdDSA');
  const other = await new TestIssuer('EdDSA').key({ kid: issuer.kid });
  const afterwards: [string, IssuerKey | undefined][] = [
    ['key_unknown', undefined],
    ['key_withdrawn', other],
  ];
  for (const [code, key] of afterwards) {
    const world = { key: (await issuer.key()) as IssuerKey | undefined };
    const verifier = createVerifier(issuer.policy(), {
      clock: { nowMs: () => NOW_MS },
      keys: { key: () => world.key, generation: 0 },
      auditor: 'off',
      replay: {
        record: async (): Promise<ReplayVerdict> => {
          world.key = key;
          return 'first';
        },
      },
    });
    const judged = verifier.verifyToken(issuer.issue(), { audience: AUDIENCE, once: true });
    await assert.rejects(judged, { code });
  }
});

test('refused tokens are not remembered and evict nothing', async () => {
  const { issuer, verifier, verify } = await warm({ cacheEntries: 4 });
  for (let count = 0; count < 20; count += 1) {
    await assert.rejects(verifier.verifyToken(issuer.forge(), { audience: AUDIENCE }));
  }
  assert.equal((await verify()).cached, true);
});

test('a token that was accepted is refused with one letter changed', async () => {
  const { token, verifier, verify } = await warm();
  await verify();
  for (let at = 0; at < token.length; at += 7) {
    const letter = token[at] === 'A' ? 'B' : 'A';
    const changed = token.slice(0, at) + letter + token.slice(at + 1);
    await assert.rejects(verifier.verifyToken(changed, { audience: AUDIENCE }), {
      name: 'VerificationError',
    });
  }
});

test('no handler can change the claims that the next one is given', async () => {
  const { verify, first } = await warm();
  const again = await verify();
  for (const { claims, header } of [first, again]) {
    assert.throws(() => Object.assign(claims, { sub: 'admin' }), TypeError);
    assert.throws(() => Object.assign(header, { kid: 'other' }), TypeError);
  }
  assert.throws(() => Object.assign(again.receipt ?? {}, { index: 0 }), TypeError);
});

test('a bound token needs a fresh proof on every use', async () => {
  const holder = new TestHolder();
  const issuer = new TestIssuer('EdDSA');
  const verifier = createVerifier(issuer.policy(), {
    clock: { nowMs: () => NOW_MS },
    keys: await issuer.keys(),
    auditor: 'off',
  });
  const token = issuer.issue({ claims: { cnf: { jkt: holder.thumbprint } } });
  const use = (dpopProof?: string) =>
    verifier.verifyToken(token, {
      audience: AUDIENCE,
      http: { method: 'GET', url: 'https://api.example/mail', scheme: 'DPoP', dpopProof },
    });
  const proof = holder.prove(token);
  assert.equal((await use(proof)).cached, false);
  await assert.rejects(use(proof), { code: 'dpop_replayed' });
  await assert.rejects(use(), { code: 'dpop_missing' });
  assert.equal((await use(holder.prove(token))).cached, true);
});

test('a one-time token is recorded on every use, remembered or not', async () => {
  const used = new Set<string>();
  const record = (id: string): ReplayVerdict => {
    const verdict = used.has(id) ? 'seen' : 'first';
    used.add(id);
    return verdict;
  };
  const { verify } = await warm({ replay: { record } });
  assert.equal((await verify({ once: true })).cached, true);
  await assert.rejects(verify({ once: true }), { code: 'token_replayed' });
});

test('the memory is bounded, forgets the least used and can be switched off', async () => {
  const cache = new TokenCache<number>(10);
  for (let entry = 0; entry < 1000; entry += 1) {
    cache.set(String(entry), entry);
    assert.ok(cache.size <= 10);
    assert.equal(cache.get('0'), 0, 'what is used all the time stays');
  }
  assert.equal(cache.get('1'), undefined);
  cache.delete('0');
  assert.equal(cache.get('0'), undefined);
  const off = new TokenCache<number>(0);
  off.set('a', 1);
  assert.equal(off.get('a'), undefined);
});

test('a closed verifier accepts nothing, remembered or not', async () => {
  const { verifier, verify } = await warm();
  await verifier.close();
  await assert.rejects(verify(), { code: 'verifier_misconfigured' });
});
