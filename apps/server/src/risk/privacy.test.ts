// What the risk engine keeps of somebody: numbers under a key that changes, nothing in the clear, and
// nothing at all once they are forgotten.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attemptOf,
  OPERATOR_TOKEN,
  openRiskHouse,
  REALM,
  type RiskTestHouse,
} from '../testing/open-risk-house.ts';

const DAY_MS = 86_400_000;
const ABROAD = '198.51.100.9';
const DEVICE = 'device-key-thumbprint-of-ana';
const JA4 = 't13d1516h2_8daaf6152771_02713d6af862';
const DPOP = 'dpop-thumbprint-of-ana';
const SECRETS = ['192.0.2.7', '192.0.2.0/24', ABROAD, 'Mozilla', DEVICE, JA4, DPOP];
const TABLES = [
  ...(['risk_act', 'risk_profile', 'risk_realm', 'risk_snapshot'] as const),
  ...(['risk_cursor', 'risk_key', 'risk_model', 'risk_policy'] as const),
];

/** Every value of every row, as bytes would show it. */
async function keptBytes({ store }: RiskTestHouse): Promise<string> {
  const texts: string[] = [];
  for (const table of TABLES) {
    for (const row of await store.read.selectFrom(table).selectAll().execute()) {
      for (const value of Object.values(row) as unknown[]) {
        const isBytes = value instanceof Uint8Array;
        texts.push(isBytes ? Buffer.from(value).toString('latin1') : String(value));
      }
    }
  }
  return texts.join('\n');
}

async function live({ risk, clock }: RiskTestHouse, subject: string, days = 3): Promise<void> {
  const surroundings = { ip: '192.0.2.7', userAgent: 'Mozilla/5.0 (X11)', language: 'nb' };
  const device = { deviceKey: DEVICE, dpopThumbprint: DPOP, ja4: JA4 };
  for (let day = 0; day < days; day++) {
    const sessionId = `session-${subject}-${day}`;
    const attempt = { ...attemptOf(clock, { subject, sessionId }), surroundings };
    await risk.gate.judge({ ...attempt, surroundings: { ...surroundings, ...device } });
    const wrong = attemptOf(clock, { subject, outcome: 'failure', failure: 'wrong_password' });
    await risk.gate.note(wrong);
    await risk.gate.judge(attemptOf(clock, { subject, kind: 'refresh', sessionId, ip: ABROAD }));
    await risk.house.memory.flush();
    clock.advanceMs(DAY_MS);
  }
}

test('no address, agent or key of a device is in any table of the memory; who is erased is in none', async () => {
  const house = await openRiskHouse();
  await live(house, 'p-ana');
  await live(house, 'p-ben');
  const kept = await keptBytes(house);
  for (const secret of SECRETS) assert.ok(!kept.includes(secret), secret);
  assert.ok(kept.includes('p-ana'));
  const said = { assessment: await lastOf(house, 'p-ana'), verb: 'confirm_compromised' };
  await house.ask('/risk/feedback', OPERATOR_TOKEN, 'POST', said);
  // What was said is handed out with the rest.
  const path = `/risk/people/${REALM}/p-ana`;
  const { body } = await house.ask(path, OPERATOR_TOKEN);
  const [word] = body['said'] as { assessment: string; word: string }[];
  assert.deepEqual([word?.assessment, word?.word], [said.assessment, said.verb]);
  const gone = await house.ask(path, OPERATOR_TOKEN, 'DELETE');
  assert.equal(gone.status, 200);
  const after = await keptBytes(house);
  assert.ok(!after.includes('p-ana') && after.includes('p-ben'));
  assert.equal(house.risk.gate.limitsNow(REALM, 'p-ana'), undefined);
  // Nor is anybody brought back by another life of the house.
  const again = await openRiskHouse(house.clock, house.store);
  const { profile, standing } = await again.risk.house.memory.open(REALM, 'p-ana');
  assert.deepEqual([profile.depth, standing?.evidence.length], [0, 0]);
  await house.close();
});

async function lastOf({ risk }: RiskTestHouse, subject: string): Promise<string> {
  const [last] = await risk.house.memory.acts.list({ realm: REALM, subject, limit: 1 });
  return last?.id ?? assert.fail();
}

test('what detectors keep of a person is handed out with the rest, and is gone with it', async () => {
  const house = await openRiskHouse();
  await live(house, 'p-ana');
  const path = `/risk/people/${REALM}/p-ana`;
  const { body } = await house.ask(path, OPERATOR_TOKEN);
  const { lastMs, lastPlace, failures, lastAtRiskMs } = body['detectors'] as Record<string, object>;
  const signedIn = house.clock.nowMs() - DAY_MS;
  assert.deepEqual(
    [lastMs, lastPlace, failures, lastAtRiskMs],
    [signedIn, { country: 'NO', timeMs: signedIn }, 1, signedIn],
  );
  await house.ask(path, OPERATOR_TOKEN, 'DELETE');
  assert.equal((await house.ask(path, OPERATOR_TOKEN)).body['detectors'], undefined);
  await house.close();
});

test('a changed key renames what its owner shows; nobody looks new because of it', async () => {
  const house = await openRiskHouse();
  const { memory } = house.risk.house;
  const known = async () => {
    const { profile } = await memory.open(REALM, 'p-1');
    return profile.values('ip', house.clock.nowMs()).map(({ value }) => value);
  };
  const signIn = () => house.risk.gate.judge(attemptOf(house.clock));
  for (let day = 0; day < 4; day++) {
    await signIn();
    house.clock.advanceMs(DAY_MS);
  }
  const first = await known();
  assert.equal(first.length, 1);
  await memory.keys.rotate('acme');
  await signIn();
  const second = await known();
  assert.equal(second.length, 1, 'one address is one value, whatever the key');
  assert.notEqual(second[0], first[0]);
  house.clock.advanceMs(DAY_MS);
  await memory.keys.rotate('acme');
  await signIn();
  const keys = await house.store.read.selectFrom('risk_key').select('generation').execute();
  assert.deepEqual(keys.map(({ generation }) => generation).sort(), [2, 3]);
  assert.ok(!(await known()).some((value) => value === first[0] || value === second[0]));
  await house.close();
});

test('a person sees their own standing, however many others are above it', async () => {
  const house = await openRiskHouse();
  const username = 'ana';
  const person = { realm: REALM, username, password: 'correct horse 9' };
  const { id } = await house.directory.people.create(person);
  const { credential } = await house.directory.readers.create(
    {
      name: 'A',
      by: 'operator x',
      kind: 'person',
      tenant: 'acme',
      subject: id,
      realm: REALM,
    } as never,
    () => async () => undefined,
  );
  for (const subject of [id, 'p-2']) {
    for (let day = 0; day < 4; day++)
      await house.risk.gate.judge(attemptOf(house.clock, { subject }));
    house.clock.advanceMs(DAY_MS);
    await house.risk.gate.judge(attemptOf(house.clock, { subject, ip: ABROAD }));
  }
  const said = { assessment: await lastOf(house, 'p-2'), verb: 'confirm_compromised' };
  await house.ask('/risk/feedback', OPERATOR_TOKEN, 'POST', said);
  const { body } = await house.ask('/risk/standings?limit=1', credential);
  const seen = (body['standings'] as { subject: string }[]).map(({ subject }) => subject);
  assert.deepEqual(seen, [id]);
  await house.close();
});
