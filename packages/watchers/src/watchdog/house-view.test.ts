import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseHouseView } from './house-view.ts';

const KEY = {
  ...{ kid: 'k', issuer: 'https://id.example/acme/workforce', state: 'active' },
  ...{ notBeforeSeconds: 1, notAfterSeconds: 2 },
  counts: { journalled: 7, sinceStart: 3, made: 3 },
};

const keysOf = (key: object) =>
  parseHouseView(JSON.stringify({ atMs: 1_800_000_000_000, keys: [key] })).keys;

describe('what a house says of its keys', () => {
  it('has counts that a journal must not fall below', () => {
    const [key] = keysOf(KEY);
    assert.deepEqual([key?.journalled, key?.sinceStart, key?.made], [7, 3, 3]);
  });

  it('has none of a signer that is away: it said them before, and has signed since', () => {
    const [key] = keysOf({ ...KEY, away: true });
    assert.equal(key?.state, 'active');
    assert.deepEqual(
      [key?.journalled, key?.sinceStart, key?.made],
      [undefined, undefined, undefined],
    );
  });
});
