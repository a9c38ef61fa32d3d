// Where a verifier is made: what may not be left open, and what is opened from the policy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from './create-verifier.ts';
import { createNoteKey, formatVerifierKey } from './note/verifier-key.ts';
import type { VerifierPolicy } from './policy/verifier-policy.ts';
import type { FetchLike, SignatureAlgorithm } from './ports.ts';
import { AUDIENCE, ISSUER, NOW, NOW_MS, TestIssuer } from './testing/test-issuer.ts';
import { ed25519KeyPair } from './testing/test-log.ts';

const clock = { nowMs: () => NOW_MS };
const issuer = new TestIssuer('ES256');

function answering(documents: Record<string, unknown>): { fetch: FetchLike; asked: string[] } {
  const asked: string[] = [];
  const fetch: FetchLike = async (url) => {
    asked.push(url);
    const document = documents[url];
    return new Response(JSON.stringify(document ?? {}), {
      status: document === undefined ? 404 : 200,
    });
  };
  return { fetch, asked };
}

function published(from: TestIssuer): Record<string, unknown> {
  const scope = { iss: ISSUER, tenant: 'acme', nbf: NOW - 60, exp: NOW + 3600 };
  const key = {
    ...from.publicJwk,
    kid: from.kid,
    alg: from.alg,
    use: 'sig',
    token_types: ['at+jwt', 'JWT'],
    ...scope,
  };
  return { [`${ISSUER}/jwks`]: { keys: [key] } };
}

test('without a policy there is no verifier', () => {
  for (const policy of [undefined, null, {}, [], 'x', { version: 1, issuers: [] }]) {
    assert.throws(() => createVerifier(policy as unknown as VerifierPolicy), {
      name: 'FormatError',
    });
  }
});

test('with nothing but a policy it fetches the keys itself, for every algorithm', async () => {
  for (const alg of ['ES256', 'EdDSA', 'RS256'] satisfies SignatureAlgorithm[]) {
    const from = new TestIssuer(alg);
    const { fetch, asked } = answering(published(from));
    const verifier = createVerifier(from.policy(), { clock, fetch, auditor: 'off' });
    assert.ok(await verifier.verifyToken(from.issue(), { audience: AUDIENCE }));
    assert.ok(await verifier.verifyToken(from.issue(), { audience: AUDIENCE }));
    assert.deepEqual(asked, [`${ISSUER}/jwks`]);
    await verifier.close();
  }
});

test('without keys nothing is accepted', async () => {
  const { fetch } = answering({});
  const verifier = createVerifier(issuer.policy(), { clock, fetch, auditor: 'off' });
  await assert.rejects(verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }), {
    code: 'keys_unavailable',
    status: 503,
  });
  await verifier.close();
});

test('when the policy names a feed and it cannot be had, nothing is accepted', async () => {
  const { fetch, asked } = answering(published(issuer));
  const feed = { url: 'https://id.example/feed', key: feedKeyText(), maxStaleSeconds: 60 };
  const policy = { ...issuer.policy(), feed };
  const verifier = createVerifier(policy, { clock, fetch, auditor: 'off' });
  await assert.rejects(verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }), {
    code: 'feed_stale',
  });
  assert.ok(asked.includes('https://id.example/feed'));
  await verifier.close();
});

function feedKeyText(): string {
  const { publicKey } = ed25519KeyPair();
  return formatVerifierKey(createNoteKey('log.example/log/feed', 'ed25519', publicKey));
}

