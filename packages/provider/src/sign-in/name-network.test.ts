import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameNetwork } from './name-network.ts';

describe('who counts as one guesser', () => {
  const cases: [string | undefined, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['not an address', 'unknown'],
  ];
  for (const [address, network] of cases) {
    test(`${address ?? 'no address'} is ${network}`, () => {
      assert.equal(nameNetwork(address), network);
    });
  }

  test('two networks are two guessers', () => {
    assert.notEqual(nameNetwork('2001:db8:1:2::1'), nameNetwork('2001:db8:1:3::1'));
    assert.notEqual(nameNetwork('192.0.2.7'), nameNetwork('192.0.2.8'));
  });
});
