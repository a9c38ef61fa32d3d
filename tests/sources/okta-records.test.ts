// Okta events of a third party, hand-edited as they are: each is mapped or counted, and what is mapped
// is valid.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, oktaSource } from '@countersign/sources';
import { ocsfProblems } from './check-ocsf.ts';
import { absenceOf, sharedLines } from './shared-data.ts';

const file = 'panther/okta.labelled.ndjson';

describe('okta events of a third party', { skip: absenceOf(file) }, () => {
  const records =
    absenceOf(file) === false ? sharedLines(file).map(({ log }) => log as JsonObject) : [];

  it('are all mapped or counted, valid, and none is lost', () => {
    assert.equal(records.length, 100);
    const known = records.filter((record) => oktaSource.recognises(record));
    // The rest are results of queries over the log, 26 of them without an event type.
    assert.equal(known.length, 73);
    for (const record of records) {
      const mapped = oktaSource.map(record);
      assert.equal(mapped.length, 1);
      for (const one of mapped) {
        assert.deepEqual(ocsfProblems(one), [], JSON.stringify([record, one.ocsf], null, 1));
        assert.equal(one.recognised, 'eventType' in record || 'eventtype' in record);
      }
    }
  });
});
