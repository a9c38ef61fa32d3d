import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuditPair, TokenUse } from '../ports.ts';
import { createDeferredAuditor } from './audit-accepted.ts';
import type { AuditAlarm } from './audit-alarm.ts';
import type { DeferredAuditorOptions } from './auditor-options.ts';
import { PocketLog } from './pocket-log.fixture.ts';

function bench(options: Partial<DeferredAuditorOptions> = {}, log = new PocketLog()) {
  let nowMs = 1_800_000_000_000;
  const alarms: AuditAlarm[] = [];
  const problems: string[] = [];
  const uses: TokenUse[] = [];
  const auditor = createDeferredAuditor({
    logs: [{ origin: log.origin, url: log.url, checkpointKey: log.checkpointKey }],
    clock: { nowMs: () => nowMs },
    fetch: log.fetch,
    onAlarm: (alarm) => alarms.push(alarm),
    onProblem: (_, code) => problems.push(code),
    reporter: { report: (use) => uses.push(use) },
    pollMs: 1_000_000,
    ...options,
  });
  const pairFor = (index: number, leafHash = log.leaves[index]): AuditPair => ({
    logOrigin: log.origin,
    index,
    leafHash: leafHash ?? new Uint8Array(32),
    tokenHash: `token ${index} ${Buffer.from(leafHash ?? []).toString('hex')}`,
    issuer: 'https://id.example/acme/workforce',
    kid: 'k1',
    acceptedAtMs: nowMs,
    expiresAtSeconds: Math.floor(nowMs / 1000) + 300,
  });
  const advance = (stepMs: number) => {
    nowMs += stepMs;
  };
  return { log, auditor, alarms, problems, uses, pairFor, advance, now: () => nowMs };
}

