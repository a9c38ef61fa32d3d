import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { closeHouses, REPORTER, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

const verifier = { name: 'mail-api', version: '1.0.0' };

async function told(house: TestHouse): Promise<string[]> {
  house.clock.advanceMs(5_000);
  await house.audit.tellGaps();
  const facts = await house.extensions('log.gap');
  return facts.map((one) => {
    const { reason, count } = one as { reason: string; count: number };
    return `${reason} ${count}`;
  });
}

describe('what is missing from use reports', () => {
  test('is what the verifier says it lost, counted once however often it says so', async () => {
    const house = await TestHouse.open();
    const send = (dropped: number, throttled: number, run = 'run-1') =>
      house.audit.recordUses(REPORTER, {
        verifier,
        uses: [house.use('t')],
        sentMs: house.clock.nowMs(),
        counts: { run, dropped, throttled },
      });
    await send(10, 0);
    await send(10, 0);
    await send(12, 3);
    await send(5, 0, 'run-2');
    await house.restart();
    await send(12, 3);
    assert.deepEqual(await told(house), ['dropped 17', 'throttled 3']);
  });

  test('is told apart: late, a wrong clock, and what is not the reporter’s to tell', async () => {
    const house = await TestHouse.open();
    const nowMs = house.clock.nowMs();
    const report = (atMs: number, sentMs: number, more = {}) =>
      house.audit.recordUses(REPORTER, {
        verifier,
        uses: [{ ...house.use('t', more), atMs }],
        sentMs,
      });
    await report(nowMs - 1_000, nowMs);
    await report(nowMs - 3_600_000, nowMs);
    await report(nowMs + 600_000, nowMs + 600_000);
    await report(nowMs, nowMs, { issuer: undefined, audience: ['https://other.example'] });
    assert.deepEqual(await told(house), ['clock_skew 1', 'late 1', 'left_out 1']);
  });

  test('is nothing when verifiers of before report in time', async () => {
    const house = await TestHouse.open();
    await house.report([house.use('t'), house.use('u')]);
    await house.audit.recordUses(REPORTER, { verifier, uses: [], dropped: 0 });
    assert.deepEqual(await told(house), []);
  });

  test('that a reporter makes up is bounded: a thousand runs are few rows and few events', async () => {
    const house = await TestHouse.open();
    for (let run = 0; run < 200; run += 1) {
      const counts = { run: `run-${run}`, dropped: 1, throttled: 1 };
      await house.audit.recordUses(REPORTER, { verifier, uses: [], counts });
    }
    assert.deepEqual(await told(house), ['dropped 200', 'throttled 200']);
    const { runs } = await house.store.read
      .selectFrom('reporter_run')
      .select(({ fn }) => fn.countAll<number>().as('runs'))
      .executeTakeFirstOrThrow();
    assert.equal(runs, 64);
  });
});

describe('the version of a verifier', () => {
  test('is on record once for each, also over a restart, with the one before', async () => {
    const house = await TestHouse.open();
    const send = (version: string) =>
      house.audit.recordUses(REPORTER, { verifier: { name: 'mail-api', version }, uses: [] });
    await Promise.all([send('1.0.0'), send('1.0.0'), send('1.0.0')]);
    house.clock.advanceMs(1);
    await send('1.1.0');
    await house.restart();
    await send('1.0.0');
    await send('1.1.0');
    const changes = await house.extensions('verifier.version');
    assert.deepEqual(
      changes.map((facts) => (facts as { change: object }).change),
      [
        { after: { version: '1.0.0' } },
        { after: { version: '1.1.0' }, before: { version: '1.0.0' } },
      ],
    );
  });
});
