import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import { segment } from '../testing/token-fixture.ts';
import { parseSigningInput, SIGNING_INPUT_LIMIT_BYTES } from './parse-signing-input.ts';

const parse = (text: string) => parseSigningInput(Buffer.from(text, 'latin1'));
const good = segment({ a: 1 });

describe('a signing input', () => {
  it('is read from the bytes that will be signed', () => {
    assert.deepEqual(parse(`${segment({ alg: 'x' })}.${segment({ sub: 'Zoë' })}`), {
      header: { alg: 'x' },
      payload: { sub: 'Zoë' },
      payloadSegment: segment({ sub: 'Zoë' }),
    });
  });

  const badSegments: [string, string][] = [
    ['empty', ''],
    ['padded', `${segment({})}=`],
    ['not base64url', 'a+/b'],
    ['not canonical', 'e31'],
    ['with white space', ` ${good}`],
    ['with two dots', `${good}.${good}`],
    ['not JSON', segment('{')],
    ['a list', segment([])],
    ['null', segment('null')],
    ['text', segment('"x"')],
    ['a member twice', segment('{"a":1,"a":1}')],
    ['a member twice by escape', segment('{"a":1,"\\u0061":2}')],
    ['a member twice, deep inside', segment('{"b":[{"a":1,"a":2}]}')],
    ['with a byte order mark', segment('\ufeff{}')],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')],
    ['deeply nested', segment(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`)],
  ];
  for (const [what, bad] of badSegments) {
    it(`is refused when a segment is ${what}`, () => {
      assert.throws(() => parse(`${good}.${bad}`), { code: 'payload_malformed' });
      if (!bad.includes('.')) {
        assert.throws(() => parse(`${bad}.${good}`), { code: 'header_malformed' });
      }
    });
  }

  it('is refused without a dot, and when it is too large', () => {
    assert.throws(() => parse(good), { code: 'header_malformed' });
    const filler = (bytes: number): string => {
      const payload = segment({ a: 'x'.repeat(Math.floor((bytes * 3) / 4)) });
      return `${good}.${payload}`;
    };
    parse(filler(SIGNING_INPUT_LIMIT_BYTES - 100));
    assert.throws(() => parse(filler(SIGNING_INPUT_LIMIT_BYTES)), { code: 'too_large' });
  });

  it('is never more than refused, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.string(), fc.string())
        .map(([a, b]) => Buffer.from(`${segment(a)}.${segment(b)}`)),
      fc.json().map((json) => Buffer.from(`${good}.${segment(json)}`)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          parseSigningInput(bytes);
        } catch (error) {
          assert.ok(isCodedError(error), String(error));
        }
      }),
    );
  });
});
