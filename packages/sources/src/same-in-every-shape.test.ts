// The same record comes in several shapes: as the API gives it, out of a file, through a pipe that lower-
// cases names or wraps it, from a table. Its key and its facts are the same, or it would count twice.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActivityFacts } from '@countersign/vocabulary';
import fc from 'fast-check';
import { ALL_SOURCES, findSource } from './all-sources.ts';
import type { JsonObject, MappedRecord, SourceName } from './map-record.ts';
import { readFixture } from './testing/read-fixture.ts';

type Told = [key: string, timeMs: number, facts: ActivityFacts, classUid: unknown];

const SHAPES: [SourceName, string, string[]][] = [
  [
    'okta',
    'okta/system-log.ndjson',
    ['okta/lower-cased.ndjson', 'okta/lower-cased-throughout.ndjson'],
  ],
  [
    'cloudtrail',
    'cloudtrail/records.json',
    ['cloudtrail/eventbridge.ndjson', 'cloudtrail/lookup-events.json', 'cloudtrail/athena.ndjson'],
  ],
  ['google-workspace', 'google/reports.json', ['google/normalised.ndjson']],
  ['gcp', 'google/gcp.ndjson', ['google/gcp-lower-cased.ndjson']],
  ['ecs', 'generic/ecs.ndjson', ['generic/ecs-dotted.ndjson', 'generic/ecs-hits.ndjson']],
];

function tell({ key, timeMs, facts, ocsf }: MappedRecord): Told {
  return [key, timeMs, facts, ocsf['class_uid']];
}

function mapAll(name: SourceName, file: string): Told[] {
  const source = findSource(name);
  assert.ok(source);
  return readFixture(file).flatMap((record) => {
    assert.ok(source.recognises(record), `${file}: ${JSON.stringify(record).slice(0, 200)}`);
    return source.map(record).map(tell);
  });
}

describe('the same record in another shape', () => {
  for (const [name, given, others] of SHAPES) {
    for (const other of others) {
      it(`has the same key and facts: ${other}`, () => {
        const told = mapAll(name, given);
        assert.ok(told.length >= 4);
        assert.deepEqual(mapAll(name, other), told);
      });
    }
  }

  it('has the same key in Cloud Logging, which leaves out customer and profile', () => {
    const known = ([key, timeMs, facts, classUid]: Told) => {
      const { tenant: _tenant, persons = [], ...rest } = facts;
      return [key, timeMs, { ...rest, person: persons[0] }, classUid];
    };
    const copies = mapAll('google-workspace', 'google/cloud-logging.ndjson').map(known);
    const items = mapAll('google-workspace', 'google/reports.json').map(known);
    assert.ok(copies.length > 4);
    for (const copy of copies)
      assert.ok(
        items.some((item) => same(item, copy)),
        JSON.stringify(copy),
      );
  });

  it('of Keycloak has the same facts in the server’s log, which gives no id', () => {
    const facts = (file: string) =>
      mapAll('keycloak', file).map(([, timeMs, one]) => [timeMs, one]);
    assert.deepEqual(facts('keycloak/server-log.ndjson'), facts('keycloak/events.json'));
  });

  it('has the same key whatever the order of its members and whatever stands beside them', () => {
    const files = SHAPES.map(([name, file]): [SourceName, JsonObject[]] => [
      name,
      readFixture(file),
    ]);
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(), (of, at, turn) => {
        const [name, records] = of;
        const record = records[at % records.length]!;
        const members = Object.entries(record);
        const turned = [
          ...members.slice(turn % members.length),
          ...members.slice(0, turn % members.length),
        ];
        const again = Object.fromEntries([...turned, ['ingested_by_a_pipe', 'x']]);
        const source = findSource(name)!;
        assert.deepEqual(source.map(again).map(tell), source.map(record).map(tell));
      }),
      { numRuns: 300 },
    );
  });

  it('is recognised by one source only', () => {
    const files = [
      ...SHAPES.flatMap(([, given, others]) => [given, ...others]),
      ...['google/cloud-logging.ndjson', 'cloudtrail/relayed.ndjson', 'keycloak/events.json'],
      ...['keycloak/server-log.ndjson', 'keycloak/admin-events.json', 'generic/ocsf.ndjson'],
    ];
    for (const file of files) {
      for (const record of readFixture(file)) {
        const by = ALL_SOURCES.filter((source) => source.recognises(record)).map(
          ({ name }) => name,
        );
        assert.equal(
          by.length,
          1,
          `${file} by ${by.join()}: ${JSON.stringify(record).slice(0, 200)}`,
        );
      }
    }
  });
});

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
