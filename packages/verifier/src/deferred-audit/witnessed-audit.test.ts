// The deferred audit of logs that need witnesses, and of audiences that wait for it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditPair } from '../ports.ts';
import { TestCosigner } from '../testing/test-cosigner.ts';
import { createDeferredAuditor } from './audit-accepted.ts';
import type { AuditAlarm } from './audit-alarm.ts';
import type { DeferredAuditorOptions } from './auditor-options.ts';
import { PocketLog } from './pocket-log.fixture.ts';

const AT = 1_800_000_000;
const witnesses = [1, 2, 3].map((at) => new TestCosigner(`witness.example/${at}`));
const [first, second, third] = witnesses as [TestCosigner, TestCosigner, TestCosigner];
const TWO_OF_THREE = [
  ...witnesses.map(({ keyText }, at) => `witness w${at} ${keyText}`),
  'group two 2 w0 w1 w2',
  'quorum two\n',
].join('\n');

function bench(
  options: Partial<DeferredAuditorOptions> = {},
  policy: string | undefined = TWO_OF_THREE,
) {
  const log = new PocketLog();
  let nowMs = AT * 1000;
  const alarms: AuditAlarm[] = [];
  const problems: string[] = [];
  const { origin, url, checkpointKey } = log;
  const auditor = createDeferredAuditor({
    logs: [{ origin, url, checkpointKey, ...(policy === '' ? {} : { witnesses: policy }) }],
    clock: { nowMs: () => nowMs },
    fetch: log.fetch,
    onAlarm: (alarm) => alarms.push(alarm),
    onProblem: (_, code) => problems.push(code),
    pollMs: 1_000_000,
    eagerPollMs: 2,
    ...options,
  });
  const pairFor = (
    index: number,
    leafHash = log.leaves[index] ?? new Uint8Array(32),
  ): AuditPair => ({
    logOrigin: log.origin,
    index,
    leafHash,
    tokenHash: `token ${index} ${Buffer.from(leafHash).toString('hex')}`,
    issuer: 'https://id.example/acme/workforce',
    kid: 'k1',
    acceptedAtMs: nowMs,
    expiresAtSeconds: AT + 300,
  });
  const round = async (stepMs = 1_000) => {
    nowMs += stepMs;
    await auditor.audit();
  };
  const kinds = () => alarms.map(({ kind }) => kind);
  return { log, auditor, problems, alarms, kinds, pairFor, round, now: () => nowMs };
}

