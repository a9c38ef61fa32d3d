import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '@countersign/vocabulary';
import { RealmCounts } from '../counts/realm-counts.ts';
import { Profile } from '../profile/profile.ts';
import { renameCounts, renameValues } from '../profile/rename-value.ts';
import { ATTRIBUTE_INDEX, ATTRIBUTES, MAX_VALUE } from './attributes.ts';
import { composeInput, hashName, type ObservedFacts } from './compose-input.ts';

const attempt: Attempt = {
  id: 'a1',
  kind: 'sign_in',
  timeMs: 1_795_289_400_000,
  realm: 'acme/customer',
  subjectKind: 'person',
  subject: 'p-1',
  clientId: 'mail-web',
  outcome: 'success',
  surroundings: {},
};
const observed: ObservedFacts = {
  address: { text: '192.0.2.7', net: '192.0.2.0/24' },
  asn: 2119,
  asName: 'Telenor',
  country: 'NO',
  hosting: false,
  agent: { text: 'Mozilla/5.0', browser: 'Chrome', browserVersion: '129.0.1', device: 'desktop' },
  implausible: [],
  missing: ['ja4_malformed'],
};
/** Numbers that differ by key: the text's length is enough here. */
const keys = (key: number, before = 0) => ({
  hash: (kind: string, text: string) => ({
    value: key * 1000 + kind.length + text.length,
    alias: before === 0 ? 0 : before * 1000 + kind.length + text.length,
  }),
});

test('what identifies goes under the key, what many share does not, and what is missing is 0', () => {
  const { input, aliases } = composeInput(attempt, observed, keys(1));
  const other = composeInput(attempt, observed, keys(2)).input;
  for (const [index, attribute] of ATTRIBUTES.entries()) {
    const keyed = ['ip', 'net', 'ua'].includes(attribute);
    assert.equal(input.values[index] !== other.values[index], keyed, attribute);
    assert.ok((input.values[index] ?? -1) >= 0 && (input.values[index] ?? 0) <= MAX_VALUE);
  }
  assert.equal(input.values[ATTRIBUTE_INDEX.ja4], 0);
  assert.equal(input.values[ATTRIBUTE_INDEX.country], 78 * 256 + 79);
  assert.deepEqual(input.labels, {
    asn: 'AS2119 Telenor',
    country: 'NO',
    browser: 'Chrome 129',
    device: 'desktop',
    app: 'mail-web',
  });
  assert.deepEqual(new Set(aliases), new Set([0]));
  assert.equal(input.population, 'customer');
  assert.doesNotMatch(JSON.stringify(input), /192\.0\.2|Mozilla/);
});

test('of an act of which nothing is known there is an input all the same', () => {
  const nothing = { implausible: [], missing: ['no_address'] };
  const { input } = composeInput({ ...attempt, clientId: '' }, nothing, keys(1));
  assert.deepEqual(new Set(input.values), new Set([0]));
  assert.equal(hashName('browser', 'CHROME'), hashName('browser', 'chrome'));
  assert.notEqual(hashName('browser', 'chrome'), hashName('os', 'chrome'));
});

test('after a change of key a profile and a realm know what they knew', () => {
  const old = composeInput(attempt, observed, keys(1)).input;
  const profile = new Profile();
  const counts = new RealmCounts();
  for (let day = 0; day < 3; day++) {
    profile.learn(old.values, attempt.timeMs + day * 86_400_000);
    counts.learn(old.values, attempt.timeMs + day * 86_400_000);
  }
  const nowMs = attempt.timeMs + 3 * 86_400_000;
  const { input, aliases } = composeInput(attempt, observed, keys(2, 1));
  const ip = ATTRIBUTE_INDEX.ip;
  assert.equal(profile.values('ip', nowMs)[0]?.value, old.values[ip]);
  const renamed = renameValues(profile, input.values, aliases);
  const [before] = profile.values('ip', nowMs);
  assert.deepEqual(renamed.values('ip', nowMs), [{ ...before, value: input.values[ip] }]);
  assert.equal(renameValues(renamed, input.values, aliases), renamed);
  const total = counts.tables[ip]?.total;
  const known = counts.countOf(ip, old.values[ip] ?? 0, nowMs);
  renameCounts(counts, input.values, aliases);
  // Weights are kept as 32-bit floats.
  assert.ok(Math.abs(counts.countOf(ip, input.values[ip] ?? 0, nowMs) - known) < 1e-4);
  assert.equal(counts.tables[ip]?.total, total);
});
