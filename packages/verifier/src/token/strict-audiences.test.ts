// Audiences that do not take a log's promise: accepted is only what was found in a checkpoint that
// counts, whatever the log says, and for no longer than the wait allows.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVerifier } from '../create-verifier.ts';
import { createDeferredAuditor } from '../deferred-audit/audit-accepted.ts';
import type { AuditAlarm } from '../deferred-audit/audit-alarm.ts';
import { PocketLog } from '../deferred-audit/pocket-log.fixture.ts';
import type { InclusionVerdict, TokenUse } from '../ports.ts';
import { TestCosigner } from '../testing/test-cosigner.ts';
import { AUDIENCE, NOW, NOW_MS, TestIssuer } from '../testing/test-issuer.ts';
import type { VerifierOptions } from '../verifier-options.ts';

const witness = new TestCosigner('witness.example');
const WITNESSES = `witness w ${witness.keyText}\nquorum w\n`;

interface Setting {
  witnesses?: string;
  strictWaitMs?: number;
  strictAudiences?: string[];
  options?: VerifierOptions;
  /** Keys must be logged; this one's receipt is for its publication, or for nothing in the log. */
  loggedKey?: 'truly' | 'falsely';
}

/** An issuer, the log that serves its leaves, and a verifier for which AUDIENCE is strict. */
async function house(setting: Setting = {}) {
  const { witnesses, strictWaitMs = 5_000, strictAudiences = [AUDIENCE], options } = setting;
  const { loggedKey } = setting;
  const issuer = new TestIssuer('EdDSA');
  const log = new PocketLog(issuer.log.origin);
  const key = loggedKey === undefined ? {} : { receipt: issuer.publish() };
  log.leaves = issuer.log.leafHashes;
  if (loggedKey === 'falsely') log.leaves[0] = new Uint8Array(32);
  const { checkpointKey, url, origin } = log;
  const logPolicy = { ...issuer.logPolicy(), checkpointKey, url };
  const place = witnesses === undefined ? logPolicy : { ...logPolicy, witnesses };
  const policy = issuer.policy({
    receipts: {
      mode: 'required',
      logs: [place],
      startByKid: {},
      strictAudiences,
      ...(loggedKey === undefined ? {} : { keys: 'required' }),
    },
  });
  const clock = { nowMs: () => NOW_MS };
  const alarms: AuditAlarm[] = [];
  const uses: TokenUse[] = [];
  const reporter = { report: (use: TokenUse) => void uses.push(use) };
  const auditor = createDeferredAuditor({
    logs: [place],
    clock,
    fetch: log.fetch,
    onAlarm: (alarm) => alarms.push(alarm),
    reporter,
    pollMs: 1_000_000,
    eagerPollMs: 2,
  });
  const world = { revoked: false, quarantined: false, generation: 1 };
  const verifier = createVerifier(policy, {
    clock,
    keys: await issuer.keys(key),
    auditor,
    reporter,
    strictWaitMs,
    feed: {
      fresh: () => true,
      quarantined: () => world.quarantined,
      revoked: () => world.revoked,
      get generation() {
        return world.generation;
      },
    },
    ...options,
  });
  const verify = (token: string) => verifier.verifyToken(token, { audience: AUDIENCE });
  const rounds = () => log.asked.filter((path) => path === 'checkpoint').length;
  return { issuer, log, origin, policy, verifier, verify, alarms, uses, rounds, world };
}

/** The wait of a test may be too short for a busy machine; the next one finds what this one asked. */
async function untilAccepted(verify: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const code = await verify().then(
      () => undefined,
      (error: { code?: string }) => error.code ?? String(error),
    );
    if (code === undefined) return;
    assert.equal(code, 'receipt_unwitnessed');
  }
  assert.fail('it is never accepted');
}

