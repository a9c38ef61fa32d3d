import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActivityFacts } from '@countersign/vocabulary';
import fc from 'fast-check';
import type { Activity } from '../activity.ts';
import { Exposure, type ExposureOptions } from './exposure.ts';
import type { Question } from './question.ts';

const NOON = Date.UTC(2026, 10, 10, 12);
const HOUR = 3_600_000;

let count = 0;
function access(facts: Partial<ActivityFacts>, timeMs = NOON): Activity {
  count += 1;
  const key = String(count);
  return {
    ...{ at: `log:${key}`, source: 'microsoft-365', key, timeMs },
    facts: { kind: 'access', outcome: 'success', operation: 'MailItemsAccessed', ...facts },
  };
}

function expose(question: Question, records: Activity[], options: ExposureOptions = {}) {
  const exposure = new Exposure(question, options);
  for (const each of records) exposure.learn(each);
  for (const each of records) exposure.add(each);
  return exposure.report();
}

const mail = (id: string) => ({ kind: 'mail' as const, id, in: 'ada@acme.example' });
const ada = { persons: ['oid:1', 'upn:ada@acme.example'], client: 'tool', tenant: 't-1' };
const token = { ...ada, tokens: ['uti:A'], sessions: ['sid:S'] };
const asked: Question = { kind: 'token', value: 'A' };

describe('what was read with a token', () => {
  test('is each item once, with when first and last, for each person and tenant', () => {
    const { touched, people, tenants } = expose(asked, [
      access({ ...token, items: [mail('a'), mail('b')] }),
      access({ ...token, items: [mail('b')] }, NOON + HOUR),
      access({ ...token, persons: ['oid:1'], items: [mail('b'), mail('c')] }, NOON + 2 * HOUR),
      access({ ...token, tokens: ['uti:B'], items: [mail('d')] }),
    ]);
    assert.deepEqual([touched.items, touched.people, touched.atLeast], [3, 1, false]);
    const [page] = people;
    assert.equal(page?.person, 'upn:ada@acme.example');
    const b = page?.items.list.find(({ id }) => id === 'b');
    assert.deepEqual([b?.firstMs, b?.lastMs, b?.times], [NOON, NOON + 2 * HOUR, 3]);
    assert.deepEqual(
      tenants.map(({ tenant, items }) => [tenant, items]),
      [['t-1', 3]],
    );
  });

  test('is each item once, also when records name one person in three ways, the telling one last', () => {
    const one = (persons: string[]) => access({ ...token, persons, items: [mail('a')] });
    const { touched, people } = expose(asked, [
      one(['upn:ada@acme.example']),
      one(['oid:1']),
      one(['email:ada@acme.example']),
      one(['oid:1', 'upn:ada@acme.example']),
    ]);
    assert.deepEqual([touched.items, touched.people, people[0]?.items.list[0]?.times], [1, 1, 4]);
  });

  test('is of one person in two tenants, whose items are told for each', () => {
    const { touched, tenants } = expose(asked, [
      access({ ...token, items: [mail('a')] }),
      access({ ...token, tenant: 't-2', items: [mail('b')] }),
    ]);
    assert.deepEqual([touched.people, touched.tenants, touched.items], [1, 2, 2]);
    assert.deepEqual(
      tenants.map(({ people }) => people),
      [1, 1],
    );
  });

  test('is not another’s because one service acted for both', () => {
    const by = (email: string, id: string) =>
      access({ ...token, persons: ['email:robot@acme.example', email], items: [mail(id)] });
    const own = (email: string) => access({ ...token, persons: [email], items: [mail('own')] });
    const { people } = expose(asked, [
      by('email:ada@acme.example', 'a'),
      by('email:bob@acme.example', 'b'),
      own('email:ada@acme.example'),
      own('email:bob@acme.example'),
    ]);
    const names = people.map(({ person }) => person).sort();
    assert.ok(names.includes('email:ada@acme.example') && names.includes('email:bob@acme.example'));
  });

  test('is found by an address however it is written', () => {
    const from = access({ ...ada, ip: '2001:db8::1', items: [mail('a')] });
    const v4 = access({ ...ada, ip: '192.0.2.7', items: [mail('b')] });
    for (const value of ['2001:DB8:0:0::1', '[2001:db8::1]:443', '2001:0db8::0001', '192.0.2.7:80'])
      assert.equal(expose({ kind: 'ip', value }, [from, v4]).touched.items, 1, value);
  });

  test('is told with how sure it is: by the token, by its session, by person and time', () => {
    const { touched, people } = expose(asked, [
      access({ ...token, items: [mail('a')] }),
      access({ ...token, items: [mail('z')] }, NOON + HOUR),
      access({ ...ada, sessions: ['sid:S'], items: [mail('b')] }),
      access({ ...ada, items: [mail('c')] }),
      access({ ...ada, items: [mail('too late')] }, NOON + 9 * HOUR),
      access({ ...ada, sessions: ['sid:other'], items: [mail('of another session')] }),
      access({ ...ada, client: 'outlook', items: [mail('of another client')] }),
    ]);
    assert.deepEqual(touched.confidence, { high: 2, medium: 1, low: 1 });
    const sure = people[0]?.items.list.map(({ id, confidence }) => `${id} ${confidence}`).sort();
    assert.deepEqual(sure, ['a high', 'b medium', 'c low', 'z high']);
  });

  test('is at least that much when a folder was synchronised, or records were throttled', () => {
    const inbox = { kind: 'folder' as const, id: 'f', in: 'ada@acme.example', name: '\\Inbox' };
    const whole = access({ ...token, items: [inbox], itemsComplete: false, gap: 'aggregated' });
    const synced = expose(asked, [whole]);
    assert.deepEqual(
      [synced.touched.items, synced.touched.wholeFolders, synced.touched.atLeast],
      [0, 1, true],
    );
    assert.deepEqual(
      synced.blindSpots.map(({ kind }) => kind),
      ['whole_folder', 'issuer_unknown', 'log_begins'],
    );
    const throttled = access({
      ...token,
      items: [mail('a')],
      itemsComplete: false,
      gap: 'throttled',
    });
    const muted = expose(asked, [throttled]);
    assert.ok(muted.touched.atLeast);
    assert.ok(
      muted.blindSpots.some(({ kind, persons }) => kind === 'throttled' && persons.length === 1),
    );
  });

  test('does not count what was refused', () => {
    const { touched, people } = expose(asked, [
      access({ ...token, outcome: 'failure', items: [mail('a')] }),
    ]);
    assert.deepEqual([touched.items, people[0]?.refused], [0, 1]);
  });

  test('says whether it was ever issued, when sign-ins are among the records', () => {
    const sign = (timeMs: number, tokens: string[]): Activity => ({
      ...access({ ...ada, kind: 'token', tokens }, timeMs),
      source: 'entra-sign-in',
    });
    const log = [sign(NOON - 48 * HOUR, ['uti:X']), sign(NOON + 9 * HOUR, ['uti:Y'])];
    const forged = expose(asked, [...log, access({ ...token, items: [mail('a')] })]);
    assert.deepEqual(
      forged.matching.findings.map((each) => each.class),
      ['never_issued'],
    );
    const genuine = expose(asked, [...log, sign(NOON - HOUR, ['uti:A']), access(token)]);
    assert.deepEqual([genuine.matching.joined, genuine.matching.findings], [1, []]);
    assert.equal(genuine.events.issues, 1);
  });

  test('keeps within its room, and says so', () => {
    const records = Array.from({ length: 20 }, (_, at) =>
      access({ ...token, items: [mail(`m${at}`)] }),
    );
    const { touched, people, blindSpots } = expose(asked, records, { mostItems: 5, mostListed: 2 });
    assert.deepEqual([touched.items, touched.atLeast], [5, true]);
    assert.deepEqual(
      [people[0]?.items.list.length, people[0]?.items.more, people[0]?.items.unlisted],
      [2, 3, 15],
    );
    assert.ok(blindSpots.some(({ kind }) => kind === 'bounded'));
  });
});

