import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks, type Place } from './network.ts';

const cases: [string, Place, Place, string][] = [
  ['the same address', { ip: '192.0.2.7' }, { ip: '192.0.2.7' }, 'same'],
  ['neighbours', { ip: '192.0.2.7' }, { ip: '192.0.99.1' }, 'same'],
  ['strangers', { ip: '192.0.2.7' }, { ip: '198.51.100.1' }, 'other_range'],
  [
    'the same network from afar',
    { ip: '192.0.2.7', asn: 'AS64500' },
    { ip: '198.51.100.1', asn: '64500' },
    'same',
  ],
  [
    'neighbours of two networks',
    { ip: '192.0.2.7', asn: '1' },
    { ip: '192.0.2.8', asn: '2' },
    'other_asn',
  ],
  [
    'a network known on one side only',
    { ip: '192.0.2.7', asn: '1' },
    { ip: '198.51.100.1' },
    'other_range',
  ],
  ['IPv4 beside IPv6', { ip: '192.0.2.7' }, { ip: '2001:db8::1' }, 'unknown'],
  ['IPv6 of one provider', { ip: '2001:db8:1::1' }, { ip: '2001:0db8:ffff::2' }, 'same'],
  ['IPv6 of two providers', { ip: '2001:db8::1' }, { ip: '2001:db9::1' }, 'other_range'],
  ['an address inside of a house', { ip: '10.0.0.1' }, { ip: '192.0.2.7' }, 'unknown'],
  ['a mapped loopback', { ip: '::1' }, { ip: '2001:db8::1' }, 'unknown'],
  ['the name of a service', { ip: 'AWS Internal' }, { ip: '192.0.2.7' }, 'unknown'],
  ['nothing', {}, { ip: '192.0.2.7' }, 'unknown'],
];
for (const [what, one, other, expected] of cases)
  test(`${what}: ${expected}, from either side`, () => {
    assert.equal(compareNetworks(one, other), expected);
    assert.equal(compareNetworks(other, one), expected);
  });
