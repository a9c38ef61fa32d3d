import assert from 'node:assert/strict';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isWithin, readNetwork } from './ip-network.ts';
import { shortenIp, spellIp } from './spell-ip.ts';

test('an address has one spelling, which is the same address', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const spelled = spellIp(address);
      // An IPv4 tail in IPv6 other than ::ffff: is a form nobody sends; it is taken for no address.
      if (spelled === undefined) return assert.ok(isIPv6(address) && address.includes('.'));
      assert.equal(spellIp(spelled), spelled);
      assert.ok(spelled.length === 39 || isIP(spelled) === 4);
      assert.equal(spellIp(shortenIp(spelled)), spelled, shortenIp(spelled));
      assert.equal(isIP(shortenIp(spelled)), isIP(spelled));
    }),
  );
  assert.equal(shortenIp('2001:0db8:0000:0000:0000:0000:0000:0001'), '2001:db8::1');
  assert.equal(shortenIp('0000:0000:0000:0000:0000:0000:0000:0000'), '::');
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    ':::',
    '1::2::3',
    'g::',
    '%',
    '1:2',
  ])
    assert.equal(spellIp(text), undefined, text);
});

test('an address is in a network when the platform says so', () => {
  const four = fc.tuple(fc.ipV4(), fc.nat(32), fc.ipV4(), fc.constant('ipv4' as const));
  const six = fc.tuple(fc.ipV6(), fc.nat(128), fc.ipV6(), fc.constant('ipv6' as const));
  fc.assert(
    fc.property(fc.oneof(four, six), ([start, bits, other, family]) => {
      const network = readNetwork(`${start}/${bits}`);
      const address = spellIp(other);
      if (network === undefined || address === undefined) return;
      const list = new BlockList();
      list.addSubnet(start, bits, family);
      assert.equal(isWithin(network, address), list.check(other, family));
      assert.ok(isWithin(network, network.first) && isWithin(network, network.last));
    }),
  );
});
