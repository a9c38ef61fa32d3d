import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import type { Archivist } from '../inside/archivist.ts';
import { openHistory } from '../testing/open-history.ts';
import { type RawEvent, writeRaw } from '../testing/write-raw.ts';
import { aggregateArchive } from './run-aggregate.ts';
import { searchArchive } from './run-search.ts';
import type { AggregateRequest, SearchRequest, SearchScope } from './search-request.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;
const STAFF = { subject: 'Alice', realm: 'acme/workforce' };

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

let made = 0;
function event(
  more: Partial<RawEvent> & { sub?: string; realm?: string; extra?: object },
): RawEvent {
  made += 1;
  const { sub = 'Bob', realm = 'acme/workforce', extra = {}, ...own } = more;
  const uid = `0199a000-0000-7000-8000-${String(made).padStart(12, '0')}`;
  const countersign = { sub, realm, ...extra };
  const ocsf = { class_uid: 3002, severity_id: 1, unmapped: { countersign }, user: { uid: sub } };
  return { uid, tenant: 'acme', timeMs: NOW_MS - made * 1000, ocsf, ...own };
}

async function open() {
  const history = await openHistory();
  closing.push(history.close);
  return { history, archivist: await history.archivist() };
}

async function search(archivist: Archivist, asked: Partial<SearchRequest>) {
  const plain = { scope: { tenant: 'acme' }, filter: '', order: 'newest' as const, limit: 100 };
  return searchArchive(archivist, { ...plain, ...asked }, NOW_MS);
}

async function pages(
  archivist: Archivist,
  asked: Partial<SearchRequest>,
  between = async () => {},
) {
  const uids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await search(archivist, { ...asked, cursor });
    uids.push(...page.events.map(({ uid }) => uid));
    cursor = page.next;
    await between();
  } while (cursor !== undefined);
  return uids;
}

const coded = (code: string) => (error: unknown) => isCodedError(error) && error.code === code;
const uidsOf = (events: readonly { uid: string }[]): string[] => events.map(({ uid }) => uid);

describe('searching the archive', () => {
  it('pages through hot and sealed events as one, newest first, and oldest first the other way', async () => {
    const { history, archivist } = await open();
    const events = Array.from({ length: 60 }, (_, at) =>
      event({ timeMs: NOW_MS - ((at * 37) % 60) * 5 * DAY_MS }),
    );
    await writeRaw(history, events.slice(0, 25));
    await history.sealAll(archivist);
    await writeRaw(history, events.slice(25, 45));
    await history.sealAll(archivist);
    const newest = await writeRaw(history, events.slice(45));
    const inOrder = uidsOf(events.toSorted((a, b) => b.timeMs - a.timeMs));
    assert.deepEqual(await pages(archivist, { limit: 7, throughSequence: newest }), inOrder);
    const oldest = await pages(archivist, { limit: 7, order: 'oldest' });
    assert.deepEqual(oldest, inOrder.toReversed());
  });

  it('shows each event once and leaves none out while events arrive and are sealed', async () => {
    const { history, archivist } = await open();
    const events = Array.from({ length: 40 }, () => event({ timeMs: NOW_MS - DAY_MS }));
    const newest = await writeRaw(history, events);
    await archivist.catchUp(newest, 5000);
    const before = uidsOf(events).toReversed();
    let turn = 0;
    const seen = await pages(archivist, { limit: 6 }, async () => {
      turn += 1;
      // Newer, older and of the same time; now and then all of it becomes a file.
      await writeRaw(
        history,
        [0, -2, -1].map((days) => event({ timeMs: NOW_MS + days * DAY_MS })),
      );
      if (turn % 3 === 0) await history.sealAll(archivist);
      else await archivist.catchUp(await history.newest(), 5000);
    });
    assert.deepEqual(seen, before);
    assert.equal((await pages(archivist, { limit: 100 })).length, 40 + turn * 3);
  });

  it('opens only files whose times can match', async () => {
    const { history, archivist } = await open();
    for (const days of [1, 40, 200]) {
      await writeRaw(history, [event({ timeMs: NOW_MS - days * DAY_MS })]);
      await history.sealAll(archivist);
    }
    const page = await search(archivist, { filter: 'time >= -60d and time < -30d' });
    assert.deepEqual([page.events.length, page.filesRead], [1, 1]);
    assert.equal((await search(archivist, { limit: 1, filter: 'time >= -3d' })).filesRead, 1);
  });

  it('names files that cannot be read beside what it found', async () => {
    const { history, archivist } = await open();
    await writeRaw(history, [event({})]);
    const [sealed] = await history.sealAll(archivist);
    await writeRaw(history, [event({})]);
    truncateSync(join(history.archiveFolder, sealed?.file.file ?? ''), 10);
    await archivist.recall();
    await archivist.catchUp(await history.newest(), 5000);
    const page = await search(archivist, {});
    assert.equal(page.events.length, 1);
    assert.deepEqual(page.unreadable, [{ tenant: 'acme', first: 1, last: 1, trouble: 'damaged' }]);
    const counts = await aggregateArchive(archivist, { ...COUNT, filter: '' }, NOW_MS);
    assert.equal(counts.unreadable.length, 1);
  });

  it('ends a page early when its events are long, and goes on from there', async () => {
    const { history, archivist } = await open();
    const events = Array.from({ length: 5 }, () => event({ extra: { note: 'x'.repeat(900_000) } }));
    await archivist.catchUp(await writeRaw(history, events), 5000);
    const first = await search(archivist, {});
    assert.ok(first.events.length < 5 && first.next !== undefined);
    assert.equal((await pages(archivist, {})).length, 5);
  });

  it('gives up after its time, and says how to ask for less', async () => {
    const { history, archivist } = await open();
    const events = Array.from({ length: 300 }, () =>
      event({ extra: { note: 'x'.repeat(20_000) } }),
    );
    await archivist.catchUp(await writeRaw(history, events), 20_000);
    const slow = search(archivist, { filter: '"never there"', timeoutMs: 1 });
    await assert.rejects(slow, coded('search_timeout'));
    assert.equal((await search(archivist, { limit: 3 })).events.length, 3);
  });

  it('refuses cursors that are none or of another question, and requests out of bounds', async () => {
    const { history, archivist } = await open();
    await archivist.catchUp(await writeRaw(history, [event({}), event({})]), 5000);
    const { next = '' } = await search(archivist, { limit: 1 });
    const malformed = coded('cursor_malformed');
    const wrong: Partial<SearchRequest>[] = [
      { filter: 'severity = 1' },
      { order: 'oldest' },
      { scope: { tenant: 'umbrella' } },
      { scope: {} },
      { scope: { tenant: 'acme', person: STAFF } },
    ];
    for (const more of wrong)
      await assert.rejects(search(archivist, { limit: 1, cursor: next, ...more }), malformed);
    for (const cursor of ['', 'x', `${next}x`, '0.0.0.0.x', 'zzzzzzzzzzzzzzzz.0.0.0.x'])
      await assert.rejects(search(archivist, { cursor }), malformed, cursor);
    const bounds: Partial<SearchRequest>[] = [
      { limit: 0 },
      { limit: 1001 },
      { timeoutMs: 10 ** 6 },
    ];
    for (const more of bounds)
      await assert.rejects(search(archivist, more), coded('query_malformed'));
    const nobodys = search(archivist, { scope: { person: STAFF } });
    await assert.rejects(nobodys, coded('query_malformed'));
  });
});