test('without another word, accepted receipts are audited against the log', async () => {
  const { fetch, asked } = answering(published(issuer));
  const verifier = createVerifier(issuer.policy(), { clock, fetch });
  await verifier.verifyToken(issuer.issue(), { audience: AUDIENCE });
  const deadline = Date.now() + 5000;
  while (!asked.includes('https://log.example/log/checkpoint') && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await verifier.close();
  assert.ok(asked.includes('https://log.example/log/checkpoint'));
});

test('a limit that is no number, or would swallow expiry, is refused', () => {
  const names = ['toleranceSeconds', 'maxTokenLength', 'cacheEntries', 'subtreeEntries'] as const;
  for (const name of names) {
    for (const value of [-1, 0.5, 1e9, Number.NaN, Number.POSITIVE_INFINITY, '5' as never]) {
      assert.throws(() => createVerifier(issuer.policy(), { [name]: value, auditor: 'off' }), {
        code: 'verifier_misconfigured',
      });
    }
  }
  assert.throws(() => createVerifier(issuer.policy(), { toleranceSeconds: 121, auditor: 'off' }));
});

test('a clock that does not tell the time stops everything', async () => {
  const keys = await issuer.keys();
  for (const now of [Number.NaN, undefined as never, Number.POSITIVE_INFINITY]) {
    const verifier = createVerifier(issuer.policy(), {
      clock: { nowMs: () => now },
      keys,
      auditor: 'off',
    });
    await assert.rejects(verifier.verifyToken(issuer.issue(), { audience: AUDIENCE }), {
      code: 'verifier_misconfigured',
    });
  }
});

test('promises of another kind are waited for, not taken for answers', async () => {
  const foreign = <T>(value: T) =>
    // biome-ignore lint/suspicious/noThenProperty: this is what such a promise looks like
    ({ then: (take: (given: T) => unknown) => Promise.resolve(value).then(take) }) as Promise<T>;
  const key = await issuer.key();
  const make = (feedIsFresh: boolean) =>
    createVerifier(issuer.policy(), {
      clock,
      keys: { key: () => foreign(key), generation: 0 },
      feed: {
        fresh: () => feedIsFresh,
        ready: () => foreign<void>(undefined),
        quarantined: () => false,
        revoked: () => false,
        generation: 0,
      },
      auditor: 'off',
    });
  const token = issuer.issue();
  const warm = make(true);
  assert.equal((await warm.verifyToken(token, { audience: AUDIENCE })).cached, false);
  assert.equal((await warm.verifyToken(token, { audience: AUDIENCE })).cached, true);
  await assert.rejects(make(false).verifyToken(token, { audience: AUDIENCE }), {
    code: 'feed_stale',
  });
});

test('verdicts are the same for tokens one at a time and all at once', async () => {
  const from = new TestIssuer('EdDSA');
  const keys = await from.keys();
  const tokens = [...from.issueBatch([{}, {}, {}, {}]), from.issue(), from.issue(), from.forge()];
  const [head = '', body = ''] = from.issue().split('.');
  tokens.push(`${head}.${body}.AAAA`, from.sign(from.issue().split('.')[0] ?? '', body));
  for (const cacheEntries of [0, 100]) {
    const verifier = createVerifier(from.policy(), { clock, keys, auditor: 'off', cacheEntries });
    const verify = (token: string) =>
      verifier.verifyToken(token, { audience: AUDIENCE }).then(
        () => 'accepted',
        ({ code }) => code,
      );
    const expected = [
      ...Array.from({ length: 6 }, () => 'accepted'),
      'receipt_missing',
      'signature_invalid',
      'receipt_invalid',
    ];
    assert.deepEqual(await Promise.all(tokens.map(verify)), expected);
    for (const [at, token] of tokens.entries()) assert.equal(await verify(token), expected[at]);
  }
});

test('an injected Ed25519 judges issuer and log signatures, and its refusals count', async () => {
  const from = new TestIssuer('EdDSA');
  const keys = await from.keys();
  const sizes: number[] = [];
  const make = (verdict: boolean) =>
    createVerifier(from.policy(), {
      clock,
      keys,
      auditor: 'off',
      ed25519: (publicKey, _data, signature) => {
        sizes.push(publicKey.length, signature.length);
        return verdict;
      },
    });
  assert.ok(await make(true).verifyToken(from.issue(), { audience: AUDIENCE }));
  assert.deepEqual(sizes, [32, 64, 32, 64]);
  await assert.rejects(make(false).verifyToken(from.issue(), { audience: AUDIENCE }), {
    code: 'signature_invalid',
  });
});

test('one batch of the log costs one signature of the log', async () => {
  let checked = 0;
  const from = new TestIssuer('ES256');
  const verifier = createVerifier(from.policy(), {
    clock,
    keys: await from.keys(),
    auditor: 'off',
    ed25519: () => {
      checked += 1;
      return true;
    },
  });
  for (const token of from.issueBatch(Array.from({ length: 16 }, () => ({})))) {
    assert.ok(await verifier.verifyToken(token, { audience: AUDIENCE }));
  }
  assert.equal(checked, 1);
});

test('the policy is read once: changing the object afterwards changes nothing', async () => {
  const policy = issuer.policy();
  const verifier = createVerifier(policy, { clock, keys: await issuer.keys(), auditor: 'off' });
  for (const entry of policy.issuers) entry.receipts.mode = 'off';
  await assert.rejects(verifier.verifyToken(issuer.forge(), { audience: AUDIENCE }), {
    code: 'receipt_missing',
  });
});
