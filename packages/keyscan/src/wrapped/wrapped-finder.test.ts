// What stands around a key that somebody wrote into text: other strings, a prefix, a list of numbers.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { allFinders } from '../all-finders.ts';
import { redact } from '../redact.ts';
import { openScanner } from '../scan-stream.ts';

function scan(input: string) {
  const scanner = openScanner({ finders: allFinders() });
  return [...scanner.push(Buffer.from(input)), ...scanner.end()];
}

const kinds = (input: string): string[] => scan(input).map(({ kind }) => kind);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const der = rsa.export({ type: 'pkcs1', format: 'der' });
const short = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'der',
});
const NAME = 'node_modules/countersign/packages/internationalisation/resolveModule';

describe('a key among other strings', () => {
  it('is found in a list of strings, behind a long one and before a short one', () => {
    for (const key of [der, short])
      for (const coding of ['base64', 'base64url', 'hex'] as const) {
        const strings = [NAME, key.toString(coding), 'foo', NAME, 'bar'];
        for (const text of [JSON.stringify(strings), JSON.stringify(strings, null, 2)])
          assert.equal(kinds(text).length, 1, `${coding}: ${text}`);
        assert.equal(kinds(strings.join('\n')).length, 1, coding);
      }
  });

  it('is found in hex behind a path, a name or 0x, and before other letters', () => {
    for (const key of [der, short])
      for (const before of ['0x', '0X', `${NAME}/`, 'key-', 'sk_live_', 'z'])
        for (const after of ['', 'n', '_of_the_signer'])
          assert.equal(kinds(`at ${before}${key.toString('hex')}${after} is`).length, 1, before);
  });

  it('is found in lines of base64 of which the first has a name before it', () => {
    const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n');
    for (const before of ['x', 'key/', `${NAME}/`])
      assert.equal(kinds(`${before}${lines}`).length, 1, before);
  });
});

describe('a key whose text breaks off', () => {
  it('is zeroed as far as it would reach, and what is left holds no more than its beginning', () => {
    const letters = short.toString('base64');
    const text = Buffer.from(`key=${letters.slice(0, 90)}%2B${letters.slice(91)}&b=1`);
    const finds = scan(text.toString());
    assert.equal(finds.length, 1);
    redact(text, 0, finds);
    assert.ok(!text.includes(letters.slice(91, 120)), text.toString());
  });
});

describe('a key in a query', () => {
  it('is found in every coding, also behind other members', () => {
    const jwk = JSON.stringify(rsa.export({ format: 'jwk' }));
    for (const text of [der.toString('base64'), short.toString('base64'), jwk])
      for (const url of [
        `GET /x?key=${encodeURIComponent(text)}&a=b HTTP/1.1`,
        `GET /x?a=%20b&key=${encodeURIComponent(text)}`,
        `POST ${new URLSearchParams({ text }).toString().toLowerCase().length} ${new URLSearchParams({ text })}`,
      ]) {
        const [find, ...more] = scan(url);
        assert.deepEqual(more, [], url);
        assert.ok(find !== undefined, url);
        const [first, last] = [find.offset, find.offset + find.length];
        const inside = decodeURIComponent(url.slice(first, last));
        assert.ok(
          text.startsWith('{') ? inside === text : text.startsWith(inside.slice(0, 90)),
          inside,
        );
      }
  });
});

describe('a key as a list of numbers', () => {
  it('is found in JSON of a buffer or an array of bytes, as JavaScript and C write one, in a log', () => {
    for (const key of [der, short]) {
      const hex = [...key].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`);
      for (const list of [
        JSON.stringify(key),
        JSON.stringify({ level: 30, key, more: [1, 2, 3] }),
        JSON.stringify({ n: 1, key }, null, 4),
        JSON.stringify(new Uint8Array(key)),
        JSON.stringify({ a: new Uint8Array(key) }, null, 2),
        `Uint8Array(${key.length}) [ ${[...key].join(', ')} ]`,
        `static const key[] = {\n${hex.join(', ').replaceAll(/(.{72}) /g, '$1\n    ')}\n};`,
        `bytes 1, 2, 3: ${hex.join(',').toUpperCase()}`,
        `[300, 1, 2, ${[...key].join()}]`,
      ]) {
        const [find, ...more] = scan(`2026-11-22 ${list} `);
        assert.deepEqual(more, [], list);
        assert.ok(find?.what.endsWith(', in numbers'), list);
      }
    }
  });

  it('is gone from a copy that has zeros in its place', () => {
    const bytes = Buffer.from(JSON.stringify({ first: 7, key: short, last: 9 }));
    redact(bytes, 0, scan(bytes.toString()));
    assert.match(bytes.toString(), /^[^\0]+\[\0+[\d\]][^\0]*"last":9}$/);
  });
});
