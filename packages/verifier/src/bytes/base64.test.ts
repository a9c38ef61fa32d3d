import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import * as onNode from '../platform/node.ts';
import * as onWeb from '../platform/web.ts';

const nearlyBase64 = fc.string({
  unit: fc.constantFrom(...'ABCwxyz019+/-_= \n.é', 'AA', 'gh'),
  maxLength: 24,
});

for (const [name, platform] of Object.entries({ node: onNode, web: onWeb })) {
  test(`on ${name}, base64 and base64url give back the bytes they were given`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const { encodeBase64, encodeBase64url, decodeBase64, decodeBase64url } = platform;
        assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString('base64'));
        assert.equal(encodeBase64url(bytes), Buffer.from(bytes).toString('base64url'));
        assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
        assert.deepEqual(decodeBase64url(encodeBase64url(bytes)), bytes);
        assert.deepEqual(
          Uint8Array.from(platform.viewBase64url(encodeBase64url(bytes)) ?? []),
          bytes,
        );
      }),
    );
  });

  test(`on ${name}, a second spelling of the same bytes is refused`, () => {
    const refused = ['A', 'AB', 'AAB', 'AA==', 'AA=', 'A A', 'AA\n', '+A', '/w', 'é', 'AAAAA'];
    for (const text of refused) {
      assert.equal(platform.decodeBase64url(text), undefined, text);
      assert.equal(platform.viewBase64url(text), undefined, text);
    }
    for (const text of [
      'AA',
      'AB==',
      'AAB=',
      'AA=',
      'A===',
      '-w==',
      '_w==',
      'AA==\n',
      '=',
      '====',
    ]) {
      assert.equal(platform.decodeBase64(text), undefined, text);
    }
    assert.deepEqual(platform.decodeBase64url(''), new Uint8Array());
    assert.deepEqual(platform.decodeBase64(''), new Uint8Array());
  });
}

test('both platforms agree on every text, however nearly base64 it is', () => {
  fc.assert(
    fc.property(nearlyBase64, (text) => {
      assert.deepEqual(onWeb.decodeBase64url(text), onNode.decodeBase64url(text));
      assert.deepEqual(onWeb.decodeBase64(text), onNode.decodeBase64(text));
    }),
    { numRuns: 2000 },
  );
});
