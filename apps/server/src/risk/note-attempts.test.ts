// What is told and not asked teaches traffic once, and what cannot be put on record is not answered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@countersign/vocabulary';
import { attemptOf, openRiskHouse, REALM } from '../testing/open-risk-house.ts';
import { judgeAttempt } from './judge-attempts.ts';

test('a failure is traffic; a step-up that was passed was traffic when it was judged', async () => {
  const house = await openRiskHouse();
  const { gate, house: parts } = house.risk;
  const traffic = async () => (await parts.memory.open(REALM)).infrastructure.encode();
  const empty = await traffic();
  const failed = { outcome: 'failure', failure: 'wrong_password', subject: 'p-1' } as const;
  await gate.note(attemptOf(house.clock, failed));
  assert.notDeepEqual(await traffic(), empty);
  house.setFactors(1);
  const decision = await gate.judge(attemptOf(house.clock, { ip: '198.51.100.9' }));
  assert.equal(decision.action, 'step_up');
  const before = await traffic();
  const settled = { assessment: decision.assessment, outcome: 'passed' } as const;
  await gate.note(attemptOf(house.clock, { kind: 'step_up' }), settled);
  assert.equal((await parts.memory.open(REALM, 'p-1')).profile.depth, 1, 'it taught');
  assert.deepEqual(await traffic(), before);
  await house.close();
});

test('an attempt whose judgement cannot be written is not answered', async () => {
  const house = await openRiskHouse();
  const { house: parts } = house.risk;
  const write = () => Promise.reject(new Error('the disk is full'));
  const full = { ...parts, memory: { ...parts.memory, write } };
  await assert.rejects(judgeAttempt(full, attemptOf(house.clock)), /the disk is full/);
  const conflict = () => Promise.reject(new CodedError('storage_conflict', 'there is one'));
  // A conflict about anything but this very attempt is no answer to it.
  const other = { ...parts, memory: { ...parts.memory, write: conflict } };
  await assert.rejects(judgeAttempt(other, attemptOf(house.clock)), /there is one/);
  await house.close();
});
