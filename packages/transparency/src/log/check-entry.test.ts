import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeKeyEntry, hashIssuer } from '@countersign/verifier';
import { testEntry } from '../testing/entries.ts';
import { checkEntry } from './check-entry.ts';

const NOW_MS = 1_800_000_000_000;

function keyEntry(atMs: number): Uint8Array {
  return encodeKeyEntry({
    event: 'published',
    atMs,
    notAfterSeconds: 1_900_000_000,
    issuerHash: hashIssuer('https://id.example/acme/workforce'),
    thumbprint: new Uint8Array(32).fill(7),
    kid: 'key-1',
  });
}

describe('an entry handed to the log', () => {
  it('about a token or about a key may be of this minute', () => {
    for (const tagged of [true, false]) checkEntry(testEntry(1, NOW_MS - 5, tagged), NOW_MS);
    checkEntry(keyEntry(NOW_MS - 5), NOW_MS);
  });

  it('of either kind is refused when its time is not that of the log', () => {
    for (const away of [-60_001, 60_001]) {
      for (const entry of [testEntry(1, NOW_MS + away), keyEntry(NOW_MS + away)]) {
        assert.throws(() => checkEntry(entry, NOW_MS), { code: 'clock_skew' });
      }
    }
  });

  it('is refused when it is of no known version or not exactly of its form', () => {
    const sound = keyEntry(NOW_MS);
    for (const broken of [
      sound.with(0, 3),
      sound.with(1, 9),
      sound.slice(0, -1),
      sound.with(76, 0),
    ]) {
      assert.throws(() => checkEntry(broken, NOW_MS), { code: 'entry_malformed' });
    }
  });
});
