// Forgeries with keys that somebody slipped into the key set: no pinned log has seen this very key
// published by this very issuer.

import { keys } from './build-world.ts';
import { forged, type Vector } from './vector.ts';

export const unloggedKeys = (): Vector[] =>
  (
    [
      ['key-unlogged', 'unlogged', 'A key of the key set that no log has seen published.'],
      [
        'key-receipt-of-other-key',
        'withReceiptOfOtherKey',
        'The receipt of its key is for other key material.',
      ],
      ['key-receipt-of-other-kid', 'withReceiptOfOtherKid', 'The log saw its key as another kid.'],
      [
        'key-receipt-of-other-issuer',
        'withReceiptOfOtherIssuer',
        'The log saw its key published by another issuer.',
      ],
      [
        'key-receipt-of-other-end',
        'withReceiptOfOtherEnd',
        'The key set gives its key a longer life than the log saw.',
      ],
      [
        'key-receipt-of-other-event',
        'withReceiptOfOtherEvent',
        'The receipt of its key is for the first use, not the publication.',
      ],
      [
        'key-receipt-of-stranger-log',
        'withReceiptOfStranger',
        'Its key was published in a log nobody pinned.',
      ],
      [
        'key-receipt-of-token',
        'withReceiptOfToken',
        'The receipt of its key is that of some token.',
      ],
      ['key-receipt-cut', 'withCutReceipt', 'The receipt of its key lacks its end.'],
    ] as const
  ).map(([name, key, what]) => forged(name, 'key_unlogged', what, { key: keys[key] }));