describe('the audit of a log that needs witnesses', () => {
  it('looks tokens up in a checkpoint that a quorum cosigned', async () => {
    const { log, auditor, kinds, problems, pairFor, round, now } = bench();
    log.grow(300);
    log.witnesses = [
      [first, AT],
      [third, AT],
    ];
    const forged = pairFor(7, new Uint8Array(32).fill(1));
    auditor.enqueue(pairFor(290));
    auditor.enqueue(forged);
    await round();
    assert.deepEqual([kinds(), problems, auditor.auditLagMs(now())], [['leaf_mismatch'], [], 0]);
    assert.ok(auditor.blocked(forged.tokenHash, log.origin));
  });

  it('takes a checkpoint without quorum for no evidence, neither for a token nor against it', async () => {
    const { log, auditor, kinds, problems, pairFor, round, now } = bench();
    log.grow(300);
    const genuine = pairFor(290);
    const forged = pairFor(7, new Uint8Array(32).fill(1));
    auditor.enqueue(genuine);
    auditor.enqueue(forged);
    for (const few of [
      [],
      [[second, AT]],
      [
        [second, AT],
        [second, AT],
      ],
    ] as const) {
      log.witnesses = few as typeof log.witnesses;
      await round();
    }
    assert.deepEqual(kinds(), []);
    assert.deepEqual(new Set(problems), new Set(['checkpoint_unwitnessed']));
    assert.equal(auditor.auditLagMs(now()), 3_000);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    await round();
    assert.deepEqual([kinds(), auditor.auditLagMs(now())], [['leaf_mismatch'], 0]);
  });

  it('does not accuse a log that shows the leaf before its witnesses have cosigned it', async () => {
    const { log, auditor, kinds, pairFor, round } = bench({ graceMs: 2_000 });
    log.grow(10);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    auditor.enqueue(pairFor(3));
    await round();
    log.grow(10);
    log.witnesses = [];
    auditor.enqueue(pairFor(15));
    for (let second = 0; second < 10; second += 1) await round();
    assert.deepEqual(kinds(), []);
    auditor.enqueue(pairFor(25, new Uint8Array(32).fill(1)));
    for (let second = 0; second < 4; second += 1) await round();
    assert.deepEqual(kinds(), ['index_beyond_log'], 'but one that never shows it it does');
  });

  it('still looks up what an earlier witnessed checkpoint covers', async () => {
    const { log, auditor, kinds, problems, pairFor, round, now } = bench();
    log.grow(300);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    auditor.enqueue(pairFor(3));
    await round();
    log.grow(5);
    log.witnesses = [];
    auditor.enqueue(pairFor(299));
    await round();
    assert.deepEqual([kinds(), problems, auditor.auditLagMs(now())], [[], [], 0]);
  });

  it('holds a checkpoint without quorum against the witnessed one: the log signed both', async () => {
    const { log, auditor, kinds, pairFor, round } = bench();
    log.grow(300);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    auditor.enqueue(pairFor(3));
    await round();
    log.leaves[100] = new Uint8Array(32).fill(9);
    log.grow(5);
    log.witnesses = [];
    auditor.enqueue(pairFor(4));
    await round();
    assert.deepEqual(kinds(), ['log_forked']);
  });

  it('raises the alarm after a minute without witnesses, once, and says when they are back', async () => {
    const { log, auditor, kinds, pairFor, round } = bench({ maxLagMs: 1_000_000 });
    log.grow(10);
    auditor.enqueue(pairFor(3));
    await round();
    await round(60_000);
    assert.deepEqual(kinds(), []);
    await round(1);
    await round(30_000);
    assert.deepEqual(kinds(), ['witnesses_lagging']);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    await round();
    assert.deepEqual(kinds(), ['witnesses_lagging', 'witnesses_recovered']);
  });

  it('does not take an idle log for one without witnesses, however old the cosignatures', async () => {
    const { log, auditor, kinds, pairFor, round } = bench();
    log.grow(10);
    log.witnesses = [
      [first, AT - 86_400],
      [second, AT - 86_400],
    ];
    auditor.enqueue(pairFor(3));
    await round();
    await round(3_600_000);
    auditor.enqueue(pairFor(4));
    await round();
    assert.deepEqual(kinds(), []);
  });

  it('makes room for the next tokens while witnesses are away, and holds the log to what it showed', async () => {
    for (const rewritten of [false, true]) {
      const { log, auditor, kinds, pairFor, round, now } = bench({ maxWaiting: 8 });
      log.grow(300);
      const since = now();
      const forged = pairFor(290, new Uint8Array(32).fill(1));
      assert.ok(auditor.enqueue(forged));
      for (let index = 0; index < 40; index += 1) {
        assert.ok(auditor.enqueue(pairFor(index)), `token ${index}`);
        if (index % 4 === 3) await round();
        if (index === 20) log.grow(1);
      }
      assert.deepEqual([kinds(), auditor.auditLagMs(now())], [[], now() - since]);
      if (rewritten) log.leaves[3] = new Uint8Array(32).fill(9);
      log.grow(5);
      log.witnesses = [
        [first, AT],
        [second, AT],
      ];
      await round();
      // Tiles that were kept hide it at first, and are then fetched anew.
      await round();
      assert.deepEqual(kinds(), [rewritten ? 'log_forked' : 'leaf_mismatch']);
      assert.ok(auditor.blocked(forged.tokenHash, log.origin));
      if (!rewritten) assert.equal(auditor.auditLagMs(now()), 0);
    }
  });

  it('makes room also where the log does not serve a tile', async () => {
    const { log, auditor, pairFor, round } = bench({ maxWaiting: 4 });
    log.grow(700);
    // Its own leaves, and no part of any other proof: hashes of level 8 come from the level above.
    log.missing.add('tile/0/000');
    assert.ok(auditor.enqueue(pairFor(1)));
    for (let index = 300; index < 320; index += 1) {
      assert.ok(auditor.enqueue(pairFor(index)), `token ${index}`);
      await round();
    }
  });

  it('still waits for the witnesses of what it made room for, when no token waits any more', async () => {
    const { log, auditor, kinds, pairFor, round } = bench({ maxWaiting: 2 });
    log.grow(10);
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    auditor.enqueue(pairFor(1));
    await round();
    const witnessed = log.publishedSize ?? log.leaves.length;
    log.grow(10);
    log.witnesses = [];
    auditor.enqueue(pairFor(15));
    await round();
    log.publishedSize = 18;
    auditor.enqueue(pairFor(16));
    await round();
    log.publishedSize = witnessed;
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    await round();
    log.publishedSize = undefined;
    log.leaves[19] = new Uint8Array(32).fill(9);
    await round();
    assert.deepEqual(kinds(), ['log_forked']);
  });

  it('is not opened with witnesses that are no policy', () => {
    assert.throws(() => bench({}, 'quorum nobody\n'), { code: 'tlog_policy_malformed' });
  });
});

