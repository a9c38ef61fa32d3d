import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import { EventSalts, SALT_BYTES } from './event-salts.ts';

describe('salts of events', () => {
  it('are never the same twice, and stay what they are when the pool is used up', () => {
    const salts = new EventSalts(systemRandom);
    const drawn = Array.from({ length: 2000 }, () => salts.next());
    const asText = () => drawn.map((salt) => Buffer.from(salt).toString('hex'));
    assert.equal(new Set(asText()).size, drawn.length);
    assert.ok(drawn.every((salt) => salt.length === SALT_BYTES && salt.some((byte) => byte !== 0)));
  });
});