describe('what may be asked about', () => {
  const key = { ...access({ ...ada, items: [mail('k')] }), kid: 'key-1' };
  const records = [
    access({ ...token, ip: '203.0.113.66', app: 'graph', items: [mail('a')] }),
    access({ tokens: ['key:AKIAX'], client: 'Tool', items: [mail('b')] }),
    key,
  ];
  const questions: [Question, string[]][] = [
    [{ kind: 'session', value: 'S' }, ['a']],
    [{ kind: 'ip', value: '203.0.113.66' }, ['a']],
    [{ kind: 'app', value: 'graph' }, ['a']],
    [{ kind: 'app', value: 'TOOL' }, ['a', 'b', 'k']],
    [{ kind: 'person', value: 'Ada@acme.example' }, ['a', 'k']],
    [{ kind: 'person', value: 'oid:1' }, ['a', 'k']],
    [{ kind: 'key', value: 'AKIAX' }, ['b']],
    [{ kind: 'key', value: 'key-1' }, ['k']],
    [{ kind: 'token', value: 'a' }, []],
  ];
  for (const [question, expected] of questions)
    test(`${question.kind} ${question.value}: ${expected.join(', ') || 'nothing'}`, () => {
      const { people } = expose(question, records);
      const ids = people.flatMap(({ items }) => items.list.map(({ id }) => id));
      assert.deepEqual(ids.sort(), expected);
    });

  test('by a key: everything its tokens touched, also where a record names only the token', () => {
    const issue = {
      ...access({ kind: 'token', tokens: ['jtiHash:1'] }),
      kid: 'key-2',
      source: 'countersign',
    };
    const use = access({ tokens: ['jtiHash:1'], items: [mail('x')] });
    const { touched } = expose({ kind: 'key', value: 'key-2' }, [issue, use]);
    assert.deepEqual([touched.items, touched.confidence.high], [1, 1]);
  });
});

test('an exposure does not depend on the order of records, nor on how often they come', () => {
  const record = fc
    .record({
      tokens: fc.option(fc.subarray(['uti:A', 'uti:B'], { minLength: 1 }), { nil: undefined }),
      sessions: fc.option(fc.subarray(['sid:S', 'sid:T'], { minLength: 1 }), { nil: undefined }),
      persons: fc.constantFrom(['upn:x'], ['upn:y']),
      items: fc.subarray(['1', '2', '3']).map((ids) => ids.map(mail)),
      atMs: fc.integer({ min: 0, max: 50 }),
    })
    .map(({ atMs, ...facts }) => access(JSON.parse(JSON.stringify(facts)), NOON + atMs));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), fc.func(fc.nat()), (records, by) => {
      const shuffled = [...records, ...records].sort((a, b) => by(a.key) - by(b.key));
      const told = (list: Activity[]) => {
        const { touched, people } = expose(asked, list);
        const names = people.map(({ person, items }) => [
          person,
          items.list.map(({ id, confidence, firstMs, lastMs, times }) => ({
            id,
            confidence,
            firstMs,
            lastMs,
            times,
          })),
        ]);
        return { touched, names: names.sort() };
      };
      assert.deepEqual(told(shuffled), told(records));
    }),
    { numRuns: 300 },
  );
});
