// Real logs of third parties, each held against itself: whatever their holes are, nobody is called a thief
// for them. The attack in the first was made with genuine keys, so there is nothing unissued in it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Activity, Reconciliation } from '@countersign/matching';
import { type JsonObject, RecordMapper } from '@countersign/sources';
import { absenceOf, sharedLines } from '../sources/third-party-data.ts';

function activitiesOf(file: string): Activity[] {
  const mapper = new RecordMapper();
  return sharedLines(file).flatMap((line, at) => {
    const { source, events } = mapper.map(
      (line as { log?: JsonObject }).log ?? (line as JsonObject),
    );
    return events.map(({ key, timeMs, facts }) => ({
      ...{ at: `${file}:${at}`, source, key, timeMs, facts },
    }));
  });
}

function reconcileWithItself(file: string) {
  const run = new Reconciliation();
  const activities = activitiesOf(file);
  for (const each of activities) run.addIssued(each);
  for (const each of activities) run.addUsed(each);
  return run.report();
}

const CASES = [
  { file: 'invictus-aws/cloudtrail_all.ndjson.gz', joined: 70, least: 2800 },
  { file: 'otrf-aws/ec2_proxy_s3_exfiltration_2020-09-14011940.json', joined: 11, least: 90 },
] as const;

describe('a real log held against itself', () => {
  for (const { file, joined, least } of CASES)
    it(`accuses nobody and says what it could join: ${file}`, { skip: absenceOf(file) }, () => {
      const { findings, used } = reconcileWithItself(file);
      assert.deepEqual(findings, []);
      assert.equal(used.token, joined);
      assert.ok(used.uses > least);
      const counted = Object.values(used.why).reduce((sum, count) => sum + count, 0);
      assert.equal(counted, used.undecided + used.unjoinable);
      assert.ok((used.why['made_inside'] ?? 0) + (used.why['before_log'] ?? 0) > 0);
    });
});
