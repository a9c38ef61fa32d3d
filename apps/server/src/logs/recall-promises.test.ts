import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LogPromises } from '@countersign/transparency';
import { recallPromises } from './recall-promises.ts';

const submitter = { id: 'a', name: 'issuer two', createdMs: 1, revokedMs: 2 };

async function recall(submitters: (typeof submitter)[]): Promise<(number | undefined)[]> {
  const logs = ['a/log', 'b/log', 'c/log'].map((origin) => ({
    origin,
    shown: { promises: new LogPromises() },
  }));
  const sizes = new Map([
    ['a/log', 7],
    ['b/log', 9],
    ['d/log', 11],
  ]);
  await recallPromises({
    logs: [...logs, { origin: 'd/log', shown: undefined }],
    audit: { promisedSize: async (origin) => sizes.get(origin) },
    submitters: { list: async ({ limit = 0 } = {}) => submitters.slice(0, limit) },
  });
  return logs.map(({ shown }) => shown.promises.size);
}

describe('what our logs promised before this start', () => {
  it('is what the ledger has, and not known of a log that it does not mention', async () => {
    assert.deepEqual(await recall([]), [7, 9, undefined]);
  });

  it('is not known where another instance could ever submit leaves', async () => {
    assert.deepEqual(await recall([submitter]), [undefined, undefined, undefined]);
  });
});
