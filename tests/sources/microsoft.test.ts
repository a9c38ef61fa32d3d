// Everything the sources of Microsoft map is valid OCSF, whatever comes in: the fixtures as they are,
// fixtures that were mutated, and arbitrary JSON. Nothing throws, and no record is lost.

import assert from 'node:assert/strict';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ALL_SOURCES,
  type JsonObject,
  type MappedRecord,
  RecordMapper,
  readRecords,
  type Source,
} from '@countersign/sources';
import fc from 'fast-check';
import { ocsfProblems, ocsfSchemaIsHere } from './check-ocsf.ts';

const FOLDER = fileURLToPath(new URL('../../packages/sources/fixtures', import.meta.url));
const NAMES = ['microsoft-365', 'entra-sign-in', 'entra-audit'];
const sources = ALL_SOURCES.filter(({ name }) => NAMES.includes(name));

function readFolder(folder: string): JsonObject[] {
  return readdirSync(`${FOLDER}/${folder}`).flatMap((file) => {
    const text = readFileSync(`${FOLDER}/${folder}/${file}`, 'utf8');
    if (file.endsWith('.csv')) return [];
    if (file.endsWith('.ndjson'))
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const whole = JSON.parse(text);
    return Array.isArray(whole) ? whole : whole.value;
  });
}
const records = ['microsoft-365', 'entra', 'storm-0558'].flatMap(readFolder);

function sourceOf(record: JsonObject): Source | undefined {
  const found = ALL_SOURCES.filter((source) => source.recognises(record));
  assert.ok(found.length <= 1, `recognised by ${found.map(({ name }) => name)}`);
  return found[0];
}

/** What holds for every record that is mapped at all. */
function check(source: Source, record: JsonObject): void {
  const mapped = source.map(record);
  assert.ok(mapped.length >= 1, 'no record is lost');
  for (const one of mapped) {
    assert.ok(one.key.length > 0);
    assert.ok(Number.isSafeInteger(one.timeMs));
    if (ocsfSchemaIsHere) assert.deepEqual(ocsfProblems(one), []);
  }
}

describe('records of Microsoft', () => {
  it('are each recognised by exactly one source, and become valid OCSF', (test) => {
    if (!ocsfSchemaIsHere) {
      assert.equal(process.env['CI'], undefined, 'the OCSF schema must be there in CI');
      test.diagnostic('without the OCSF schema nothing is checked against it');
    }
    for (const record of records) {
      const source = sourceOf(record);
      assert.ok(source !== undefined, JSON.stringify(record).slice(0, 120));
      check(source, record);
    }
  });

  it('stay valid when members are torn out, swapped for others, or turned into something else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...records),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.jsonValue(), fc.string(), fc.integer())), {
          maxLength: 6,
        }),
        (record, changes) => {
          const names = Object.keys(record);
          const mutated = { ...record };
          for (const [at, value] of changes) mutated[names[at % names.length] ?? ''] = value;
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
      ...[...new Set(records.flatMap((record) => Object.keys(record)))],
      '__proto__',
      'constructor',
      'AuditData',
    );
    const object = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.json(), fc.string()));
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

  it('become the same event twice, and another when they say something else', () => {
    for (const record of records) {
      const source = sourceOf(record);
      assert.deepEqual(source?.map(record), source?.map(structuredClone(record)));
    }
  });
});

describe('exports as they lie in a folder', () => {
  const readFile = async (file: string) => {
    const found: MappedRecord[] = [];
    const mapper = new RecordMapper();
    const path = `${FOLDER}/microsoft-365/${file}`;
    const onProblem = (): void => assert.fail('nothing in it is unreadable');
    for await (const { record } of readRecords(createReadStream(path), { name: path, onProblem })) {
      found.push(...mapper.map(record).events);
    }
    return found;
  };

  it('of Purview: one record that is there twice, one whose cell was cut, and nothing is lost', async () => {
    const mapped = await readFile('purview.csv');
    assert.equal(mapped.length, 5);
    assert.equal(new Set(mapped.map(({ key }) => key)).size, 4);
    assert.deepEqual(
      mapped.map(({ facts }) => facts.gap),
      [undefined, undefined, undefined, undefined, 'truncated'],
    );
  });

  it('of Log Analytics: the same record as a CSV and as JSON', async () => {
    const [fromCsv] = await readFile('office-activity.csv');
    const [fromJson] = await readFile('office-activity.ndjson');
    assert.equal(fromCsv?.key, fromJson?.key);
    assert.equal(fromCsv?.timeMs, fromJson?.timeMs);
    assert.deepEqual(fromCsv?.facts, fromJson?.facts);
  });
});
