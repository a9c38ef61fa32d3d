import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalBytes, type JsonValue } from './canonical-json.ts';

const text = (value: JsonValue): string => Buffer.from(canonicalBytes(value)).toString();

describe('canonical JSON', () => {
  it('has one spelling for one value', () => {
    assert.equal(
      text({ b: [1, 'é', null, true], a: { d: '', c: {} } }),
      '{"a":{"c":{},"d":""},"b":[1,"é",null,true]}',
    );
  });

  it('says the same as the value, in whatever order the members came', () => {
    const integers = fc.object({
      maxDepth: 3,
      values: [
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
      ],
    });
    fc.assert(
      fc.property(integers, (object) => {
        const value = JSON.parse(JSON.stringify(object)) as Record<string, JsonValue>;
        assert.deepEqual(JSON.parse(text(value)), value);
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(text(turned), text(value));
      }),
    );
  });

  it('does not spell numbers that have two spellings', () => {
    for (const number of [0.1, Number.NaN, 2 ** 60]) assert.throws(() => text(number), TypeError);
  });
});
