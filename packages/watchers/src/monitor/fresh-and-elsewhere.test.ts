import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  ByteWriter,
  concatBytes,
  cosignatureMessage,
  formatVerifierKey,
  parseTlogPolicy,
} from '@countersign/verifier';
import { verifyForkEvidence } from '../evidence/fork-evidence.ts';
import { createWitnessView } from '../reader/witness-view.ts';
import { codesOf, follow } from '../testing/follow.ts';
import { type KeyPair, makeKeyPair, TinyLog } from '../testing/tiny-log.ts';
import { post, requestBody, TestFolder, textOf } from '../testing/witness-folder.ts';
import { answerWitness } from '../witness/answer-witness.ts';
import { openWitness } from '../witness/open-witness.ts';

const policyOf = (witnesses: readonly KeyPair[], quorum = 'w0') =>
  parseTlogPolicy(
    `${witnesses.map(({ key }, at) => `witness w${at} ${formatVerifierKey(key)}`).join('\n')}\nquorum ${quorum}\n`,
  );

function cosignatureBy({ key, privateKey }: KeyPair, text: string, timeMs: number) {
  const seconds = Math.floor(timeMs / 1000);
  const signature = sign(null, cosignatureMessage(seconds, text), privateKey);
  const time = new ByteWriter(8).u64(seconds).finish();
  return { name: key.name, id: key.id, blob: concatBytes(time, signature) };
}

describe('freshness', () => {
  it('is what the quorum says, and a checkpoint without its word is stale', async () => {
    const witness = makeKeyPair('w.example', 'cosignature');
    const log = new TinyLog().grow(5);
    const options = { policy: policyOf([witness]), maxAgeMs: 30_000 };
    const { monitor, clock, end } = await follow(log, options);
    assert.deepEqual(codesOf(await monitor.round()), ['checkpoint_stale']);
    const cosignedMs = clock.nowMs();
    log.cosign = (text) => [cosignatureBy(witness, text, cosignedMs)];
    const fresh = await monitor.round();
    assert.deepEqual([codesOf(fresh), fresh.witnessedMs], [[], cosignedMs]);
    clock.advanceMs(30_000);
    assert.deepEqual(codesOf(await monitor.round()), []);
    clock.advanceMs(1_000);
    assert.deepEqual(codesOf(await monitor.round()), ['checkpoint_stale']);
    log.cosign = (text) => [cosignatureBy(witness, text, clock.nowMs())];
    assert.deepEqual(codesOf(await monitor.round()), []);
    const stranger = makeKeyPair('w.example', 'cosignature');
    log.cosign = (text) => [cosignatureBy(stranger, text, clock.nowMs())];
    assert.deepEqual(codesOf(await monitor.round()), ['checkpoint_stale']);
    await end();
  });

  it('without witnesses is that the checkpoint changes, if that is asked for', async () => {
    const log = new TinyLog().grow(5);
    const quiet = await follow(log);
    const { monitor, clock, end } = await follow(log, { maxQuietMs: 60_000 });
    await monitor.round();
    await quiet.monitor.round();
    for (const wait of [60_000, 1]) {
      clock.advanceMs(wait);
      quiet.clock.advanceMs(wait);
    }
    assert.deepEqual(codesOf(await monitor.round()), ['checkpoint_stale']);
    assert.deepEqual(codesOf(await quiet.monitor.round()), []);
    // Signature lines of nobody are no change: whoever holds a log back could add them.
    log.cosign = () => [{ name: 'grease', id: Uint8Array.of(1, 2, 3, 4), blob: new Uint8Array(9) }];
    assert.deepEqual(codesOf(await monitor.round()), ['checkpoint_stale']);
    log.grow(1);
    assert.deepEqual(codesOf(await monitor.round()), []);
    await end();
    await quiet.end();
  });
});

describe('a log that shows others something else', () => {
  it('is proven to have forked by what a witness cosigned', async () => {
    for (const [shownHere, shownThere] of [
      [40, 40],
      [60, 40],
      [40, 60],
    ] as const) {
      const log = new TinyLog().grow(60);
      const other = log.fork(25).grow(35, 'other');
      const folder = new TestFolder();
      const make = { name: 'w.example' };
      const witness = await openWitness({ folder: folder.path, logs: [log.key], make });
      assert.equal((await post(witness, requestBody(other, 0, shownThere))).status, 200);
      const view = createWitnessView({
        name: 'w.example',
        url: 'https://w.example/prefix/',
        origin: log.origin,
        fetch: async (url) => {
          const path = url.replace('https://w.example/prefix', '');
          const answer = await answerWitness(witness, {
            ...{ method: 'GET', path },
            body: new Uint8Array(0),
          });
          return new Response(textOf(answer), { status: answer.status });
        },
      });
      log.shown = shownHere;
      const follower = await follow(log, { views: [view], graceMs: 10_000 });
      let report = await follower.monitor.round();
      if (shownThere > shownHere) {
        assert.deepEqual(codesOf(report), []);
        follower.clock.advanceMs(10_000);
        assert.deepEqual(codesOf(await follower.monitor.round()), ['log_behind']);
        log.shown = shownThere;
        report = await follower.monitor.round();
      }
      assert.deepEqual(codesOf(report), ['log_forked'], `${shownHere} ${shownThere}`);
      const file = join(follower.folder.path, String(report.alarms[0]?.facts['evidence']));
      const proven = await verifyForkEvidence(readFileSync(file, 'utf8'), log.key);
      assert.equal(proven.first.size, Math.min(shownThere, log.shown ?? 60));
      await follower.end();
      await witness.close();
      folder.delete();
    }
  });

  it('is not blamed for a witness that is away, lies or knows nothing', async () => {
    const log = new TinyLog().grow(10);
    const stranger = new TinyLog(log.origin).grow(10);
    const views = [
      { name: 'away', fetch: () => Promise.reject(new Error('away')) },
      { name: 'lies', fetch: async () => stranger.checkpoint() },
      { name: 'odd', fetch: async () => 'no note' },
      { name: 'new', fetch: async () => undefined },
      { name: 'behind', fetch: async () => log.checkpoint(3) },
    ];
    const { monitor, end } = await follow(log, { views });
    const report = await monitor.round();
    assert.deepEqual([codesOf(report), report.unreadViews], [[], ['away', 'lies', 'odd']]);
    await end();
  });
});
