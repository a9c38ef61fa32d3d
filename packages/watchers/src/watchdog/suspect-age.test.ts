import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WatchedKey } from './house-view.ts';
import { suspectAge } from './suspect-age.ts';

const END = 1_800_000_000;
const LIFE = 90 * 86_400;
const key = (
  kid: string,
  state: WatchedKey['state'],
  change: Partial<WatchedKey> = {},
): WatchedKey => ({
  ...{ kid, state, issuer: 'https://id.example/acme/workforce' },
  ...{ notBeforeSeconds: END - LIFE, notAfterSeconds: END },
  ...change,
});
const told = (keys: WatchedKey[], seconds: number): string[] =>
  suspectAge(keys, seconds * 1000, { ageShare: 0.8 }).map(({ code, kid }) => `${code} ${kid}`);

describe('C-01 the age of keys', () => {
  it('is told at 80 % and at the end, whatever the house calls a key that is over', () => {
    const at80 = END - LIFE * 0.2;
    assert.deepEqual(told([key('a', 'active')], at80 - 1), []);
    assert.deepEqual(told([key('a', 'active')], at80), ['key_old a']);
    assert.deepEqual(told([key('a', 'active')], END), ['key_past_end a']);
    assert.deepEqual(told([key('a', 'retired')], END), ['key_past_end a'], 'nothing has its place');
  });

  it('is no alarm once another key has its place, or where it was retired in time', () => {
    const young = { notBeforeSeconds: END - 60, notAfterSeconds: END - 60 + LIFE };
    assert.deepEqual(told([key('a', 'retired'), key('b', 'active', young)], END), []);
    assert.deepEqual(told([key('a', 'retired'), key('b', 'published', young)], END), []);
    assert.deepEqual(told([key('a', 'retired')], END - 1), []);
    assert.deepEqual(told([key('a', 'revoked')], END), []);
  });

  it('of an issuer is not answered for by the keys of another', () => {
    const other = { issuer: 'https://id.example/acme/customer', notAfterSeconds: END + LIFE };
    const keys = [key('a', 'retired'), key('b', 'active', { ...other, notBeforeSeconds: END })];
    assert.deepEqual(told(keys, END), ['key_past_end a']);
  });

  it('is told of the last keys alone, not of those that ended long ago', () => {
    const before = key('old', 'retired', { notAfterSeconds: END - 30 * 86_400 });
    const keys = [before, key('es', 'retired'), key('ed', 'retired')];
    assert.deepEqual(told(keys, END), ['key_past_end es', 'key_past_end ed']);
  });
});
