import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImportBatch, ImportedRecord } from '@countersign/audit';
import { importTexts } from './import-texts.ts';

test('a session token in a log is kept nowhere: neither in the event nor in its raw text', async () => {
  const secret = 'FwoGZXIvYXdzEPretend//////////wEaDOnlyForATest+==';
  const record = {
    eventID: 'e-1',
    eventTime: '2026-11-01T10:00:00Z',
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAEXAMPLE000000001' },
    responseElements: {
      credentials: { accessKeyId: 'ASIAEXAMPLE000000002', sessionToken: secret },
    },
  };
  const kept: ImportedRecord[] = [];
  const audit = {
    recordImported: async (batch: ImportBatch) => {
      kept.push(...batch.records);
      return { recorded: 1, known: 0, unmapped: 0, future: 0, truncated: 0 };
    },
  };
  const nested = JSON.stringify({ CloudTrailEvent: JSON.stringify(record), EventId: 'e-2' });
  const texts = [JSON.stringify(record), JSON.stringify(record, null, 2), nested];
  await importTexts(audit, { tenant: 'acme', run: 'r', by: 'op', texts });
  assert.equal(kept.length, 3);
  assert.ok(!JSON.stringify(kept).includes('Pretend'));
  for (const { facts, text } of kept) {
    assert.deepEqual(facts.tokens, ['key:ASIAEXAMPLE000000002']);
    assert.deepEqual(facts.parents, ['key:AKIAEXAMPLE000000001']);
    assert.match(text, /MASKED/);
  }
});
