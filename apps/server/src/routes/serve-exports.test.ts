import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { ArchiveClient, ChainedEvent } from '@countersign/archive';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { type AnchorProof, type BundleSource, hashEvent } from '@countersign/trail';
import {
  CodedError,
  type CountersignEvent,
  ManualClock,
  systemRandom,
} from '@countersign/vocabulary';
import { Hono } from 'hono';
import type { WantedBundle } from '../anchors/open-anchors.ts';
import { answerProblem } from '../problem.ts';
import type { LogReader } from './authenticate-reader.ts';
import { exportRoutes } from './serve-exports.ts';

/** In no log: whoever exports does not check it. */
const anchorOf = (tenant: string, count: number): AnchorProof => ({
  entry: {
    ...{ v: 1, anchor: 1, tenant, count, head: '0'.repeat(64), segments: 0 },
    ...{ segmentsRoot: '0'.repeat(64), salt: '0'.repeat(32) },
  },
  place: { index: 0, size: 1, path: [] },
  leaf: new Uint8Array(77),
  log: '',
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
});

const soc: LogReader = { kind: 'tenant', id: 'rd-soc', name: 'SOC', tenant: 'acme', manage: false };

/** The real record; numbers are given as the archive gives them, in the order of recording. */
async function openRecord(reader: LogReader = soc, stalledMs?: number) {
  const clock = new ManualClock();
  const migrations = auditMigrations;
  const store = await openStore<AuditTables>({ memory: true, migrations, clock });
  open.push(store);
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random: systemRandom, product });
  const room = { full: false, asked: 0, erased: new Set<number>(), reads: true };
  /** How far the newest anchor reaches, and whether a better one is waited for. */
  const anchor = { reaches: 0, waits: false, ...Promise.withResolvers<void>() };
  const wanted: number[] = [];
  const rowsOf = (tenant: string) =>
    store.read.selectFrom('event').selectAll().where('tenant', '=', tenant).orderBy('sequence');
  const archive: Pick<ArchiveClient, 'readRange'> = {
    async readRange({ tenant, from, limit }): Promise<ChainedEvent[]> {
      room.asked += 1;
      const rows = await rowsOf(tenant)
        .offset(from - 1)
        .limit(limit)
        .execute();
      return rows.map(({ sequence, uid, time_ms, name, salt, ocsf }, at) => ({
        ...{ number: from + at, sequence, uid, timeMs: time_ms, name },
        leaf: hashEvent(salt ?? new Uint8Array(16), Buffer.from(ocsf)).toString('hex'),
        ...(room.erased.has(from + at) ? { erased: true as const } : { ocsf }),
      }));
    },
  };
  const bundle = async ({ tenant, to, shows }: WantedBundle): Promise<BundleSource | undefined> => {
    wanted.push(to);
    if (anchor.waits) await anchor.promise;
    const { reaches: last } = anchor;
    if (last === 0) return undefined;
    const events = async function* () {
      for (const event of await archive.readRange({ tenant, from: 1, limit: last })) {
        shows?.(event);
        yield { number: event.number, leaf: Buffer.from(event.leaf, 'hex') };
      }
    };
    const sections = async function* () {
      yield { kind: 'tail' as const, first: 1, last, events: events() };
    };
    return { instance: 'house', tenant, anchor: anchorOf(tenant, last), sections: sections() };
  };
  const app = new Hono().route(
    '/',
    exportRoutes({
      archive: { ...archive, exportParquet: () => assert.fail('no archivist here') },
      ...{ folder: '/nowhere', random: systemRandom, newestSequence: async () => 0 },
      anchors: { bundle },
      newestNumber: async (tenant) => (await rowsOf(tenant).execute()).length,
      audit: {
        record: async (events, tx) => {
          if (room.full) throw new CodedError('storage_full', 'No room.', { retryAfterSeconds: 1 });
          return audit.record(events, tx);
        },
      },
      clock,
      onFailure: (error) => assert.fail(String(error)),
      ...(stalledMs === undefined ? {} : { stalledMs }),
      readerOnly: (context, next) => {
        context.set('reader', reader);
        context.set('stillReads', async () => room.reads);
        return next();
      },
    }),
  );
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const fill = async (count: number, more: Partial<CountersignEvent> = {}): Promise<void> => {
    for (let first = 0; first < count; first += 1000) {
      const some = Array.from({ length: Math.min(1000, count - first) }, (_, at) => ({
        name: 'session.started' as const,
        timeMs: clock.nowMs() + first + at,
        realm: 'acme/workforce' as const,
        subject: (first + at) % 3 === 0 ? 'ana' : 'bo',
        sessionId: `s-${first + at}`,
        ...more,
      }));
      await audit.record(some);
    }
  };
  const exported = async () => {
    const events = await audit.listEvents({ names: ['audit.exported'], afterSequence: 0 });
    return events.map(({ ocsf }) => {
      const { countersign } = ocsf['unmapped'] as { countersign: Record<string, unknown> };
      return countersign;
    });
  };
  return {
    ask: (path: string, init?: RequestInit) => app.request(path, init),
    fill,
    exported,
    room,
    anchor,
    wanted,
    clock,
  };
}