describe('a token for a strict audience', () => {
  it('is accepted once its leaf is in the log, and then remembered without another wait', async () => {
    const { issuer, verify, rounds, uses } = await house();
    const token = issuer.issue();
    assert.equal((await verify(token)).cached, false);
    const asked = rounds();
    assert.ok(asked > 0);
    assert.equal((await verify(token)).cached, true);
    assert.equal(rounds(), asked);
    assert.deepEqual(
      uses.map(({ decision }) => decision),
      ['accepted'],
    );
  });

  it('waits for the leaf of its key, too, where keys must be logged', async () => {
    const { issuer, verify, uses } = await house({ loggedKey: 'truly' });
    await untilAccepted(() => verify(issuer.issue()));
    await untilAccepted(() => verify(issuer.issue()));
    assert.equal(uses.at(-1)?.decision, 'accepted');
  });

  it('is refused when the log does not hold its key', async () => {
    const { issuer, verify, alarms } = await house({ loggedKey: 'falsely' });
    const token = issuer.issue();
    await assert.rejects(verify(token), { code: 'key_unlogged', alarm: true });
    await assert.rejects(verify(token), { code: 'key_unlogged', alarm: true });
    assert.deepEqual(
      alarms.map(({ kind, pair }) => [kind, pair?.subject]),
      [['leaf_mismatch', 'key']],
    );
  });

  it('waits for a leaf that the log publishes later', async () => {
    const { issuer, log, verify } = await house();
    const token = issuer.issue();
    log.publishedSize = 0;
    const waiting = verify(token);
    const early = await Promise.race([
      waiting,
      new Promise((resolve) => setTimeout(resolve, 20, 'still waiting')),
    ]);
    assert.equal(early, 'still waiting');
    log.publishedSize = undefined;
    assert.equal((await waiting).cached, false);
  });

  it('shares its rounds with all others that wait', async () => {
    const { issuer, verify, rounds } = await house();
    const tokens = issuer.issueBatch(Array.from({ length: 64 }, () => ({})));
    await Promise.all(tokens.map(verify));
    assert.ok(rounds() <= 3, `${rounds()} rounds for 64 tokens`);
  });

  it('is refused, without an alarm, when the log is silent for as long as it may wait', async () => {
    const { issuer, log, verify, uses, alarms } = await house({ strictWaitMs: 30 });
    const token = issuer.issue();
    log.silent = true;
    await assert.rejects(verify(token), {
      code: 'receipt_unwitnessed',
      status: 503,
      alarm: false,
    });
    assert.deepEqual([uses, alarms], [[], []], 'nothing was judged');
    log.silent = false;
    await untilAccepted(() => verify(token));
  });

  it('is refused while the quorum is missing, and accepted when the witness is back', async () => {
    const { issuer, log, verify } = await house({ witnesses: WITNESSES, strictWaitMs: 30 });
    const token = issuer.issue();
    await assert.rejects(verify(token), { code: 'receipt_unwitnessed' });
    log.witnesses = [[new TestCosigner('witness.example'), NOW]];
    await assert.rejects(verify(token), { code: 'receipt_unwitnessed' }, 'a stranger of its name');
    log.witnesses = [[witness, NOW]];
    await untilAccepted(() => verify(token));
  });

  it('is refused as a forgery when the log lied, at its first use', async () => {
    const { issuer, log, verify, uses, alarms } = await house();
    const token = issuer.issue();
    log.leaves = log.leaves.with(0, new Uint8Array(32).fill(1));
    await assert.rejects(verify(token), { code: 'receipt_audit_failed', alarm: true });
    assert.deepEqual(
      alarms.map(({ kind }) => kind),
      ['leaf_mismatch'],
    );
    assert.ok(uses.every(({ decision }) => decision !== 'accepted'));
    assert.ok(uses.some(({ evidence }) => evidence === token));
    await assert.rejects(verify(token), { code: 'receipt_audit_failed' });
  });

  it('is not accepted with a receipt of both stolen keys that the log never saw', async () => {
    const { issuer, log, verify, alarms } = await house({ strictWaitMs: 60 });
    const [first = '', forged = ''] = issuer.issueBatch([{}, {}]);
    log.leaves = log.leaves.slice(0, 1);
    await untilAccepted(() => verify(first));
    await assert.rejects(verify(forged), { code: 'receipt_unwitnessed' });
    assert.deepEqual(alarms, []);
  });

  it('is refused when it was revoked, or its key quarantined, while it waited', async () => {
    for (const [change, code] of [
      [{ revoked: true }, 'token_revoked'],
      [{ quarantined: true }, 'key_quarantined'],
    ] as const) {
      const { issuer, log, verify, world } = await house();
      const token = issuer.issue();
      log.publishedSize = 0;
      const waiting = assert.rejects(verify(token), { code });
      Object.assign(world, change, { generation: 2 });
      log.publishedSize = undefined;
      await waiting;
    }
  });

  it('is refused when it expired, or the feed became old, while it waited', async () => {
    for (const [waitedMs, code] of [
      [3_600_000, 'token_expired'],
      [40_000, 'feed_stale'],
      [20_000, undefined],
    ] as const) {
      let nowMs = NOW_MS;
      const { issuer, log, verify } = await house({
        options: {
          clock: { nowMs: () => nowMs },
          feed: {
            fresh: (atMs) => atMs < NOW_MS + 30_000 || atMs > NOW_MS + 1_000_000,
            quarantined: () => false,
            revoked: () => false,
            generation: 1,
          },
        },
      });
      const token = issuer.issue();
      log.publishedSize = 0;
      const outcome = verify(token).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      nowMs += waitedMs;
      log.publishedSize = undefined;
      assert.equal(await outcome, code);
    }
  });

  it('needs a receipt even where the policy lets old tokens go without', async () => {
    const { issuer, policy, verifier } = await house();
    for (const { receipts } of policy.issuers) receipts.startByKid = { [issuer.kid]: NOW + 60 };
    const lenient = createVerifier(policy, {
      clock: { nowMs: () => NOW_MS },
      keys: await issuer.keys(),
    });
    await assert.rejects(lenient.verifyToken(issuer.forge(), { audience: AUDIENCE }), {
      code: 'receipt_missing',
      alarm: false,
    });
    await Promise.all([lenient.close(), verifier.close()]);
  });

  it('is not waited for by audiences that are not strict', async () => {
    const { issuer, log, verify, rounds } = await house({ strictAudiences: ['https://other'] });
    log.silent = true;
    assert.equal((await verify(issuer.issue())).cached, false);
    assert.equal(rounds(), 0);
  });
});

