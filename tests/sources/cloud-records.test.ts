// Records of third parties, real ones and hand-edited ones, through the maps: each is mapped or
// counted, what is mapped is valid OCSF, and none is lost.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  cloudTrailSource,
  type JsonObject,
  oktaSource,
  type Source,
  workspaceSource,
} from '@countersign/sources';
import { ocsfProblems } from './check-ocsf.ts';
import { absenceOf, sharedLines } from './shared-data.ts';

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