describe('the deferred audit', () => {
  it('finds every accepted leaf in trees of many sizes, in full and partial tiles', async () => {
    for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 700]) {
      const { log, auditor, alarms, problems, pairFor, now, advance } = bench();
      log.grow(size);
      for (const index of new Set([0, 1, Math.floor(size / 2), size - 1])) {
        if (index < size) assert.equal(auditor.enqueue(pairFor(index)), true);
      }
      advance(1_000);
      await auditor.audit();
      assert.deepEqual([size, alarms, problems], [size, [], []]);
      assert.equal(auditor.auditLagMs(now()), 0, `size ${size}`);
      await auditor.close();
    }
  });

  it('reads leaves of a tree so large that tiles have tiles', async () => {
    const { log, auditor, alarms, problems, pairFor, advance, now } = bench();
    log.grow(66_000);
    const shortcut = new Map<string, Uint8Array>();
    const slow = log.node;
    log.node = (node) => {
      const key = `${node.level}/${node.index}`;
      const known = shortcut.get(key) ?? slow(node);
      shortcut.set(key, known);
      return known;
    };
    for (const index of [0, 255, 256, 65_535, 65_536, 65_999]) auditor.enqueue(pairFor(index));
    advance(1);
    await auditor.audit();
    assert.deepEqual([alarms, problems, auditor.auditLagMs(now())], [[], [], 0]);
    assert.ok(log.asked.includes('tile/2/000.p/1'));
    assert.ok(log.asked.includes('tile/0/257.p/208'));
  });

  it('blocks a token whose leaf is not the one the log holds, and proves it', async () => {
    const { log, auditor, alarms, uses, pairFor, advance } = bench();
    log.grow(300);
    const forged = pairFor(290, new Uint8Array(32).fill(7));
    const genuine = pairFor(291);
    auditor.enqueue(genuine);
    auditor.enqueue(forged);
    advance(1);
    await auditor.audit();
    assert.equal(auditor.blocked(forged.tokenHash, log.origin), true);
    assert.equal(auditor.blocked(genuine.tokenHash, log.origin), false);
    assert.equal(alarms.length, 1);
    assert.equal(alarms[0]?.kind, 'leaf_mismatch');
    assert.equal(alarms[0]?.leafInLog, Buffer.from(log.leaves[290] ?? []).toString('hex'));
    assert.equal(alarms[0]?.checkpoints?.length, 1);
    assert.deepEqual(
      uses.map(({ decision, code, tokenHash, logIndex }) => [decision, code, tokenHash, logIndex]),
      [['audit_failed', 'receipt_audit_failed', forged.tokenHash, 290]],
    );
  });

  it('reports a failure with the token as evidence, and raises the alarm without it', async () => {
    const { log, auditor, alarms, uses, pairFor, advance } = bench({ maxTokenCharacters: 20 });
    log.grow(10);
    const wrong = (index: number) => pairFor(index, new Uint8Array(32).fill(index));
    auditor.enqueue({ ...wrong(1), token: 'fifteen.letters' });
    auditor.enqueue({ ...wrong(2), token: 'no.more.room.for.this' });
    advance(1);
    await auditor.audit();
    assert.deepEqual(
      uses.map(({ evidence }) => evidence),
      ['fifteen.letters', undefined],
    );
    assert.equal(alarms.length, 2);
    assert.doesNotMatch(JSON.stringify(alarms), /letters|room/);
    auditor.enqueue({ ...wrong(3), token: 'room.again' });
    advance(1);
    await auditor.audit();
    assert.equal(uses[2]?.evidence, 'room.again');
  });

  it('waits for a promised leaf, and fails the token when the log never grows to it', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench({ graceMs: 7_000 });
    log.grow(10);
    const ahead = pairFor(10, new Uint8Array(32).fill(9));
    auditor.enqueue(ahead);
    for (let second = 1; second <= 7; second += 1) {
      advance(1_000);
      await auditor.audit();
      assert.equal(auditor.blocked(ahead.tokenHash, log.origin), false, `after ${second} s`);
    }
    advance(1_000);
    await auditor.audit();
    assert.equal(auditor.blocked(ahead.tokenHash, log.origin), true);
    assert.equal(alarms[0]?.kind, 'index_beyond_log');
  });

  it('lets a leaf arrive late within its grace', async () => {
    const { log, auditor, alarms, pairFor, advance, now } = bench();
    log.grow(11);
    log.publishedSize = 10;
    auditor.enqueue(pairFor(10));
    advance(1_000);
    await auditor.audit();
    assert.equal(auditor.auditLagMs(now()), 1_000);
    log.publishedSize = 11;
    advance(1_000);
    await auditor.audit();
    assert.deepEqual([alarms, auditor.auditLagMs(now())], [[], 0]);
  });

  it('starts the grace when the log first answers, not while it is away', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench();
    log.grow(11);
    log.publishedSize = 10;
    auditor.enqueue(pairFor(10));
    log.silent = true;
    advance(20_000);
    await auditor.audit();
    log.silent = false;
    advance(1_000);
    await auditor.audit();
    assert.deepEqual(alarms, []);
    log.publishedSize = 11;
    advance(1_000);
    await auditor.audit();
    assert.deepEqual(alarms, []);
  });

  it('does not blame a token for a checkpoint that is older than its acceptance', async () => {
    const { log, auditor, alarms, pairFor, advance, now } = bench({ graceMs: 0 });
    log.grow(10);
    const late = pairFor(10, new Uint8Array(32).fill(1));
    auditor.enqueue({ ...late, acceptedAtMs: now() + 5 });
    await auditor.audit();
    assert.deepEqual(alarms, []);
    advance(10);
    await auditor.audit();
    assert.equal(alarms.length, 1);
  });

  it('raises the alarm for two checkpoints of one size with two roots, and stops the log', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench();
    log.grow(300);
    auditor.enqueue(pairFor(1));
    advance(1);
    await auditor.audit();
    log.leaves[299] = new Uint8Array(32).fill(3);
    auditor.enqueue(pairFor(2));
    advance(1);
    await auditor.audit();
    assert.equal(alarms[0]?.kind, 'log_forked');
    assert.equal(alarms[0]?.checkpoints?.length, 2);
    assert.equal(auditor.blocked('any token', log.origin), true);
    assert.equal(auditor.enqueue(pairFor(5)), false);
    await auditor.audit();
    assert.equal(alarms.length, 1, 'one fork is one alarm');
  });

  it('raises the alarm when the log grows from another past', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench();
    log.grow(270);
    auditor.enqueue(pairFor(1));
    advance(1);
    await auditor.audit();
    log.leaves[100] = new Uint8Array(32).fill(3);
    log.grow(500);
    auditor.enqueue(pairFor(2));
    advance(1);
    await auditor.audit();
    assert.deepEqual(
      alarms.map(({ kind }) => kind),
      ['log_forked'],
    );
  });

  it('raises the alarm when an older checkpoint turns up that the log has left out', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench();
    log.grow(300);
    auditor.enqueue(pairFor(1));
    advance(1);
    await auditor.audit();
    const first = log.leaves[0];
    assert.ok(first !== undefined);
    log.leaves[0] = new Uint8Array(32).fill(8);
    log.replaced.set('checkpoint', new Uint8Array(Buffer.from(log.checkpoint(200))));
    log.leaves[0] = first;
    auditor.enqueue(pairFor(2));
    advance(1);
    await auditor.audit();
    assert.equal(alarms[0]?.kind, 'log_forked');
  });

  it('keeps to the largest checkpoint when a cache shows an honest older one', async () => {
    const { log, auditor, alarms, problems, pairFor, advance, now } = bench();
    log.grow(300);
    auditor.enqueue(pairFor(1));
    advance(1);
    await auditor.audit();
    log.publishedSize = 200;
    auditor.enqueue(pairFor(250));
    advance(1);
    await auditor.audit();
    assert.deepEqual([alarms, problems, auditor.auditLagMs(now())], [[], [], 0]);
  });

  it('blames nobody for tiles that are not of the signed tree, but says that it lags', async () => {
    const { log, auditor, alarms, problems, pairFor, advance, now } = bench({ maxLagMs: 5_000 });
    log.grow(10);
    log.replaced.set('tile/0/000.p/10', new Uint8Array(320));
    const pair = pairFor(3);
    auditor.enqueue(pair);
    advance(6_000);
    await auditor.audit();
    assert.deepEqual(problems, ['unreachable']);
    assert.equal(auditor.blocked(pair.tokenHash, log.origin), false);
    assert.deepEqual(
      alarms.map(({ kind }) => kind),
      ['audit_lagging'],
    );
    log.replaced.clear();
    advance(1_000);
    await auditor.audit();
    assert.equal(auditor.auditLagMs(now()), 0);
    assert.equal(alarms[1]?.kind, 'audit_recovered');
  });

  it('checks the leaves in good tiles although another tile is missing', async () => {
    const { log, auditor, problems, pairFor, advance } = bench();
    log.grow(600);
    log.missing.add('tile/0/000');
    auditor.enqueue(pairFor(3));
    const forged = pairFor(400, new Uint8Array(32).fill(1));
    auditor.enqueue(forged);
    advance(1);
    await auditor.audit();
    assert.equal(auditor.blocked(forged.tokenHash, log.origin), true);
    assert.deepEqual(problems, ['unreachable']);
  });

  it('falls back to the full tile when the partial one has been deleted', async () => {
    const { log, auditor, alarms, problems, pairFor, advance, now } = bench();
    log.grow(300);
    log.publishedSize = 200;
    log.missing.add('tile/0/000.p/200');
    auditor.enqueue(pairFor(150));
    advance(1);
    await auditor.audit();
    assert.deepEqual([alarms, problems, auditor.auditLagMs(now())], [[], [], 0]);
    assert.ok(log.asked.includes('tile/0/000'));
  });

  it('does not take a checkpoint that another key signed or that is of another log', async () => {
    const { log, auditor, problems, pairFor, advance, now } = bench();
    log.grow(5);
    const stranger = new PocketLog();
    stranger.grow(5);
    log.replaced.set('checkpoint', new Uint8Array(Buffer.from(stranger.checkpoint(5))));
    auditor.enqueue(pairFor(1));
    advance(500);
    await auditor.audit();
    assert.deepEqual(problems, ['note_unsigned']);
    assert.equal(auditor.auditLagMs(now()), 500);
  });

  it('refuses further tokens while it lags, if the policy says so, and recovers', async () => {
    const { log, auditor, pairFor, advance } = bench({ whenLagging: 'refuse', maxLagMs: 2_000 });
    log.grow(10);
    log.silent = true;
    assert.equal(auditor.enqueue(pairFor(1)), true);
    advance(2_001);
    assert.equal(auditor.enqueue(pairFor(2)), false);
    log.silent = false;
    await auditor.audit();
    assert.equal(auditor.enqueue(pairFor(2)), true);
  });

  it('goes on accepting while it lags, if the policy says so, and raises the alarm once', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench({ maxLagMs: 2_000 });
    log.grow(10);
    log.silent = true;
    auditor.enqueue(pairFor(1));
    for (let second = 0; second < 5; second += 1) {
      advance(1_000);
      await auditor.audit();
      assert.equal(auditor.enqueue(pairFor(second)), true);
    }
    assert.deepEqual(
      alarms.map(({ kind }) => kind),
      ['audit_lagging'],
    );
  });

  it('refuses what it has no room for, what is of no known log, and all after closing', async () => {
    const { log, auditor, pairFor } = bench({ maxWaiting: 2 });
    log.grow(10);
    assert.equal(auditor.enqueue(pairFor(1)), true);
    assert.equal(auditor.enqueue(pairFor(2)), true);
    assert.equal(auditor.enqueue(pairFor(3)), false);
    assert.equal(auditor.enqueue({ ...pairFor(4), logOrigin: 'unknown' }), false);
    await auditor.close();
    assert.equal(auditor.enqueue(pairFor(1)), false);
  });

  it('distrusts the whole log when it cannot remember more false receipts', async () => {
    const { log, auditor, alarms, pairFor, advance } = bench({ maxBlocked: 2 });
    log.grow(10);
    for (const index of [1, 2, 3, 4]) {
      auditor.enqueue(pairFor(index, new Uint8Array(32).fill(index)));
    }
    advance(1);
    await auditor.audit();
    assert.equal(auditor.blocked('never seen', log.origin), true);
    assert.equal(alarms.filter(({ kind }) => kind === 'log_distrusted').length, 1);
    assert.equal(alarms.filter(({ kind }) => kind === 'leaf_mismatch').length, 4);
  });

  it('forgets a blocked token when it has long expired and room is needed', async () => {
    const { log, auditor, pairFor, advance } = bench({ maxBlocked: 1 });
    log.grow(10);
    const first = pairFor(1, new Uint8Array(32).fill(1));
    auditor.enqueue(first);
    advance(1);
    await auditor.audit();
    advance(300_000 + 3_600_001);
    const second = pairFor(2, new Uint8Array(32).fill(2));
    auditor.enqueue(second);
    advance(1);
    await auditor.audit();
    assert.equal(auditor.blocked(second.tokenHash, log.origin), true);
    assert.equal(auditor.blocked('never seen', log.origin), false);
  });

  it('goes on when the listener to its alarms fails', async () => {
    const { log, auditor, problems, pairFor, advance } = bench({
      onAlarm: () => {
        throw new Error('broken listener');
      },
    });
    log.grow(10);
    const forged = [1, 2].map((index) => pairFor(index, new Uint8Array(32).fill(index)));
    for (const pair of forged) auditor.enqueue(pair);
    advance(1);
    await auditor.audit();
    for (const pair of forged) assert.equal(auditor.blocked(pair.tokenHash, log.origin), true);
    assert.deepEqual(problems, ['alarm_listener_failed', 'alarm_listener_failed']);
  });

  it('runs by itself soon after a token was accepted', async () => {
    const { log, auditor, pairFor } = bench({ pollMs: 5 });
    log.grow(10);
    const forged = pairFor(3, new Uint8Array(32).fill(1));
    auditor.enqueue({ ...forged, acceptedAtMs: forged.acceptedAtMs - 1 });
    for (let tries = 0; tries < 200 && !auditor.blocked(forged.tokenHash, log.origin); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(auditor.blocked(forged.tokenHash, log.origin), true);
    await auditor.close();
  });

  it('refuses a log whose key is of another name or kind, or whose URL is plain http', () => {
    const log = new PocketLog();
    const place = { origin: log.origin, url: log.url, checkpointKey: log.checkpointKey };
    const open = (changed: Partial<typeof place>) => () =>
      bench({ logs: [{ ...place, ...changed }] });
    assert.throws(open({ origin: 'other.example/log' }), { code: 'vkey_malformed' });
    assert.throws(open({ url: 'http://log.example/log' }), { code: 'verifier_misconfigured' });
  });

  it('passes exactly the leaves that the log holds, whatever the tree and the indexes', async () => {
    const log = new PocketLog();
    log.grow(600);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.tuple(fc.nat({ max: 599 }), fc.boolean()), { minLength: 1, maxLength: 5 }),
        async (size, picks) => {
          log.publishedSize = size;
          const { auditor, pairFor, advance } = bench({ graceMs: 0 }, log);
          const pairs = picks.map(([index, genuine]) => ({
            good: genuine && index < size,
            pair: pairFor(index, genuine ? log.leaves[index] : new Uint8Array(32).fill(5)),
          }));
          for (const { pair } of pairs) auditor.enqueue(pair);
          advance(1);
          await auditor.audit();
          for (const { pair, good } of pairs) {
            assert.equal(auditor.blocked(pair.tokenHash, log.origin), !good);
          }
          await auditor.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});
