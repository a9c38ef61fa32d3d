import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodedError } from '@countersign/vocabulary';
import { problemFor } from './problem.ts';

describe('an error on its way out', () => {
  it('shows code and sentence of a refusal, never its detail', () => {
    const error = new CodedError('not_found', 'There is nothing here.', {
      detail: 'row 7',
      cause: new Error('inside'),
    });
    const { problem } = problemFor(error);
    assert.deepEqual(problem, {
      type: 'about:blank',
      title: 'There is nothing here.',
      status: 404,
      code: 'not_found',
    });
  });

  it('is a 503 with a time when the refusal will pass', () => {
    const { problem, retryAfterSeconds } = problemFor(
      new CodedError('storage_full', 'No room.', { retryAfterSeconds: 5 }),
    );
    assert.equal(problem.status, 503);
    assert.equal(retryAfterSeconds, 5);
  });

  it('is the caller’s to mend only when the table says so', () => {
    const statusOf = (code: string) => problemFor(new CodedError(code, 'A sentence.')).problem;
    assert.equal(statusOf('bad_person').status, 400);
    assert.equal(statusOf('tenant_unknown').status, 404);
    assert.equal(statusOf('username_taken').status, 409);
    for (const code of ['storage_failed', 'record_damaged', 'tiles_corrupt', 'toString']) {
      assert.equal(statusOf(code).status, 500);
      assert.equal(statusOf(code).code, 'internal_error');
    }
  });

  it('says nothing of a bug', () => {
    const { problem } = problemFor(new TypeError('cannot read x of undefined'));
    assert.deepEqual(problem, {
      type: 'about:blank',
      title: 'Something went wrong here.',
      status: 500,
      code: 'internal_error',
    });
    assert.equal(problemFor('thrown text').problem.status, 500);
  });
});
