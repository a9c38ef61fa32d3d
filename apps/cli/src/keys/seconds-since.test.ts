import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSeconds } from './seconds-since.ts';

test('seconds are told to the millisecond, without the noise of a division', () => {
  assert.equal(toSeconds(11.728563000000008), 0.012);
  assert.equal(toSeconds(4407.345535), 4.407);
  assert.equal(JSON.stringify(toSeconds(0.1 + 0.2)), '0');
});