const COUNT: AggregateRequest = {
  ...{ scope: { tenant: 'acme' }, filter: '', groupBy: [], order: 'count', limit: 100 },
};

describe('counting in the archive', () => {
  it('counts events in groups and buckets, hot and sealed together', async () => {
    const { history, archivist } = await open();
    const hour = 3_600_000;
    const at = (hours: number, sub: string, name: string) =>
      event({ timeMs: NOW_MS - hours * hour, sub, name });
    await writeRaw(history, [at(1, 'a', 'x.y'), at(1, 'b', 'x.y'), at(1, 'a', 'x.z')]);
    await history.sealAll(archivist);
    await writeRaw(history, [at(1, 'c', 'x.y'), at(30, 'a', 'x.y'), event({ tenant: 'umbrella' })]);
    await archivist.catchUp(await history.newest(), 5000);
    const byName = await aggregateArchive(
      archivist,
      { ...COUNT, groupBy: ['name'], distinct: ['person'] },
      NOW_MS,
    );
    assert.deepEqual(
      byName.groups.map(({ key, count, distinct }) => [key, count, distinct]),
      [
        [['x.y'], 4, [3]],
        [['x.z'], 1, [1]],
      ],
    );
    assert.deepEqual([byName.total, byName.more], [5, false]);
    assert.equal(byName.approximate, undefined);
    const estimated = { ...COUNT, groupBy: ['name'], distinct: ['person'], approximate: true };
    const { approximate, groups } = await aggregateArchive(archivist, estimated, NOW_MS);
    assert.equal(approximate, true);
    assert.ok(groups.every(({ distinct: [people = 0] }) => people >= 1 && people <= 5));
    const byDay = await aggregateArchive(
      archivist,
      { ...COUNT, groupBy: ['unmapped.countersign.sub'], bucketMs: DAY_MS, order: 'key', limit: 2 },
      NOW_MS,
    );
    assert.deepEqual(
      byDay.groups.map(({ key, bucketMs, count }) => [key, (bucketMs ?? 0) % DAY_MS, count]),
      [
        [['a'], 0, 1],
        [['a'], 0, 2],
      ],
    );
    assert.deepEqual([byDay.total, byDay.more], [5, true]);
    const none = await aggregateArchive(archivist, { ...COUNT, filter: 'name = nothing' }, NOW_MS);
    assert.deepEqual([none.groups, none.total], [[], 0]);
  });
});

