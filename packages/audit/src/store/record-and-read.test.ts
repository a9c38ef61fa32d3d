import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { type CountersignEvent, isCodedError } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { closeHouses, REALM, TestHouse } from '../testing/open-house.ts';

afterEach(closeHouses);

const refusal = (code: string) => (error: unknown) => isCodedError(error) && error.code === code;
const event = (more: Partial<CountersignEvent> = {}): CountersignEvent => ({
  name: 'session.started',
  timeMs: 5,
  realm: REALM,
  ...more,
});

describe('the event table', () => {
  test('only grows: the database itself refuses to change or delete', async () => {
    const house = await TestHouse.open();
    await house.issue();
    for (const statement of [
      sql`UPDATE event SET ocsf = '{}'`,
      sql`DELETE FROM event`,
      sql`UPDATE issued_token SET subject = 'somebody else'`,
      sql`DELETE FROM issued_token`,
    ]) {
      const changing = house.store.transaction((tx) => statement.execute(tx));
      await assert.rejects(changing, refusal('storage_constraint'));
    }
    assert.deepEqual(await house.eventNames(), ['token.issued']);
  });

  test('gives back what was recorded, in order, with its sequence', async () => {
    const house = await TestHouse.open();
    const uids = await house.audit.record([event(), event({ name: 'session.ended' })]);
    const [first, second] = await house.audit.listEvents({});
    assert.deepEqual([first?.uid, second?.uid], uids);
    const metadata = first?.ocsf['metadata'] as { sequence: number } | undefined;
    assert.equal(metadata?.sequence, first?.sequence);
    const rest = await house.audit.listEvents({ afterSequence: first?.sequence ?? 0 });
    assert.deepEqual(
      rest.map(({ uid }) => uid),
      [second?.uid],
    );
    const before = await house.audit.listEvents({ beforeSequence: 1000, limit: 1 });
    assert.deepEqual(
      before.map(({ uid }) => uid),
      [second?.uid],
    );
  });

  test('shows a tenant only its own', async () => {
    const house = await TestHouse.open();
    await house.audit.record([
      event(),
      event({ realm: 'other/customer' }),
      event({ realm: undefined } as object),
    ]);
    const own = await house.audit.listEvents({ tenant: 'acme' });
    assert.deepEqual(
      own.map(({ realm }) => realm),
      [REALM],
    );
    assert.equal((await house.audit.listEvents({ realm: 'other/customer' })).length, 1);
    assert.equal((await house.audit.listEvents({ names: ['token.forged'] })).length, 0);
  });

  test('takes part in the transaction of a caller, and goes with it', async () => {
    const house = await TestHouse.open();
    const failing = house.store.transaction(async (tx) => {
      await house.audit.record([event()], tx);
      throw new Error('the state change failed');
    });
    await assert.rejects(failing, /the state change failed/);
    assert.deepEqual(await house.eventNames(), []);
    await house.store.transaction((tx) => house.audit.record([event()], tx));
    assert.deepEqual(await house.eventNames(), ['session.started']);
  });

  test('refuses what it cannot hold, and a page it cannot give', async () => {
    const house = await TestHouse.open();
    const many = Array.from({ length: 1001 }, () => event());
    await assert.rejects(house.audit.record(many), refusal('event_too_large'));
    await assert.rejects(
      house.audit.record([event({ name: 'token.abandoned' })]),
      refusal('event_malformed'),
    );
    for (const query of [{ limit: 0 }, { limit: 1001 }, { afterSequence: 1, beforeSequence: 2 }]) {
      await assert.rejects(house.audit.listEvents(query), refusal('query_malformed'));
    }
    await assert.rejects(house.audit.listFindings({ limit: 0 }), refusal('query_malformed'));
  });

  test('holds no token, whatever happens to it, but the proof of a forged one', async () => {
    const house = await TestHouse.open();
    const { token } = await house.issue();
    await house.report([
      house.use(token),
      house.use(token, { decision: 'refused', evidence: token }),
    ]);
    const forged = house.forge();
    await house.reportForged(forged);
    await house.pass(1000);
    for (const table of ['event', 'issued_token', 'use_report', 'finding', 'evidence'] as const) {
      const rows = await house.store.read.selectFrom(table).selectAll().execute();
      const text = JSON.stringify(rows);
      assert.equal(text.includes(token.slice(0, 200)), false, table);
      assert.equal(text.includes(token.split('.')[2] ?? ''), false, table);
      assert.equal(text.includes(forged), table === 'evidence', table);
    }
  });
});

describe('the ledger', () => {
  test('gives back what was issued, by any of its names', async () => {
    const house = await TestHouse.open();
    const { issued } = await house.issue({
      facts: { jkt: 'k', grantId: 'g', sessionId: 's', scope: 'x' } as object,
    });
    const { logIndex, tokenHash, jtiHash } = issued;
    for (const key of [{ logIndex }, { tokenHash }, { jtiHash }]) {
      const { scope: _scope, ...expected } = { ...issued, oneTime: false } as Record<
        string,
        unknown
      >;
      assert.deepEqual(await house.audit.findIssued(key), expected);
    }
    assert.equal(await house.audit.findIssued({ logIndex: 99 }), undefined);
    await assert.rejects(house.audit.findIssued({ tokenHash: 'x' }), refusal('issued_malformed'));
  });

  test('enters a token once', async () => {
    const house = await TestHouse.open();
    const build = await house.issue();
    await assert.rejects(house.record(build), refusal('already_issued'));
    assert.deepEqual(await house.eventNames(), ['token.issued']);
  });

  test('takes no row without its event, nor a malformed one', async () => {
    const house = await TestHouse.open();
    const { issued } = house.build();
    await assert.rejects(house.audit.recordIssued(issued, []), refusal('issued_malformed'));
    await assert.rejects(house.audit.recordIssued(issued, [event()]), refusal('issued_malformed'));
    for (const wrong of [{ leafHash: 'AB' }, { logIndex: -1 }, { journalNumber: 1.5 }]) {
      const recording = house.record({ token: '', issued: { ...issued, ...wrong } });
      await assert.rejects(recording, refusal('issued_malformed'));
    }
  });

  test('that cannot be written fails the token, and excuses its leaf and signature later', async () => {
    const house = await TestHouse.open();
    const build = house.build();
    const { write } = house.store;
    house.store.write = async () => {
      throw new Error('the disk is full');
    };
    await assert.rejects(house.record(build), /disk is full/);
    await assert.rejects(house.reconciler.tick(), /disk is full/, 'nothing is judged meanwhile');
    house.store.write = write;
    await house.pass(20_000);
    assert.deepEqual(house.told, []);
  });
});
