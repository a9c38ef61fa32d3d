import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { closeHouses, TestHouse } from '../testing/open-house.ts';
import { GAP_REASONS, type Gap } from './gap.ts';
import { GAP_WINDOW_MS } from './tell-gaps.ts';

afterEach(closeHouses);

const gap: Gap = {
  tenant: 'acme',
  source: { kind: 'verifier', id: 'r-1', name: 'mail-api' },
  reason: 'dropped',
  count: 3,
};

async function gapsOf(house: TestHouse, tenant = 'acme') {
  const events = await house.audit.listEvents({ tenant, names: ['log.gap'], afterSequence: 0 });
  return events.map(({ ocsf, timeMs }) => {
    const { item, reason, count, extra } = (
      ocsf['unmapped'] as { countersign: Record<string, unknown> }
    ).countersign;
    return { item, reason, count, extra, timeMs };
  });
}

describe('a gap', () => {
  test('is an event in the record of its tenant, with source, reason and count', async () => {
    const house = await TestHouse.open();
    const nowMs = house.clock.nowMs();
    await house.audit.noteGaps([{ ...gap, firstMs: nowMs - 90_000, mostMs: 70_000 }]);
    house.clock.advanceMs(5_000);
    assert.equal(await house.audit.tellGaps(), 1);
    assert.deepEqual(await gapsOf(house), [
      {
        item: { id: 'r-1', kind: 'verifier', name: 'mail-api' },
        reason: 'dropped',
        count: 3,
        extra: { firstMs: nowMs - 90_000, lastMs: nowMs, mostMs: 70_000, times: 1 },
        timeMs: nowMs,
      },
    ]);
    assert.deepEqual(await gapsOf(house, 'other'), []);
  });

  test('that is noticed ten thousand times is a few events, and nothing of it is forgotten', async () => {
    const house = await TestHouse.open();
    for (let second = 0; second < 1_000; second += 1) {
      await house.audit.noteGaps(Array.from({ length: 10 }, () => ({ ...gap, count: 1 })));
      house.clock.advanceMs(1_000);
      await house.audit.tellGaps();
    }
    house.clock.advanceMs(GAP_WINDOW_MS);
    await house.audit.tellGaps();
    const told = await gapsOf(house);
    assert.equal(told.length, 5);
    assert.equal(
      told.reduce((sum, { count }) => sum + (count as number), 0),
      10_000,
    );
  });

  test('says in words which source, how many records and where to look, whatever the reason', async () => {
    const house = await TestHouse.open();
    await house.audit.noteGaps(GAP_REASONS.map((reason) => ({ ...gap, reason })));
    const unknown = { kind: 'source', id: 'acme-okta' };
    await house.audit.noteGaps([{ ...gap, source: unknown, reason: 'importer_behind', count: 0 }]);
    house.clock.advanceMs(5_000);
    await house.audit.tellGaps();
    const events = await house.audit.listEvents({ names: ['log.gap'], afterSequence: 0 });
    const messages = events.map(({ ocsf }) => String(ocsf['message']));
    assert.equal(new Set(messages).size, GAP_REASONS.length + 1);
    for (const message of messages) {
      assert.match(
        message,
        /^(3 records of verifier r-1 \(mail-api\)|An unknown number of records of source acme-okta): .+\. .+\.$/,
      );
    }
  });

  for (const [name, offMs] of [
    ['before there were computers', -1_700_000_000_000],
    ['in a year of six digits', 8_000_000_000_000_000],
  ] as const) {
    test(`of a clock that stands ${name} is dated by ours, and says what that one said`, async () => {
      const house = await TestHouse.open();
      const lastMs = Math.max(0, house.clock.nowMs() + offMs);
      await house.audit.noteGaps([{ ...gap, reason: 'clock_skew', firstMs: lastMs, lastMs }]);
      house.clock.advanceMs(5_000);
      await house.audit.tellGaps();
      const [told] = await gapsOf(house);
      assert.equal(told?.timeMs, house.clock.nowMs());
      assert.equal(Object(told?.extra).lastMs, lastMs);
    });
  }

  test('of the installation is in no tenant’s record', async () => {
    const house = await TestHouse.open();
    const { tenant: _, ...ofNobody } = gap;
    await house.audit.noteGaps([{ ...ofNobody, source: { kind: 'store', id: 'store' } }]);
    house.clock.advanceMs(5_000);
    await house.audit.tellGaps();
    assert.deepEqual(await gapsOf(house), []);
    const [event] = await house.audit.listEvents({ names: ['log.gap'], afterSequence: 0 });
    assert.equal(event?.tenant, undefined);
  });

  test('is told also when our clock was ahead before, and is right now', async () => {
    const house = await TestHouse.open();
    await house.audit.noteGaps([gap]);
    house.clock.advanceMs(5_000);
    assert.equal(await house.audit.tellGaps(), 1);
    await house.audit.noteGaps([gap]);
    house.clock.advanceMs(-86_400_000);
    assert.equal(await house.audit.tellGaps(), 1);
  });

  test('that was noted is told after a restart', async () => {
    const house = await TestHouse.open();
    await house.audit.noteGaps([gap]);
    await house.restart();
    house.clock.advanceMs(5_000);
    assert.equal(await house.audit.tellGaps(), 1);
    assert.equal(await house.audit.tellGaps(), 0);
  });

  test('adds up whatever is noted when, and no two of one window are of one source and reason', async () => {
    const noted = fc.record({
      source: fc.constantFrom('a', 'b'),
      reason: fc.constantFrom('late', 'dropped'),
      count: fc.nat(100),
      waitMs: fc.nat(200_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(noted, { maxLength: 30 }), async (notes) => {
        const house = await TestHouse.open();
        for (const { source, reason, count, waitMs } of notes) {
          const one = { kind: 'source', id: source };
          await house.audit.noteGaps([{ ...gap, source: one, reason, count } as Gap]);
          house.clock.advanceMs(waitMs);
          await house.audit.tellGaps();
        }
        house.clock.advanceMs(GAP_WINDOW_MS);
        await house.audit.tellGaps();
        const told = await gapsOf(house);
        const sum = (all: readonly { count?: unknown }[]) =>
          all.reduce((total, { count }) => total + (count as number), 0);
        assert.equal(sum(told), sum(notes));
        await house.close();
      }),
      { numRuns: 25 },
    );
  });
});
