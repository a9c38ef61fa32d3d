import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formTargets } from './form-targets.ts';

describe('where a form may lead', () => {
  test('nowhere but here, without a client address', () => {
    for (const nothing of [undefined, '', 'not a url', 7, null]) {
      assert.deepEqual(formTargets(nothing), ["'self'"]);
    }
  });

  test('to the scheme of the client, and on loopback to any port', () => {
    assert.deepEqual(formTargets('https://app.example/cb'), ["'self'", 'https:']);
    assert.deepEqual(formTargets('com.example.app:/cb'), ["'self'", 'com.example.app:']);
    assert.ok(formTargets('http://127.0.0.1:4000/cb').includes('http://localhost:*'));
  });

  test('no address can smuggle in another directive', () => {
    for (const uri of [
      "https://app.example/; script-src 'unsafe-inline'",
      'https://app.example/cb?x=;default-src *',
    ]) {
      assert.deepEqual(formTargets(uri), ["'self'", 'https:']);
    }
  });
});
