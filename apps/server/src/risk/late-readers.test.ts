// What is read while it changes: a model that is put in twice, and an act that is on record and not yet
// remembered.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ModelBook } from '@countersign/memory';
import { ManualClock } from '@countersign/vocabulary';
import { readRisk } from '../settings/read-risk.ts';
import { attemptOf, openRiskHouse, openStoreForRisk, REALM } from '../testing/open-risk-house.ts';
import { assembleEngine } from './assemble-engine.ts';
import { giveFeedback } from './give-feedback.ts';

test('the model that judges is the one that was put in last, however long one takes to read', async () => {
  let challenger: { bytes: Uint8Array } | undefined;
  let slow: Promise<void> | undefined;
  const find: ModelBook['find'] = async (role) => {
    const found = role === 'challenger' ? challenger : undefined;
    await slow;
    return found as never;
  };
  const log = { error: () => undefined, warn: () => undefined };
  const engine = await assembleEngine({
    ...{ settings: readRisk({}, '/'), models: { find } as ModelBook, log: log as never },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  slow = promise;
  const first = engine.reload();
  await new Promise(setImmediate);
  slow = undefined;
  challenger = { bytes: new Uint8Array() };
  const second = engine.reload();
  await new Promise(setImmediate);
  resolve();
  await Promise.all([first, second]);
  assert.ok(engine.challenger, 'what was put in last looks on');
});

test('what is said of an act that is on record already finds it remembered', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const clock = new ManualClock(1_795_289_400_000);
  const store = await openStoreForRisk(clock, join(folder, 'store.db'));
  const house = await openRiskHouse(clock, store);
  t.after(async () => {
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { memory } = house.risk.house;
  const people = Array.from({ length: 16 }, (_, number) => `p-${number}`);
  for (const subject of people) {
    const attempt = attemptOf(clock, { subject });
    const judging = house.risk.gate.judge(attempt);
    let act = await memory.acts.find(attempt.id);
    while (act === undefined) {
      await new Promise(setImmediate);
      act = await memory.acts.find(attempt.id);
    }
    const actor = { kind: 'reader', id: 'analyst' } as const;
    await giveFeedback(house.risk.house, {
      ...{ act, actor, verb: 'confirm_compromised', by: 'analyst' },
      ...{ fromSameSession: false, withOldFactor: false },
    });
    await judging;
    const { profile, standing } = await memory.open(REALM, subject);
    assert.equal(profile.depth, 0, 'what it taught is taken back');
    assert.equal(standing?.level(clock.nowMs()), 'high');
    assert.ok(house.risk.gate.limitsNow(REALM, subject)?.deny);
  }
});
