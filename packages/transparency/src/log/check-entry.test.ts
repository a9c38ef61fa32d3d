import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeAnchorLeaf, encodeKeyEntry, hashInstance, hashIssuer } from '@countersign/verifier';
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

function anchorLeaf(atMs: number): Uint8Array {
  const instanceHash = hashInstance('house-1');
  return encodeAnchorLeaf({ atMs, instanceHash, anchor: 1, root: new Uint8Array(32).fill(7) });
}

describe('an entry handed to the log', () => {
  it('about a token, about a key or about audit trails may be of this minute', () => {
    checkEntry(anchorLeaf(NOW_MS - 5), NOW_MS);
    for (const tagged of [true, false]) checkEntry(testEntry(1, NOW_MS - 5, tagged), NOW_MS);
    checkEntry(keyEntry(NOW_MS - 5), NOW_MS);
  });

  it('of any kind is refused when its time is not that of the log', () => {
    for (const away of [-60_001, 60_001]) {
      const atMs = NOW_MS + away;
      for (const entry of [testEntry(1, atMs), keyEntry(atMs), anchorLeaf(atMs)]) {
        assert.throws(() => checkEntry(entry, NOW_MS), { code: 'clock_skew' });
      }
    }
  });

  it('is refused when it is of no known version or not exactly of its form', () => {
    const sound = keyEntry(NOW_MS);
    for (const broken of [
      sound.with(0, 3),
      anchorLeaf(NOW_MS).slice(0, -1),
      anchorLeaf(NOW_MS).with(0, 4),
      sound.with(1, 9),
      sound.slice(0, -1),
      sound.with(76, 0),
    ]) {
      assert.throws(() => checkEntry(broken, NOW_MS), { code: 'entry_malformed' });
    }
  });
});