describe('what is not theirs', () => {
  it('is not shown to a tenant or a person by any filter, order, cursor, count or uid', async () => {
    const { history, archivist } = await open();
    const realm = 'acme/workforce';
    const own = event({ sub: 'Alice', realm });
    const foreign = [
      event({ tenant: 'umbrella', sub: 'Alice', realm, extra: { secret: 'umbrella-secret' } }),
      event({ tenant: null, sub: 'Alice', realm, extra: { secret: 'installation-secret' } }),
    ];
    const others = [
      event({ sub: 'alice', realm }),
      event({ sub: 'Alice', realm: 'acme/customer' }),
      event({ sub: 'Bob', realm, extra: { actor: { id: 'Alice' } } }),
      event({ sub: 'Alice', realm, source: 'okta' }),
    ];
    await writeRaw(history, [own, ...others.slice(0, 2), ...foreign.slice(0, 1)]);
    await history.sealAll(archivist);
    await archivist.catchUp(
      await writeRaw(history, [...others.slice(2), ...foreign.slice(1)]),
      5000,
    );
    const scopes: [SearchScope, string[]][] = [
      [{ tenant: 'acme' }, uidsOf([own, ...others])],
      [{ tenant: 'acme', person: STAFF }, [own.uid]],
      [{ tenant: 'umbrella', person: STAFF }, uidsOf(foreign.slice(0, 1))],
      [{ tenant: 'nobody' }, []],
      [{ tenant: "acme' OR '1'='1" }, []],
    ];
    const attempts = [
      ...['', 'tenant = umbrella', 'tenant != acme', 'tenant in (umbrella, _installation)'],
      ...['"umbrella-secret"', 'not exists(tenant)', 'not person = "Alice"', 'exists(uid)'],
      ...[
        'tenant = acme or tenant = umbrella',
        'not (tenant = acme)',
        'person ~ "*"',
        'number >= 0',
      ],
      ...foreign.map(({ uid }) => `uid = ${uid}`),
      ...[
        'unmapped.countersign.secret = "umbrella-secret" or class = 3002',
        'sequence in 0..99999',
      ],
    ];
    for (const [scope, allowed] of scopes) {
      for (const filter of attempts) {
        for (const order of ['newest', 'oldest'] as const) {
          const { events } = await search(archivist, { scope, filter, order });
          for (const { uid } of events) assert.ok(allowed.includes(uid), `${filter} showed ${uid}`);
        }
        if (scope.person !== undefined) continue;
        const counts = { ...COUNT, scope, filter, groupBy: ['uid', 'tenant'] };
        const { groups } = await aggregateArchive(archivist, counts, NOW_MS);
        for (const { key } of groups) assert.ok(allowed.includes(String(key[0])), filter);
      }
      const { events } = await search(archivist, { scope });
      assert.deepEqual(uidsOf(events).sort(), allowed.toSorted());
    }
    const counted = aggregateArchive(
      archivist,
      { ...COUNT, scope: { tenant: 'acme', person: STAFF } },
      NOW_MS,
    );
    await assert.rejects(counted, coded('query_malformed'));
  });

  it('a person cannot find out what is left out by asking for it', async () => {
    const { history, archivist } = await open();
    const actor = { kind: 'operator', id: 'oscar', reason: 'INC-7' };
    const act = event({ sub: 'Alice', extra: { actor, journal_number: 7 } });
    act.ocsf = { ...act.ocsf, src_endpoint: { ip: '198.51.100.7' }, message: 'oscar was here' };
    await archivist.catchUp(await writeRaw(history, [act]), 5000);
    const scope = { tenant: 'acme', person: STAFF };
    const { events } = await search(archivist, { scope });
    assert.equal(events.length, 1);
    const hidden = /oscar|INC-7|journal|198\.51/;
    assert.doesNotMatch(events[0]?.ocsf ?? '', hidden);
    assert.match((await search(archivist, {})).events[0]?.ocsf ?? '', hidden);
    const guesses = [
      ...['"oscar"', 'actor = oscar', 'unmapped.countersign.actor.id = oscar', 'ip = 198.51.100.7'],
      ...['exists(unmapped.countersign.journal_number)', 'unmapped.countersign.journal_number = 7'],
      ...['ip in 0.0.0.0/0', 'actor ~ "o*"'],
    ];
    for (const filter of guesses) {
      assert.equal((await search(archivist, { filter })).events.length, 1, filter);
      assert.equal((await search(archivist, { scope, filter })).events.length, 0, filter);
    }
  });
});
