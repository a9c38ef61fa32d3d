import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_JSON_DEPTH, readJson } from './read-json.ts';

test('any JSON without doubled members is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      assert.deepEqual(readJson(text), JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('a member named twice is refused at any depth and in any spelling', () => {
  const doubled = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":[{"c":1,"c":2}]}}',
    '[{"":1,"":2}]',
    '{"__proto__":1,"__proto__":2}',
    '{"a\\"":1,"a\\"":2}',
    '{"a":":","a":"\\\\"}',
    '{"a":1 , "b":2,\n"a" : 3}',
  ];
  for (const text of doubled) {
    assert.throws(() => readJson(text), { code: 'json_duplicate_member' }, text);
  }
});

test('doubling any member of any object is refused', () => {
  const record = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 });
  fc.assert(
    fc.property(record, fc.nat(), (members, choice) => {
      const text = JSON.stringify(members);
      const names = Object.keys(members);
      const name = JSON.stringify(names[choice % names.length]);
      const doubled = `${text.slice(0, -1)},${name}:0}`;
      assert.throws(() => readJson(doubled), { code: 'json_duplicate_member' });
      assert.throws(() => readJson(`{"outer":[${doubled}]}`), { code: 'json_duplicate_member' });
    }),
    { numRuns: 500 },
  );
});

test('colons and quotes inside strings are not members', () => {
  assert.deepEqual(readJson('{"a:b":"c:\\"d:\\\\","e":":::"}'), { 'a:b': 'c:"d:\\', e: ':::' });
  assert.deepEqual(readJson('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}'));
});

test('what is not JSON, or nested without end, is refused', () => {
  for (const text of ['', '{', "{'a':1}", '{"a":1,}', 'undefined', '\u{feff}{}', '{"a":01}']) {
    assert.throws(() => readJson(text), { code: 'json_malformed' }, text);
  }
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  assert.ok(readJson(nested(MAX_JSON_DEPTH)));
  assert.throws(() => readJson(nested(MAX_JSON_DEPTH + 1)), { code: 'json_malformed' });
  assert.throws(() => readJson(nested(100_000)), { code: 'json_malformed' });
});
