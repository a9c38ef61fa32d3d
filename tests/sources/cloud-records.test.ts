// Records of third parties, real ones and hand-edited ones, through the maps: each is mapped or
// counted, what is mapped is valid OCSF, and none is lost.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  ALL_SOURCES,
  cloudTrailSource,
  type JsonObject,
  ocsfSource,
  oktaSource,
  type Source,
  workspaceSource,
} from '@countersign/sources';
import fc from 'fast-check';
import { ocsfProblems, ocsfSchemaIsHere } from './check-ocsf.ts';
import { absenceOf, sharedLines } from './third-party-data.ts';

interface Told {
  records: number;
  /** Told apart from other sources without being told which it is. */
  known: number;
  mapped: number;
  recognised: number;
}

/** Maps all of a file, and holds each event against the schema. */
function mapAll(source: Source, records: readonly JsonObject[]): Told {
  const told: Told = { records: records.length, known: 0, mapped: 0, recognised: 0 };
  for (const record of records) {
    if (source.recognises(record)) told.known += 1;
    const mapped = source.map(record);
    assert.notEqual(mapped.length, 0, JSON.stringify(record));
    for (const one of mapped) {
      assert.deepEqual(ocsfProblems(one), [], JSON.stringify([record, one.ocsf], null, 1));
      told.mapped += 1;
      if (one.recognised) told.recognised += 1;
    }
  }
  return told;
}

const logsOf = (file: string): JsonObject[] =>
  sharedLines(file).map(({ log }) => log as JsonObject);

describe('okta events of a third party', () => {
  const file = 'panther/okta.labelled.ndjson';

  it('are all mapped, and results of queries over the log are counted', {
    skip: absenceOf(file),
  }, () => {
    // 26 have no event type at all; one more has nothing but an event type.
    assert.deepEqual(mapAll(oktaSource, logsOf(file)), {
      records: 100,
      known: 73,
      mapped: 100,
      recognised: 74,
    });
  });
});

describe('cloudtrail records of third parties', () => {
  const attack = 'invictus-aws/cloudtrail_all.ndjson.gz';
  it('of an attack and its set-up are all mapped', { skip: absenceOf(attack) }, () => {
    assert.deepEqual(mapAll(cloudTrailSource, sharedLines(attack)), {
      records: 2900,
      known: 2900,
      mapped: 2900,
      recognised: 2878,
    });
  });

  const relayed = 'otrf-aws/ec2_proxy_s3_exfiltration_2020-09-14011940.json';
  it('that a relay took the time from are mapped by the time it gave', {
    skip: absenceOf(relayed),
  }, () => {
    const records = sharedLines(relayed);
    assert.deepEqual(mapAll(cloudTrailSource, records), {
      records: 103,
      known: 103,
      mapped: 103,
      recognised: 103,
    });
    assert.ok(records.every((one) => cloudTrailSource.map(one)[0]!.timeMs > Date.UTC(2020, 8, 14)));
  });

  const edited = 'panther/aws_cloudtrail.labelled.ndjson';
  it('that were edited by hand are mapped or counted', { skip: absenceOf(edited) }, () => {
    assert.deepEqual(mapAll(cloudTrailSource, logsOf(edited)), {
      records: 461,
      known: 461,
      mapped: 461,
      recognised: 457,
    });
  });
});

describe('workspace events of a third party', () => {
  const file = 'panther/gsuite.labelled.ndjson';
  it('that were split and have parameters as objects are all mapped', {
    skip: absenceOf(file),
  }, () => {
    const told = { records: 157, known: 157, mapped: 157, recognised: 152 };
    assert.deepEqual(mapAll(workspaceSource, logsOf(file)), told);
  });
});

const fixtures = join(import.meta.dirname, '../../packages/sources/fixtures');
const FOLDERS = ['okta', 'cloudtrail', 'google', 'keycloak', 'generic'];
const OURS = ['okta', 'cloudtrail', 'google-workspace', 'gcp', 'keycloak', 'ecs', 'ocsf'];
const sources = ALL_SOURCES.filter(({ name }) => OURS.includes(name));

