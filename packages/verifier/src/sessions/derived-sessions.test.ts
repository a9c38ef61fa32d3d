// What was made out of an accepted token lives no longer than what the token stood on.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import type { IssuerPolicy } from '../policy/verifier-policy.ts';
import type { IssuerKey, KeySource } from '../ports.ts';
import { AUDIENCE, ISSUER, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import { groundOf, isSessionGround, type SessionGround } from './session-ground.ts';
import type { SessionEnd } from './watch-sessions.ts';

const issuer = new TestIssuer('ES256');

/** A verifier whose world can be changed, and the ground of a token that it accepted. */
async function begun(options: VerifierOptions = {}, policy: Partial<IssuerPolicy> = {}) {
  const world = {
    nowMs: NOW_MS + 1000,
    key: (await issuer.key()) as IssuerKey | undefined,
    fresh: true,
    quarantined: false,
    revoked: false,
    blocked: false,
    generation: 1,
    lookups: 0,
  };
  const verifier = createVerifier(issuer.policy(policy), {
    clock: { nowMs: () => world.nowMs },
    keys: { key: () => world.key, generation: 0 },
    feed: {
      fresh: () => world.fresh,
      quarantined: (name, kid) => name === ISSUER && kid === issuer.kid && world.quarantined,
      revoked: (index, origin) => index >= 0 && origin === issuer.log.origin && world.revoked,
      get generation() {
        return world.generation;
      },
    },
    auditor: {
      enqueue: () => true,
      blocked: () => world.blocked,
      auditLagMs: () => 0,
    },
    watchEveryMs: 5,
    ...options,
  });
  const verified = await verifier.verifyToken(issuer.issue(), { audience: AUDIENCE });
  return { world, verifier, verified, ground: groundOf(verified) };
}

type World = Awaited<ReturnType<typeof begun>>['world'];

/** Every way in which a session ends without its token being looked at: code, and whether for good. */
async function endings(): Promise<[string, boolean, Partial<World>][]> {
  const dead = await issuer.key({ notAfterSeconds: NOW });
  const other = await new TestIssuer('ES256').key({ kid: issuer.kid });
  return [
    ['key_unknown', true, { key: undefined }],
    ['key_withdrawn', true, { key: other }],
    ['key_expired', true, { key: dead }],
    ['key_too_old', true, { key: await issuer.key({ notBeforeSeconds: NOW - 91 * 86_400 }) }],
    ['key_issuer_mismatch', true, { key: await issuer.key({ issuer: 'https://other.example' }) }],
    ['key_tenant_mismatch', true, { key: await issuer.key({ tenant: 'other' }) }],
    ['key_type_out_of_scope', true, { key: await issuer.key({ tokenTypes: ['JWT'] }) }],
    ['key_not_yet_valid', true, { key: await issuer.key({ notBeforeSeconds: NOW + 60 }) }],
    ['key_quarantined', true, { quarantined: true }],
    ['token_revoked', true, { revoked: true }],
    ['receipt_audit_failed', true, { blocked: true }],
    ['token_expired', true, { nowMs: (NOW + 606) * 1000 }],
    ['feed_stale', false, { fresh: false }],
    ['verifier_misconfigured', false, { nowMs: Number.NaN }],
  ];
}

describe('C-14 a session made out of a token', () => {
  it('stands while all that its token stood on stands, at once and without the token', async () => {
    const { verifier, ground, verified } = await begun();
    assert.deepEqual(verifier.standing(ground), { stands: true }, 'synchronous while at hand');
    assert.deepEqual(
      verifier.standing(verified),
      { stands: true },
      'the verified token is as good',
    );
    const stored = JSON.parse(JSON.stringify(ground)) as SessionGround;
    assert.deepEqual(stored, ground);
    assert.deepEqual((await begun()).verifier.standing(stored), { stands: true }, 'anywhere');
    assert.doesNotMatch(
      JSON.stringify(ground),
      /person-1|eyJ/,
      'neither token nor person is in it',
    );
  });

  it('ends with each thing that ends', async () => {
    for (const [code, final, change] of await endings()) {
      const { verifier, ground, world } = await begun();
      Object.assign(world, change);
      const standing = await verifier.standing(ground);
      assert.ok(!standing.stands, code);
      assert.deepEqual([standing.code, standing.final], [code, final]);
      assert.match(standing.message, /^[A-Z].*\.$/);
    }
  });

  it('outlives its token only where the caller says so, and nothing else', async () => {
    const { verifier, ground, world } = await begun();
    world.nowMs = (NOW + 3600) * 1000;
    assert.equal((await verifier.standing(ground)).stands, false);
    assert.equal((await verifier.standing(ground, { outliveToken: true })).stands, true);
    world.nowMs = (NOW + 86_400) * 1000;
    const standing = await verifier.standing(ground, { outliveToken: true });
    assert.equal(!standing.stands && standing.code, 'key_expired');
    for (const [code, , change] of await endings()) {
      if (code === 'token_expired') continue;
      const other = await begun();
      Object.assign(other.world, change);
      assert.equal(
        (await other.verifier.standing(other.ground, { outliveToken: true })).stands,
        false,
      );
    }
  });

  it('does not stand where keys or feed fail, and stands again when they are back', async () => {
    const { verifier, ground, world } = await begun();
    world.fresh = false;
    assert.equal((await verifier.standing(ground)).stands, false);
    world.fresh = true;
    assert.equal((await verifier.standing(ground)).stands, true);
    const broken: KeySource['key'][] = [
      () => {
        throw new Error('down');
      },
      () => Promise.reject(new Error('down')),
    ];
    for (const key of broken) {
      let up = true;
      const sound = await issuer.key();
      const given = await begun({
        keys: { key: (...asked) => (up ? sound : key(...asked)), generation: 0 },
      });
      up = false;
      const standing = await given.verifier.standing(given.ground);
      assert.deepEqual(!standing.stands && [standing.code, standing.final], [
        'verifier_misconfigured',
        false,
      ]);
    }
  });

  it('ends with what happens while it is judged', async () => {
    const key = await issuer.key();
    let onAsked = () => {};
    const keys = {
      key: async () => {
        onAsked();
        return key;
      },
      generation: 0,
    };
    const { verifier, ground, world } = await begun({ keys });
    assert.equal((await verifier.standing(ground)).stands, true);
    // After the look at the quarantine, before the verdict.
    onAsked = () => Object.assign(world, { quarantined: true, generation: 2 });
    const standing = await verifier.standing(ground);
    assert.equal(!standing.stands && standing.code, 'key_quarantined');
  });

  it('is refused when its ground was lost, mixed up or invented', async () => {
    const { verifier, ground } = await begun();
    const { logIndex: _, ...halfPlaced } = ground;
    const wrong: unknown[] = [
      undefined,
      null,
      'ground',
      {},
      { ...ground, version: 2 },
      { ...ground, kid: 7 },
      { ...ground, logIndex: -1 },
      { ...ground, expiresAtSeconds: '9' },
      { ...ground, issuedAtSeconds: Number.NaN },
      { ...ground, keyThumbprint: 1 },
      halfPlaced,
    ];
    for (const given of wrong) {
      assert.equal(isSessionGround(given), false);
      const standing = await verifier.standing(given as SessionGround);
      assert.deepEqual(!standing.stands && [standing.code, standing.final], [
        'token_malformed',
        true,
      ]);
    }
    const { logIndex, logOrigin, ...unplaced } = ground;
    assert.notEqual(logIndex, undefined);
    const strange: [string, SessionGround][] = [
      ['issuer_unknown', { ...ground, issuer: 'https://id.example/acme/customer' }],
      ['algorithm_not_allowed', { ...ground, alg: 'RS256' }],
      ['key_unknown', { ...ground, kid: 'another' }],
      ['receipt_missing', unplaced],
      ['receipt_key_unknown', { ...ground, logOrigin: `other.${logOrigin}` }],
      ['key_not_yet_valid', { ...ground, issuedAtSeconds: 1 }],
    ];
    for (const [code, given] of strange) {
      const standing = await verifier.standing(given);
      assert.equal(!standing.stands && standing.code, code);
    }
  });

  it('needs no receipt where the policy asks for none', async () => {
    const receipts = { mode: 'off', logs: [], startByKid: {} } as const;
    const { verifier, ground } = await begun({}, { receipts: { ...receipts, logs: [] } });
    assert.equal(ground.logIndex, undefined);
    assert.equal((await verifier.standing(ground)).stands, true);
  });

  it('ends with its verifier', async () => {
    const { verifier, ground } = await begun();
    await verifier.close();
    const standing = await verifier.standing(ground);
    assert.deepEqual(!standing.stands && [standing.code, standing.final], [
      'verifier_misconfigured',
      false,
    ]);
  });
});

describe('C-14 a socket that is watched', () => {
  const ended = (verifier: Awaited<ReturnType<typeof begun>>['verifier'], ground: SessionGround) =>
    new Promise<SessionEnd>((resolve) => void verifier.watch(ground, resolve));

  it('is told of its end without anybody asking', async () => {
    for (const [code, final, change] of await endings()) {
      const { verifier, ground, world } = await begun();
      const end = ended(verifier, ground);
      Object.assign(world, change);
      const told = await end;
      assert.deepEqual([told.code, told.final], [code, final]);
      await verifier.close();
    }
  });

  it('is told once, and not at all after it was stopped', async () => {
    const { verifier, ground, world } = await begun();
    const told: string[] = [];
    const first = verifier.watch(ground, () => told.push('first'));
    verifier.watch(ground, () => told.push('second'));
    first.stop();
    world.key = undefined;
    await ended(verifier, ground);
    await ended(verifier, ground);
    assert.deepEqual(told, ['second']);
  });

  it('is told of the end of its verifier, because nobody looks after it any more', async () => {
    const { verifier, ground } = await begun();
    const end = ended(verifier, ground);
    await verifier.close();
    assert.equal((await end).code, 'verifier_misconfigured');
    assert.throws(() => verifier.watch(ground, () => {}), { code: 'verifier_misconfigured' });
  });

  it('is told although the listener of another throws', async () => {
    const problems: string[] = [];
    const { verifier, ground, world } = await begun({ onProblem: (code) => problems.push(code) });
    verifier.watch(ground, () => {
      throw new Error('broken');
    });
    const end = ended(verifier, ground);
    world.revoked = true;
    assert.equal((await end).code, 'token_revoked');
    assert.deepEqual(problems, ['session_listener_failed']);
  });

  it('ends when its judgement never comes', async () => {
    let hang = false;
    const key = await issuer.key();
    const { verifier, ground } = await begun({
      keys: { key: () => (hang ? new Promise(() => {}) : key), generation: 0 },
    });
    hang = true;
    assert.equal((await ended(verifier, ground)).code, 'keys_unavailable');
  });

  it('is refused where there is no room, so that none stays unwatched unnoticed', async () => {
    const { verifier, ground } = await begun({ maxWatched: 2 });
    const watched = [verifier.watch(ground, () => {}), verifier.watch(ground, () => {})];
    assert.throws(() => verifier.watch(ground, () => {}), { code: 'verifier_misconfigured' });
    watched[0]?.stop();
    verifier.watch(ground, () => {}).stop();
    await verifier.close();
  });

  it('is told among thousands', async () => {
    const { verifier, ground, world } = await begun();
    let told = 0;
    const all = Promise.withResolvers<void>();
    for (let count = 0; count < 5_000; count += 1) {
      verifier.watch(ground, () => {
        told += 1;
        if (told === 5_000) all.resolve();
      });
    }
    world.quarantined = true;
    await all.promise;
    assert.equal(told, 5_000);
  });
});
