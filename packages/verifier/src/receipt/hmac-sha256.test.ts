import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hmacSha256 } from './hmac-sha256.ts';

const expected = (key: Uint8Array, message: Uint8Array) =>
  Uint8Array.from(createHmac('sha256', key).update(message).digest());

test('our HMAC is HMAC-SHA-256 for any key and message', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, bytes, (key, message) => {
      assert.deepEqual(hmacSha256(key, message), expected(key, message));
    }),
  );
});

test('our HMAC is right for keys around the size of a block', () => {
  const message = new Uint8Array(100).fill(7);
  for (const size of [0, 1, 31, 32, 63, 64, 65, 127, 128, 129]) {
    const key = new Uint8Array(size).fill(size);
    assert.deepEqual(hmacSha256(key, message), expected(key, message), `${size} bytes`);
  }
});

test('a message of any length is read whole', () => {
  const key = new Uint8Array(32).fill(7);
  for (const size of [0, 959, 960, 961, 5000]) {
    const message = new Uint8Array(size).fill(size);
    assert.deepEqual(hmacSha256(key, message), expected(key, message), `${size} bytes`);
  }
});

test('a message in parts is the message in one', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.uint8Array()), (key, parts) => {
      assert.deepEqual(hmacSha256(key, ...parts), expected(key, Buffer.concat(parts)));
    }),
  );
});