interface Line {
  metadata: { event_code: string; sequence: number };
  unmapped: { countersign: { sub?: string; integrity: { number: number; leaf: string } } };
}

async function linesOf(response: Response): Promise<Line[]> {
  assert.equal(response.status, 200);
  return (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
const numberOf = (line: Line): number => line.unmapped.countersign.integrity.number;

describe('an export', () => {
  it('has every event of the tenant once, in the order of the chain, with number and leaf', async () => {
    const { ask, fill } = await openRecord();
    await fill(2_500);
    const response = await ask('/exports');
    assert.equal(response.headers.get('countersign-to'), '2500');
    const lines = await linesOf(response);
    assert.deepEqual(
      lines.map(numberOf),
      Array.from({ length: 2_500 }, (_, at) => at + 1),
    );
    assert.ok(
      lines.every((line) => /^[0-9a-f]{64}$/.test(line.unmapped.countersign.integrity.leaf)),
    );
  });

  it('that was cut goes on where it was cut, and is whole', async () => {
    const { ask, fill } = await openRecord();
    await fill(1_500);
    const first = await linesOf(await ask('/exports?to=700'));
    const rest = await linesOf(await ask('/exports?from=701'));
    const whole = [...first, ...rest].filter(
      ({ metadata }) => metadata.event_code !== 'audit.exported',
    );
    assert.equal(whole.length, 1_500);
    assert.equal(rest[0] && numberOf(rest[0]), 701);
  });

  it('is on record before its first byte, and again with how it ended', async () => {
    const { ask, fill, exported } = await openRecord();
    await fill(10);
    const response = await ask('/exports?filter=event%20%3D%20session.started');
    assert.deepEqual(
      (await exported()).map(({ operation }) => operation),
      ['started'],
    );
    await response.text();
    const [started, ended] = await exported();
    assert.deepEqual(started?.['actor'], { id: 'rd-soc', kind: 'reader' });
    assert.equal(ended?.['reason'], 'complete');
    assert.equal(ended?.['count'], 10);
    assert.ok(ended?.['caused_by']);
  });

  it('that cannot be recorded does not begin', async () => {
    const { ask, fill, room } = await openRecord();
    await fill(10);
    room.full = true;
    assert.equal((await ask('/exports')).status, 503);
    assert.equal(room.asked, 0);
  });

  it('is read only as fast as it is taken, and says that it was cut', async () => {
    const { ask, fill, exported, room } = await openRecord();
    await fill(20_000);
    const reader = (await ask('/exports')).body?.getReader() ?? assert.fail();
    await reader.read();
    const asked = room.asked;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(room.asked, asked, 'nothing is read ahead of whoever does not read');
    assert.ok(asked <= 2);
    await reader.cancel();
    const ended = (await exported()).at(-1);
    assert.equal(ended?.['reason'], 'cut');
    assert.ok((ended?.['count'] as number) < 2_000);
  });

  it('ends within seconds for a reader that was ended, however slowly it reads', async () => {
    const { ask, fill, exported, room, clock } = await openRecord();
    await fill(5_000);
    const reader = (await ask('/exports')).body?.getReader() ?? assert.fail();
    await reader.read();
    room.reads = false;
    clock.advanceMs(5_000);
    await assert.rejects(reader.read());
    assert.equal((await exported()).at(-1)?.['reason'], 'cut');
  });

  it('keeps no place for a reader that takes nothing', async () => {
    const { ask, fill, exported } = await openRecord(soc, 250);
    await fill(5_000);
    const stalled = await Promise.all([ask('/exports'), ask('/exports'), ask('/exports')]);
    while ((await exported()).filter(({ reason }) => reason === 'cut').length < 3) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await linesOf(await ask('/exports?to=1'))).length, 1);
    for (const { body } of stalled) await assert.rejects(new Response(body).text());
  });

  it('is refused when too many run, and runs again when one has ended', async () => {
    const { ask, fill } = await openRecord();
    await fill(5_000);
    const running = await Promise.all([ask('/exports'), ask('/exports'), ask('/exports')]);
    assert.equal((await ask('/exports')).status, 429);
    await running[0]?.body?.cancel();
    assert.equal((await ask('/exports?to=1')).status, 200);
    for (const { body } of running.slice(1)) await body?.cancel();
  });

  it('shows what the filter asks for, and refuses a filter it cannot read', async () => {
    const { ask, fill } = await openRecord();
    await fill(9);
    const some = await linesOf(await ask('/exports?filter=person%20%3D%20ana'));
    assert.equal(some.length, 3);
    assert.ok(some.every((line) => line.unmapped.countersign.sub === 'ana'));
    assert.equal((await ask('/exports?filter=(((')).status, 400);
    assert.equal((await ask('/exports?from=99')).status, 400);
  });

  it('says of an erased event that it was one, and leaves its number in place', async () => {
    const { ask, fill, room } = await openRecord();
    await fill(3);
    room.erased.add(2);
    const lines = await linesOf(await ask('/exports'));
    assert.deepEqual(lines.map(numberOf), [1, 2, 3]);
    const erased = lines[1] ?? assert.fail();
    assert.ok('erased' in erased.unmapped.countersign.integrity);
    assert.ok(
      !JSON.stringify(lines[1]).includes('ana') && !JSON.stringify(lines[1]).includes('"bo"'),
    );
  });
});