describe('a wait for inclusion', () => {
  it('ends when the leaf is found, at once or later, and one round serves all', async () => {
    const { log, auditor, pairFor } = bench({}, '');
    log.grow(300);
    log.publishedSize = 299;
    const waits = [...Array(20).keys()].map((index) =>
      auditor.awaitInclusion(pairFor(index), 5_000),
    );
    const late = auditor.awaitInclusion(pairFor(299), 5_000);
    assert.deepEqual(new Set(await Promise.all(waits)), new Set(['included']));
    assert.ok(log.asked.filter((path) => path === 'checkpoint').length <= 2, 'rounds are shared');
    log.publishedSize = 300;
    assert.equal(await late, 'included');
    await auditor.close();
  });

  it('is answered for every caller with the same token', async () => {
    const { log, auditor, pairFor } = bench({}, '');
    log.grow(5);
    const waits = [1, 2, 3].map(() => auditor.awaitInclusion(pairFor(2), 5_000));
    assert.deepEqual(await Promise.all(waits), ['included', 'included', 'included']);
    await auditor.close();
  });

  it('is refused at once where too many wait for the token, and takes nothing from the others', async () => {
    const { log, auditor, pairFor } = bench({}, '');
    log.grow(5);
    const most = 1024;
    const waits = Array.from({ length: most + 3 }, () => auditor.awaitInclusion(pairFor(2), 5_000));
    const other = auditor.awaitInclusion(pairFor(3), 5_000);
    assert.deepEqual(await Promise.all(waits.slice(most)), Array(3).fill('unavailable'));
    assert.deepEqual(new Set(await Promise.all(waits.slice(0, most))), new Set(['included']));
    assert.equal(await other, 'included');
    assert.equal(
      await auditor.awaitInclusion(pairFor(2), 5_000),
      'included',
      'there is room again',
    );
    await auditor.close();
  });

  it('fails for the leaf that the log does not hold, and then without waiting', async () => {
    const { log, auditor, kinds, pairFor } = bench({}, '');
    log.grow(300);
    const forged = pairFor(7, new Uint8Array(32).fill(1));
    assert.equal(await auditor.awaitInclusion(forged, 5_000), 'failed');
    assert.equal(await auditor.awaitInclusion(forged, 5_000), 'failed');
    assert.deepEqual(kinds(), ['leaf_mismatch']);
    await auditor.close();
  });

  it('fails for all that wait when the log forks', async () => {
    const { log, auditor, kinds, pairFor } = bench({}, '');
    log.grow(300);
    assert.equal(await auditor.awaitInclusion(pairFor(7), 5_000), 'included');
    const ahead = auditor.awaitInclusion(pairFor(400, new Uint8Array(32).fill(1)), 5_000);
    log.leaves[100] = new Uint8Array(32).fill(9);
    log.grow(5);
    assert.equal(await ahead, 'failed');
    assert.deepEqual(kinds(), ['log_forked']);
    await auditor.close();
  });

  it('times out while the quorum is missing or the log is silent, and a later wait succeeds', async () => {
    const { log, auditor, kinds, pairFor } = bench();
    log.grow(10);
    log.witnesses = [[first, AT]];
    assert.equal(await auditor.awaitInclusion(pairFor(3), 30), 'timeout');
    log.silent = true;
    assert.equal(await auditor.awaitInclusion(pairFor(3), 30), 'timeout');
    log.silent = false;
    log.witnesses = [
      [first, AT],
      [second, AT],
    ];
    assert.equal(await auditor.awaitInclusion(pairFor(3), 5_000), 'included');
    assert.deepEqual(kinds(), []);
    await auditor.close();
  });

  it('is not begun for an unknown log, without room or after the end, and ends with it', async () => {
    const { log, auditor, pairFor } = bench({ maxWaiting: 1 });
    log.grow(10);
    const unknown = { ...pairFor(1), logOrigin: 'unknown' };
    assert.equal(await auditor.awaitInclusion(unknown, 5_000), 'unavailable');
    const waits = auditor.awaitInclusion(pairFor(1), 5_000);
    assert.equal(await auditor.awaitInclusion(pairFor(2), 5_000), 'unavailable');
    await auditor.close();
    assert.equal(await waits, 'unavailable');
    assert.equal(await auditor.awaitInclusion(pairFor(1), 5_000), 'unavailable');
  });

  it('is not held up by another log that does not answer', async () => {
    const mute = new PocketLog('mute.example/log');
    mute.grow(5);
    const log = new PocketLog();
    log.grow(5);
    const auditor = createDeferredAuditor({
      logs: [mute, log].map(({ origin, url, checkpointKey }) => ({ origin, url, checkpointKey })),
      clock: { nowMs: () => AT * 1000 },
      fetch: (url, init) =>
        url.startsWith(mute.url) ? new Promise(() => undefined) : log.fetch(url, init),
      eagerPollMs: 2,
    });
    const pair = { issuer: 'i', kid: 'k', acceptedAtMs: 0, expiresAtSeconds: AT };
    const waits = (from: PocketLog, index: number, timeoutMs = 5_000) =>
      auditor.awaitInclusion(
        {
          ...pair,
          index,
          logOrigin: from.origin,
          tokenHash: `${from.origin} ${index}`,
          leafHash: from.leaves[index] ?? new Uint8Array(32),
        },
        timeoutMs,
      );
    const hung = waits(mute, 2, 200);
    assert.equal(await waits(log, 2), 'included');
    assert.equal(await waits(log, 3), 'included');
    assert.equal(await hung, 'timeout');
  });
});
