import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { quirk, readLines } from './testing/quirk-records.ts';
import { viewMicrosoft365 } from './view-microsoft-365.ts';

describe('the view for public rules', () => {
  it('names an operation in all the ways, without its dot', () => {
    const view = viewMicrosoft365(quirk('consent'));
    for (const name of [
      'eventName',
      'OperationName',
      'ActivityDisplayName',
      'properties.message',
    ]) {
      assert.equal(view[name], 'Consent to application', name);
    }
    assert.equal(view['eventSource'], 'AzureActiveDirectory');
    assert.equal(view['Operation'], undefined);
  });

  it('has result, its text and the lifted names of properties', () => {
    const view = viewMicrosoft365(quirk('sign-in-failed-says-success'));
    assert.equal(view['ResultType'], '50126');
    assert.equal(view['ResultDescription'], 'InvalidUserNameOrPassword');
    assert.equal(view['status'], 'Success');
    assert.equal(viewMicrosoft365(quirk('sign-in-good'))['RequestType'], 'OAuth2:Authorize');
  });

  it('calls an alert by its name, and good', () => {
    const view = viewMicrosoft365(quirk('alert'));
    assert.equal(view['eventName'], 'Unusual volume of file deletion');
    assert.equal(view['status'], 'success');
  });

  it('gives lower-cased records and columns their own names back', () => {
    const [lower] = readLines('microsoft-365/lower-cased.ndjson');
    assert.equal(viewMicrosoft365(lower ?? {})['Workload'], 'AzureActiveDirectory');
    const [columns] = readLines('microsoft-365/office-activity.ndjson');
    assert.equal(viewMicrosoft365(columns ?? {})['eventSource'], 'Exchange');
  });
});
