// Exposure over the record: the route with real filters over events in memory; the archive itself is
// asked in the scenario premium-log.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { extractColumns, type SearchPage, type SearchRequest } from '@countersign/archive';
import type { KeyExposure } from '@countersign/audit';
import type { ExposureReport } from '@countersign/matching';
import { matchesEvent, parseFilter } from '@countersign/search';
import { RecordMapper } from '@countersign/sources';
import { type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import type { LogReader } from './authenticate-reader.ts';
import { exposureRoutes } from './serve-exposure.ts';

const FIXTURES = join(import.meta.dirname, '../../../../packages/sources/fixtures/storm-0558');

interface Stored {
  tenant: string;
  ocsf: Record<string, unknown>;
}

/** As the importer stores them: the map's event, and the facts beside it. */
function imported(tenant: string): Stored[] {
  const mapper = new RecordMapper();
  const { value } = JSON.parse(readFileSync(join(FIXTURES, 'issued.json'), 'utf8')) as {
    value: object[];
  };
  const used = readFileSync(join(FIXTURES, 'used.ndjson'), 'utf8').trim().split('\n');
  return [...value, ...used.map((line) => JSON.parse(line) as object)].flatMap((record) => {
    const { source, events } = mapper.map(record as Record<string, unknown>);
    return events.map(({ ocsf, facts, key }) => {
      const metadata = { ...(ocsf['metadata'] as object), uid: key, tenant_uid: tenant };
      const countersign = { activity: facts, event: `${source}:${facts.operation}`, source };
      return { tenant, ocsf: { ...ocsf, metadata, unmapped: { countersign } } };
    });
  });
}

function own(event: string, timeMs: number, facts: Record<string, unknown>): Stored {
  const metadata = { uid: `${event}-${timeMs}`, tenant_uid: 'acme' };
  return {
    tenant: 'acme',
    ocsf: { metadata, time: timeMs, status_id: 1, unmapped: { countersign: { event, ...facts } } },
  };
}

function openRoute(stored: Stored[], reader: Partial<LogReader>, mostEvents?: number) {
  const clock = new ManualClock();
  const recorded: CountersignEvent[] = [];
  const asked: SearchRequest[] = [];
  const search = async (request: SearchRequest): Promise<SearchPage> => {
    asked.push(request);
    const filter = parseFilter(request.filter, { nowMs: clock.nowMs() });
    const found = stored.flatMap(({ tenant, ocsf }, at) => {
      if (request.scope.tenant !== undefined && request.scope.tenant !== tenant) return [];
      const text = JSON.stringify(ocsf);
      const { countersign } = ocsf['unmapped'] as {
        countersign: { event: string; source?: string };
      };
      const { event: name, source = null } = countersign;
      const timeMs = Number(ocsf['time']);
      const columns = {
        ...extractColumns(ocsf),
        name,
        source,
        tenant,
        time_ms: timeMs,
        number: at,
      };
      if (!matchesEvent(filter, { columns, ocsf, text })) return [];
      const uid = String((ocsf['metadata'] as { uid: string }).uid);
      return [{ sequence: at, number: at, uid, tenant, timeMs, name, severityId: 1, ocsf: text }];
    });
    found.sort((a, b) => (a.timeMs - b.timeMs) * (request.order === 'oldest' ? 1 : -1));
    const from = Number(request.cursor ?? 0);
    const events = found.slice(from, from + Math.min(request.limit, 7));
    const next = from + events.length < found.length ? String(from + events.length) : undefined;
    return { events, next, throughSequence: stored.length, filesRead: 0, unreadable: [] };
  };
  const keyExposure = {
    tokens: 2,
    tenants: { list: [{ name: 'acme', tokens: 2, live: 0 }], more: 0 },
  };
  const routes = new Hono();
  routes.onError((error, context) => answerProblem(context, error, () => undefined));
  routes.route(
    '/',
    exposureRoutes({
      ...{ search, clock },
      ...(mostEvents === undefined ? {} : { mostEvents }),
      audit: {
        record: async (events) => {
          recorded.push(...events);
          return [];
        },
        readKeyExposure: async () => keyExposure as unknown as KeyExposure,
      },
      readerOnly: async (context, next) => {
        const known = {
          kind: 'tenant',
          id: 'r',
          name: 'SOC',
          tenant: 'acme',
          manage: false,
        } as const;
        context.set('reader', { ...known, ...reader } as LogReader);
        await next();
      },
    }),
  );
  const ask = async (query: string) => {
    const answer = await routes.request(`/audit/exposure?${query}`);
    const body = (await answer.json()) as {
      exposure: ExposureReport;
      keyExposure?: KeyExposure | null;
    };
    return { status: answer.status, ...body };
  };
  return { ask, recorded, asked };
}

describe('exposure from the record', () => {
  test('of a forged token is what the files say, and that nobody issued it', async () => {
    const { ask, recorded } = openRoute(imported('acme'), {});
    const { status, exposure } = await ask('token=N7CbvWS0Za751W6am-nu7Q');
    assert.equal(status, 200);
    assert.deepEqual(exposure.touched.byKind, { mail: 20, file: 1 });
    assert.deepEqual(
      exposure.people.map(({ person }) => person),
      ['upn:i.marsh@harbour.example'],
    );
    assert.deepEqual(
      exposure.matching.findings.map((each) => each.class),
      ['never_issued'],
    );
    const [read] = recorded;
    assert.deepEqual([read?.name, read?.tenant], ['audit.read', 'acme']);
    assert.match(String(read?.extra?.['filter']), /exposure of token N7CbvWS0Za751W6am-nu7Q/);
  });

  test('asks in the reader’s scope only, whatever is asked, and is on record when nothing is found', async () => {
    const { ask, asked, recorded } = openRoute(imported('umbrella'), {});
    const { exposure } = await ask('ip=203.0.113.66');
    assert.equal(exposure.touched.records, 0);
    assert.ok(asked.every(({ scope }) => scope.tenant === 'acme'));
    assert.deepEqual(
      recorded.map(({ tenant, count }) => [tenant, count]),
      [['acme', 0]],
    );
    assert.equal((await ask('ip=203.0.113.66&tenant=umbrella')).status, 403);
  });

  test('of a key of ours follows its tokens to what resources told of them', async () => {
    const events = [
      own('token.issued', 1000, { kid: 'k-1', jti_hash: 'a1', sub: 'p-1', client_id: 'mail' }),
      own('data.accessed', 2000, {
        kid: 'k-1',
        jti_hash: 'a1',
        sub: 'p-1',
        operation: 'read',
        item: { kind: 'mail', id: '<1>' },
      }),
      own('data.accessed', 3000, {
        jti_hash: 'a1',
        operation: 'read',
        item: { kind: 'mail', id: '<2>' },
      }),
      own('data.accessed', 4000, {
        jti_hash: 'b2',
        operation: 'read',
        item: { kind: 'mail', id: '<3>' },
      }),
      own('log.gap', 3500, { reason: 'dropped', extra: { firstMs: 3400, lastMs: 3500 } }),
    ];
    const { ask } = openRoute(events, {});
    const { exposure, keyExposure } = await ask('key=k-1');
    const ids = exposure.people.flatMap(({ items }) => items.list.map(({ id }) => id)).sort();
    assert.deepEqual(ids, ['<1>', '<2>']);
    assert.ok(exposure.blindSpots.some(({ kind }) => kind === 'log_gap'));
    assert.equal(keyExposure?.tokens, 2);
  });

  test('of a stolen key has what was read with forgeries that no ledger knows', async () => {
    const events = [
      own('token.refused', 1000, { kid: 'k-1', token_hash: 'f0', reason: 'receipt_missing' }),
      own('data.accessed', 900, {
        token_hash: 'f0',
        operation: 'read',
        item: { kind: 'mail', id: '<1>' },
      }),
      own('data.accessed', 950, {
        token_hash: 'a0',
        operation: 'read',
        item: { kind: 'mail', id: '<2>' },
      }),
    ];
    const { exposure } = await openRoute(events, {}).ask('key=k-1');
    const ids = exposure.people.flatMap(({ items }) => items.list.map(({ id }) => id));
    assert.deepEqual(ids, ['<1>']);
  });

  test('accuses nobody whose sign-in stands elsewhere in the log than what was asked about', async () => {
    const { ask } = openRoute(imported('acme'), {});
    for (const query of [
      'ip=198.51.100.23',
      'ip=198.51.100.77',
      'app=27922004-5251-4030-b22d-91ecd9a37ea4',
    ]) {
      const { exposure } = await ask(query);
      assert.ok(exposure.touched.records > 0, query);
      assert.ok(exposure.matching.judged && exposure.matching.joined > 0, query);
      assert.deepEqual(
        exposure.matching.findings.map((each) => each.class),
        [],
        query,
      );
    }
    // The forged ones are found whatever is asked.
    const { exposure } = await ask('ip=203.0.113.66');
    assert.equal(exposure.matching.findings.length, 2);
    const few = await openRoute(imported('acme'), {}, 3).ask('person=i.marsh@harbour.example');
    assert.deepEqual([few.exposure.matching.judged, few.exposure.matching.findings], [false, []]);
  });

  test('shows the ledger’s account of a key only to whom it spoke for alone', async () => {
    const other = openRoute([], { tenant: 'umbrella' });
    assert.equal((await other.ask('key=k-1')).keyExposure, null);
    const person = openRoute([], { kind: 'person', subject: 'p-1', realm: 'acme/workforce' });
    assert.equal((await person.ask('key=k-1')).keyExposure, null);
  });

  test('asked by staff of all tenants is on record in what was read, and in the house’s own when it is nothing', async () => {
    const staff = { kind: 'operator', id: 'op', tenant: undefined, reason: 'INC-7' } as never;
    const { ask, recorded } = openRoute([], staff);
    assert.equal((await ask('key=k-1')).keyExposure?.tokens, 2);
    // The ledger said whom the key spoke for.
    assert.ok(recorded.every(({ name }) => name === 'audit.read'));
    assert.deepEqual(
      recorded.map(({ tenant }) => tenant),
      [undefined, 'acme'],
    );
  });

  test('finds nothing by quotes and backslashes but what is named so', async () => {
    const { ask } = openRoute(imported('acme'), {});
    for (const kind of ['token', 'session', 'key', 'app', 'person'])
      for (const value of ['"', '\\', '") or name exists or token in ("', '*'])
        assert.equal(
          (await ask(`${kind}=${encodeURIComponent(value)}`)).exposure.touched.records,
          0,
        );
  });

  test('looks into a bounded number of events, and says that there were more', async () => {
    const { ask } = openRoute(imported('acme'), {}, 3);
    const { exposure } = await ask('person=i.marsh@harbour.example');
    assert.ok(exposure.blindSpots.some(({ kind }) => kind === 'bounded'));
    assert.ok(exposure.touched.atLeast);
  });

  for (const query of ['', 'token=a&ip=192.0.2.1', 'token=', 'color=red', 'ip=192.0.2.1&listed=-1'])
    test(`is refused for "${query}"`, async () => {
      assert.equal((await openRoute([], {}).ask(query)).status, 400);
    });
});