function readFixture(file: string): JsonObject[] {
  const text = readFileSync(join(fixtures, file), 'utf8');
  if (file.endsWith('.ndjson'))
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const whole = JSON.parse(text);
  return Array.isArray(whole) ? whole : (whole.Records ?? whole.Events ?? whole.items);
}
const written = FOLDERS.flatMap((folder) =>
  readdirSync(join(fixtures, folder)).flatMap((file) => readFixture(`${folder}/${file}`)),
);

/** What holds for every record, hostile or not. */
function check(source: Source, record: JsonObject): void {
  const mapped = source.map(record);
  for (const one of mapped) {
    assert.ok(one.key.length > 0);
    assert.ok(Number.isSafeInteger(one.timeMs), String(one.timeMs));
    assert.equal(typeof JSON.stringify(one), 'string');
    // What was OCSF already is as valid as it came, by the version it names.
    const version = (one.ocsf['metadata'] as JsonObject)['version'];
    if (!ocsfSchemaIsHere || (source.name === 'ocsf' && one.recognised) || version !== '1.8.0')
      continue;
    assert.deepEqual(
      ocsfProblems(one),
      [],
      JSON.stringify([record, one.ocsf], null, 1).slice(0, 6000),
    );
  }
}

const mutation = fc.oneof(
  fc.jsonValue(),
  fc.json(),
  fc.string(),
  fc.integer(),
  fc.constantFrom(
    'unknown',
    '-',
    '::1',
    '[::1]:99999',
    '999.1.1.1:80',
    '\u0000',
    '𝒳\ud800',
    '1e999',
  ),
);

/** Replaces members, also of members, by anything. */
function mutate(record: JsonObject, changes: readonly [number, number, unknown][]): JsonObject {
  const mutated = structuredClone(record);
  for (const [at, inner, value] of changes) {
    const names = Object.keys(mutated);
    const name = names[at % names.length] ?? '';
    const held = mutated[name];
    const within = typeof held === 'object' && held !== null ? Object.keys(held) : [];
    if (within.length === 0 || inner % 3 === 0) mutated[name] = value;
    else (held as JsonObject)[within[inner % within.length] ?? ''] = value;
  }
  return mutated;
}

describe('records that are written here, in the shapes of the sources', () => {
  it('become valid OCSF', (test) => {
    if (!ocsfSchemaIsHere) {
      assert.equal(process.env['CI'], undefined, 'the OCSF schema must be there in CI');
      test.diagnostic('without the OCSF schema nothing is checked against it');
    }
    for (const record of written) {
      const source = sources.find((one) => one.recognises(record));
      assert.ok(source !== undefined, JSON.stringify(record).slice(0, 200));
      check(source, record);
    }
  });

  it('that were OCSF of this version stay valid', { skip: !ocsfSchemaIsHere }, () => {
    for (const record of readFixture('generic/ocsf.ndjson')) {
      for (const one of ocsfSource.map(record)) {
        if ((one.ocsf['metadata'] as JsonObject)['version'] === '1.8.0')
          assert.deepEqual(ocsfProblems(one), []);
      }
    }
  });

  it('stay valid when members are torn out or become something else', () => {
    const change = fc.tuple(fc.nat(), fc.nat(), mutation);
    fc.assert(
      fc.property(
        fc.constantFrom(...written),
        fc.array(change, { maxLength: 6 }),
        (record, changes) => {
          const mutated = mutate(record, changes);
          for (const source of sources) {
            source.recognises(mutated);
            check(source, mutated);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('are mapped without throwing from arbitrary JSON', () => {
    const names = fc.constantFrom(
      ...new Set(written.flatMap((record) => Object.keys(record))),
      ...['__proto__', 'constructor', 'toString'],
    );
    const object = fc.dictionary(names, mutation);
    fc.assert(
      fc.property(object, (record) => {
        for (const source of sources) {
          source.recognises(record);
          check(source, record);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('that nest too deep to be written are mapped without throwing', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 20_000; level += 1) deep = level % 2 === 0 ? [deep] : { deep };
    for (const record of written) {
      for (const name of Object.keys(record)) {
        for (const source of sources) {
          if (!source.recognises(record)) continue;
          assert.ok(source.map({ ...record, [name]: deep }).length >= 0);
        }
      }
    }
  });
});