describe('a verifier with strict audiences', () => {
  it('is not made with an auditor that cannot wait, or with none', async () => {
    const calm = { enqueue: () => true, blocked: () => false, auditLagMs: () => 0 };
    for (const auditor of ['off', calm] as const) {
      await assert.rejects(house({ options: { auditor } }), { code: 'verifier_misconfigured' });
    }
    const waits = { ...calm, awaitInclusion: async (): Promise<InclusionVerdict> => 'included' };
    const { issuer, verify } = await house({ options: { auditor: waits } });
    assert.ok(await verify(issuer.issue()));
  });

  it('waits between a millisecond and a minute', async () => {
    for (const strictWaitMs of [0, -1, 60_001, Number.NaN, 0.5]) {
      await assert.rejects(house({ strictWaitMs }), { code: 'verifier_misconfigured' });
    }
  });

  it('refuses what it has no room to wait for', async () => {
    const full = {
      enqueue: () => true,
      blocked: () => false,
      auditLagMs: () => 0,
      awaitInclusion: async (): Promise<InclusionVerdict> => 'unavailable',
    };
    const { issuer, verify } = await house({ options: { auditor: full } });
    await assert.rejects(verify(issuer.issue()), { code: 'audit_unavailable' });
  });

  it('opens an auditor that waits for the witnesses of the policy by itself', async () => {
    const { issuer, log, policy } = await house({ witnesses: WITNESSES });
    log.witnesses = [[witness, NOW]];
    const verifier = createVerifier(policy, {
      clock: { nowMs: () => NOW_MS },
      keys: await issuer.keys(),
      fetch: log.fetch,
    });
    const { cached } = await verifier.verifyToken(issuer.issue(), { audience: AUDIENCE });
    assert.deepEqual([cached, log.asked[0]], [false, 'checkpoint']);
    await verifier.close();
  });

  it('stops accepting for the others too while the audit lags, if it is told to', async () => {
    for (const [whenLagging, verdict] of [
      ['refuse', 'audit_unavailable'],
      ['accept', 'accepted'],
    ] as const) {
      const { issuer, log, policy } = await house({ strictAudiences: [] });
      log.silent = true;
      let nowMs = NOW_MS;
      const verifier = createVerifier(policy, {
        clock: { nowMs: () => nowMs },
        keys: await issuer.keys(),
        fetch: log.fetch,
        whenLagging,
      });
      const verify = (token: string) =>
        verifier.verifyToken(token, { audience: AUDIENCE }).then(
          () => 'accepted',
          ({ code }) => code,
        );
      assert.equal(await verify(issuer.issue()), 'accepted');
      nowMs += 30_001;
      assert.equal(await verify(issuer.issue()), verdict);
      await verifier.close();
    }
  });

  it('explains the wait, and does not wait to explain', async () => {
    const { issuer, verifier, log, rounds } = await house();
    log.silent = true;
    const token = issuer.issue();
    const step = async (audience: string) => {
      const results = await verifier.explain(token, { audience });
      return results.find(({ name }) => name === 'inclusion');
    };
    const strict = await step(AUDIENCE);
    assert.deepEqual([strict?.outcome, rounds()], ['skipped', 0]);
    assert.match(strict?.sentence ?? '', /strict/);
    assert.match((await step('https://other'))?.sentence ?? '', /promise/);
  });
});
