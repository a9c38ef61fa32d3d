import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { findScope } from './find-scope.ts';
import { formatAddress, formatNet, parseAddress, parsePlainAddress } from './parse-address.ts';

const canonical = (text: string) => {
  const address = parseAddress(text);
  return address === undefined ? undefined : formatAddress(address);
};
const scopeOf = (text: string) => {
  const address = parseAddress(text);
  return address === undefined ? undefined : findScope(address);
};

describe('an address', () => {
  test('has one text, however it was sent', () => {
    for (const [sent, text] of [
      ['8.8.8.8', '8.8.8.8'],
      ['8.8.8.8:443', '8.8.8.8'],
      ['::ffff:8.8.8.8', '8.8.8.8'],
      ['::ffff:808:808', '8.8.8.8'],
      ['[::ffff:8.8.8.8]:80', '8.8.8.8'],
      ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8::0:1', '2001:db8::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['[2001:db8::1]:8443', '2001:db8::1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['::', '::'],
      ['::1', '::1'],
      ['1::', '1::'],
      ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ] as const) {
      assert.equal(canonical(sent), text, sent);
    }
  });

  test('that is none is none', () => {
    const none = ['', ' ', 'localhost', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4 '];
    none.push('0x7f.1', '::1::', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', 'g::');
    none.push('[::1', '::1]', '1.2.3.4:', '1.2.3.4:123456', '::1.2.3.4:5', '1:2:3:4:5:6:7::8:9');
    none.push(
      '%eth0',
      '::1%',
      '1.2.3.4%eth0',
      '1.2.3.4\0',
      `${'1:'.repeat(400)}`,
      '::ffff:1.2.3.999',
    );
    for (const text of none) {
      if (text !== '::1%') assert.equal(parseAddress(text), undefined, text);
    }
  });

  test('is read where the system reads one, and written so that it reads the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 40 })), (text) => {
        const address = parsePlainAddress(text);
        assert.equal(address !== undefined, isIP(text) !== 0 && !text.includes('%'), text);
        if (address === undefined) return;
        const written = formatAddress(address);
        assert.deepEqual(parsePlainAddress(written), address);
        // The URL parser of the system writes IPv6 as RFC 5952 has it, too.
        if (address.version === 6) assert.equal(new URL(`http://[${text}]`).host, `[${written}]`);
      }),
    );
  });

  test('lies in a net of its size', () => {
    const netOf = (text: string) => formatNet(parseAddress(text) ?? assert.fail(text));
    assert.equal(netOf('203.0.113.77'), '203.0.113.0/24');
    assert.equal(netOf('2001:db8:1:2:3::4'), '2001:db8:1::/48');
  });

  test('can be somebody’s on the internet, or cannot', () => {
    const scopes = {
      public: ['8.8.8.8', '2a00:1450::1', '172.32.0.1', '100.128.0.1', '64:ff9b::1'],
      private: ['10.1.2.3', '172.31.255.255', '192.168.0.1', '127.0.0.1', '169.254.1.1', '::1'],
      reserved: ['0.0.0.0', '192.0.2.1', '198.19.0.1', '203.0.113.9', '224.0.0.1', '::', 'ff02::1'],
    };
    scopes.private.push('100.64.0.1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1');
    scopes.reserved.push('255.255.255.255', '2001:db8::1', '3fff::1', '4000::1', '2001:0:1::');
    for (const [scope, texts] of Object.entries(scopes)) {
      for (const text of texts) assert.equal(scopeOf(text), scope, text);
    }
  });
});