describe('an export that is made elsewhere', () => {
  it('is refused before there is an anchor, or for a person, and nothing is left running', async () => {
    const { ask, exported } = await openRecord();
    for (let time = 0; time < 5; time += 1) {
      assert.equal((await ask('/exports?format=bundle')).status, 404);
    }
    assert.deepEqual(await exported(), []);
    const person: LogReader = { ...soc, kind: 'person', subject: 'ana', realm: 'acme/workforce' };
    const own = await openRecord(person);
    assert.equal((await own.ask('/exports?format=parquet')).status, 400);
    // The text of an event proves nothing but whole, and whole it says which of the staff did what.
    assert.equal((await own.ask('/exports?format=bundle')).status, 400);
    assert.deepEqual(await own.exported(), []);
  });
});

describe('an evidence bundle', () => {
  const path = '/exports?format=bundle';

  it('says how far it reaches, to who asks and on record, when not all is anchored yet', async () => {
    const { ask, fill, exported, anchor, wanted } = await openRecord();
    await fill(5);
    anchor.reaches = 3;
    const response = await ask(path);
    assert.equal(response.headers.get('countersign-to'), '3');
    await response.text();
    const events = await exported();
    assert.deepEqual(
      events.map(({ operation, count, extra }) => ({ operation, count, extra })),
      [
        { operation: 'started', count: undefined, extra: { format: 'bundle', from: 1, to: 3 } },
        {
          ...{ operation: 'ended', count: 3 },
          extra: { format: 'bundle', from: 1, gone: 0, through: 3, to: 3 },
        },
      ],
    );
    assert.deepEqual(wanted, [5], 'all of it is what was waited for');
  });

  it('reaches no further than what was asked for', async () => {
    const { ask, fill, anchor, wanted } = await openRecord();
    await fill(5);
    anchor.reaches = 5;
    const response = await ask(`${path}&to=2`);
    assert.equal(response.headers.get('countersign-to'), '2');
    await response.text();
    assert.deepEqual(wanted, [2]);
  });

  it('of nothing that is anchored is refused, and is not on record', async () => {
    const { ask, fill, exported, anchor } = await openRecord();
    await fill(5);
    anchor.reaches = 3;
    assert.equal((await ask(`${path}&from=4`)).status, 404);
    assert.deepEqual(await exported(), []);
  });

  it('has its place among the exports while its anchor is waited for', async () => {
    const { ask, fill, anchor, wanted } = await openRecord();
    await fill(5);
    Object.assign(anchor, { reaches: 5, waits: true });
    const waiting = [ask(path), ask(path), ask(path)];
    while (wanted.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal((await ask(path)).status, 429);
    anchor.resolve();
    for (const response of await Promise.all(waiting)) {
      assert.equal(response.status, 200);
      await response.text();
    }
  });

  it('is not for a reader that was ended while its anchor was waited for', async () => {
    const { ask, fill, exported, anchor, wanted, room, clock } = await openRecord();
    await fill(5);
    Object.assign(anchor, { reaches: 5, waits: true });
    const waiting = ask(path);
    while (wanted.length < 1) await new Promise((resolve) => setTimeout(resolve, 5));
    clock.advanceMs(5_000);
    room.reads = false;
    anchor.resolve();
    await assert.rejects((await waiting).text());
    assert.equal((await exported()).at(-1)?.['reason'], 'cut');
  });
});

describe('who may export', () => {
  it('is a tenant of its own record only', async () => {
    const { ask } = await openRecord();
    assert.equal((await ask('/exports?tenant=other')).status, 403);
  });

  it('is a person of own events only, whatever the filter says', async () => {
    const person: LogReader = {
      ...{ kind: 'person', id: 'rd-ana', name: 'Ana', tenant: 'acme', manage: false },
      ...{ subject: 'ana', realm: 'acme/workforce' },
    };
    const { ask, fill } = await openRecord(person);
    await fill(9);
    await fill(3, { realm: 'acme/customer' as never, subject: 'ana' });
    for (const query of ['', '?filter=class%20%3D%203002%20or%20not%20class%20%3D%203002']) {
      const lines = await linesOf(await ask(`/exports${query}`));
      assert.equal(lines.length, 3);
    }
  });

  it('is an operator with a reason, which the tenant is shown', async () => {
    const staff: LogReader = { kind: 'operator', id: 'op', name: 'op', manage: true };
    const without = await openRecord(staff);
    assert.equal((await without.ask('/exports?tenant=acme')).status, 403);
    const { ask, exported } = await openRecord({ ...staff, reason: 'ticket 4711' });
    await (await ask('/exports?tenant=acme')).text();
    assert.deepEqual((await exported())[0]?.['actor'], {
      ...{ id: 'op', kind: 'operator', reason: 'ticket 4711' },
    });
  });
});
