import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CountersignEvent } from '@countersign/vocabulary';
import { tailEvents } from '../reading/tail-events.ts';
import {
  OPERATOR_TOKEN,
  openReadingHouse,
  type ReadingHouse,
} from '../testing/open-reading-house.ts';

const REASON = { 'countersign-reason': 'ticket 4711' };
let house: ReadingHouse;
let reader = '';
let readerId = '';

before(async () => {
  house = await openReadingHouse({ pollMs: 5, beatMs: 20 });
  const asked = { kind: 'tenant' as const, tenant: 'acme', name: 'SOC', by: 'operator operator' };
  const made = await house.directory.readers.create(asked);
  [reader, readerId] = [made.credential, made.id];
});
after(() => house.close());

const happens = (clientId: string, tenant = 'acme'): Promise<string[]> =>
  house.audit.record([
    { name: 'session.started', timeMs: house.clock.nowMs(), tenant, clientId, subject: clientId },
  ] as CountersignEvent[]);

interface Piece {
  id: number;
  event: string;
  client: string;
}

async function open(query = '', credential = reader, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const answer = await house.request(`/events/tail${query}`, credential, {
    headers,
    signal: stop.signal,
  });
  const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  /** Resolves with the next event; undefined at the end. */
  const next = async (): Promise<Piece | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        if (block.startsWith(':')) continue;
        const of = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        const { ocsf } = JSON.parse(of('data'));
        const client = ocsf?.unmapped?.countersign?.client_id ?? '';
        return { id: Number(of('id')), event: of('event'), client };
      }
      const piece = await pieces?.read();
      if (piece === undefined || piece.done) return undefined;
      text += piece.value;
    }
  };
  const close = async (): Promise<void> => {
    await pieces?.cancel();
    stop.abort();
  };
  return { status: answer.status, next, close };
}

const MINE = `?filter=${encodeURIComponent('name = session.started')}`;

async function ended(count: number): Promise<Record<string, unknown>> {
  for (;;) {
    const reads = await house.audit.listEvents({
      tenant: 'acme',
      names: ['audit.read'],
      limit: 1000,
    });
    const ends = reads
      .map(({ ocsf }) => (ocsf['unmapped'] as { countersign: Record<string, unknown> }).countersign)
      .filter(({ operation }) => operation === 'tail_ended');
    if (ends.length >= count) return ends.at(-1) ?? {};
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a live tail', () => {
  it('shows what matches as it is recorded, and goes on where it was cut off', async () => {
    await happens('before');
    const first = await open(MINE);
    await happens('one');
    await happens('foreign', 'umbrella');
    await happens('two');
    const one = await first.next();
    const two = await first.next();
    assert.deepEqual([one?.client, two?.client, two?.event], ['one', 'two', 'event']);
    await first.close();
    await happens('three');
    const last = { 'last-event-id': String(one?.id) };
    const again = await open(MINE, reader, last);
    assert.deepEqual(
      [(await again.next())?.client, (await again.next())?.client],
      ['two', 'three'],
    );
    await again.close();
    const end = await ended(2);
    assert.ok(typeof end['caused_by'] === 'string');
  });

  it('ends when its reader may read no more', async () => {
    const tail = await open(MINE);
    await happens('last');
    assert.equal((await tail.next())?.client, 'last');
    await house.directory.readers.end({ id: readerId, by: 'operator operator' });
    assert.equal((await tail.next())?.event, 'end');
    assert.equal(await tail.next(), undefined);
  });

  it('begins nowhere but at an event of that log that is not long gone', async () => {
    const [foreign] = await house.audit.listEvents({ tenant: 'umbrella', limit: 1 });
    const ids = ['999999', '0', 'x', String(foreign?.sequence)];
    for (const id of ids) {
      const headers = { ...REASON, 'last-event-id': id };
      const tail = await open('?tenant=acme', OPERATOR_TOKEN, headers);
      assert.equal(tail.status, 410, id);
    }
    const [old] = await house.audit.listEvents({ tenant: 'acme', afterSequence: 0, limit: 1 });
    house.clock.advanceMs(2 * 3_600_000);
    const headers = { ...REASON, 'last-event-id': String(old?.sequence) };
    assert.equal((await open('?tenant=acme', OPERATOR_TOKEN, headers)).status, 410);
  });

  it('is one of a few for each reader; one that ended makes room', async () => {
    const tails = await Promise.all(
      Array.from({ length: 5 }, () => open('?tenant=acme', OPERATOR_TOKEN, REASON)),
    );
    assert.equal((await open('?tenant=acme', OPERATOR_TOKEN, REASON)).status, 429);
    for (const { status, close } of tails) {
      assert.equal(status, 200);
      await close();
    }
    await ended(8);
    // The end is on record before the place is free.
    let again = await open('?tenant=acme', OPERATOR_TOKEN, REASON);
    for (let tries = 0; tries < 500 && again.status === 429; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      again = await open('?tenant=acme', OPERATOR_TOKEN, REASON);
    }
    assert.equal(again.status, 200);
    await again.close();
  });

  it('keeps nothing for a reader that is slow, and lets one that stands still go', async () => {
    const scope = { tenant: 'acme' };
    const asked: number[] = [];
    const audit = {
      listEvents: (query: { afterSequence?: number; limit?: number }) => {
        asked.push(query.afterSequence ?? 0);
        return house.audit.listEvents(query);
      },
    };
    for (let at = 0; at < 250; at += 1) await happens(`slow-${at}`);
    const all = { kind: 'and' as const, parts: [] };
    const still = { ...{ scope, tenant: 'acme', filter: all, afterSequence: 0 } };
    const { sent, reason } = await tailEvents(
      { audit, limits: { pollMs: 5, beatMs: 1000, stalledMs: 30 } },
      {
        ...still,
        stillMay: async () => true,
        signal: new AbortController().signal,
        send: () => new Promise(() => undefined),
      },
    );
    assert.deepEqual([sent, reason, asked], [0, 'stalled', [0]]);
  });

  it('shows nothing that happened after its reader was ended, however rarely it is asked', async () => {
    const [newest] = await house.audit.listEvents({
      beforeSequence: Number.MAX_SAFE_INTEGER,
      limit: 1,
    });
    await happens('too late');
    const sent: string[] = [];
    const over = await tailEvents(
      { audit: house.audit, limits: { pollMs: 5, beatMs: 60_000, stalledMs: 1000 } },
      {
        ...{ scope: { tenant: 'acme' }, tenant: 'acme', filter: { kind: 'and', parts: [] } },
        afterSequence: newest?.sequence ?? 0,
        stillMay: async () => false,
        signal: AbortSignal.timeout(5000),
        send: async (text) => sent.push(text),
      },
    );
    assert.deepEqual([over, sent], [{ sent: 0, reason: 'ended' }, []]);
  });
});
