import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { parseAddress } from '@countersign/context';
import fc from 'fast-check';
import { readProxy } from '../settings/read-proxy.ts';
import { seeVisitors } from './see-visitor.ts';
import { noteAddress, notedAddress } from './visitor-address.ts';

type Proxy = NonNullable<Parameters<typeof readProxy>[0]['proxy']>;
const NEAR = '10.0.0.7';
const trusted = ['10.0.0.0/24', 'fd00::7'];

function see(headers: Record<string, string>, peer = NEAR, more: Partial<Proxy> = {}) {
  const request = { headers, socket: { remoteAddress: peer } } as unknown as IncomingMessage;
  return seeVisitors(readProxy({ proxy: { trusted, ...more } })).surroundingsOf(request);
}
const addressOf = (chain: string, peer?: string) => see({ 'x-forwarded-for': chain }, peer).ip;
const forwarded = (header: string, peer?: string) =>
  see({ forwarded: header }, peer, { addressHeader: 'forwarded' }).ip;
const refusal = { code: 'bad_setting', message: /proxy\.trusted/ };

describe('whom a request is from', () => {
  it('is the socket’s peer where no proxy is trusted, whatever headers say', () => {
    const request = {
      headers: { 'x-forwarded-for': '8.8.8.8', forwarded: 'for=8.8.8.8', 'x-ja4': 't13d' },
      socket: { remoteAddress: '84.1.1.1' },
    } as unknown as IncomingMessage;
    assert.deepEqual(seeVisitors(undefined).surroundingsOf(request), { ip: '84.1.1.1' });
  });

  it('is the rightmost in the chain that is no proxy: what stands before it is made up', () => {
    assert.equal(addressOf('84.1.1.1'), '84.1.1.1');
    assert.equal(addressOf('8.8.8.8, 84.1.1.1, 10.0.0.9'), '84.1.1.1');
    assert.equal(addressOf('10.0.0.9, 84.1.1.1'), '84.1.1.1');
    assert.equal(addressOf('2a00::1, fd00::7'), '2a00::1');
    assert.equal(addressOf('::ffff:84.1.1.1'), '84.1.1.1');
    assert.equal(addressOf('84.1.1.1:5555'), '84.1.1.1');
    assert.equal(addressOf('10.0.0.8, 10.0.0.9'), '10.0.0.8');
    assert.equal(see({}).ip, NEAR);
  });

  it('is nobody’s word but a trusted peer’s', () => {
    for (const peer of ['10.0.1.7', '84.1.1.1', 'fd00::8']) {
      assert.equal(addressOf('8.8.8.8', peer), peer);
      assert.equal(forwarded('for=8.8.8.8', peer), peer);
    }
    assert.equal(addressOf('8.8.8.8', '::ffff:10.0.0.7'), '8.8.8.8');
    assert.equal(addressOf('8.8.8.8', 'fd00::7'), '8.8.8.8');
  });

  it('is unknown where the visitor’s entry is no address', () => {
    for (const chain of [
      '84.1.1.1, unknown',
      '',
      'x',
      '84.1.1.1,',
      `${'10.0.0.9,'.repeat(40)}10.0.0.9`,
    ]) {
      assert.equal(addressOf(chain), undefined, chain);
    }
  });

  it('cannot be hidden by a visitor who writes too much, or leaves a quote open', () => {
    for (const written of ['1'.repeat(9000), '1.1.1.1,'.repeat(3000), '10.0.0.9,'.repeat(40)]) {
      assert.equal(addressOf(`${written}, 84.1.1.1`), '84.1.1.1');
    }
    for (const written of ['for="', 'for="\\', 'for=8.8.8.8;x="', '"', `for=${'1'.repeat(9000)}`]) {
      assert.equal(forwarded(`${written}, for=84.1.1.1`), '84.1.1.1', written);
      assert.equal(forwarded(`${written},for="[2a00::1]:4711", for=10.0.0.9`), '2a00::1', written);
    }
  });

  it('is on record as unknown then, and never as the proxy', () => {
    const request = { socket: { remoteAddress: NEAR } } as unknown as IncomingMessage;
    assert.equal(notedAddress(request), NEAR);
    noteAddress(request, undefined);
    assert.equal(notedAddress(request), undefined);
    noteAddress(request, '84.1.1.1');
    assert.equal(notedAddress(request), '84.1.1.1');
  });

  it('is read from Forwarded as RFC 7239 writes it', () => {
    assert.equal(forwarded('for=192.0.2.60;proto=http;by=203.0.113.43'), '192.0.2.60');
    assert.equal(
      forwarded('for=8.8.8.8, proto=https;For="[2001:db8:cafe::17]:4711"'),
      '2001:db8:cafe::17',
    );
    assert.equal(forwarded('for=84.1.1.1, for=10.0.0.9'), '84.1.1.1');
    assert.equal(forwarded('for="a,for=8.8.8.8"'), undefined);
    assert.equal(forwarded('for=8.8.8.8, for=_hidden'), undefined);
    assert.equal(forwarded('for=8.8.8.8, proto=https'), undefined);
    // The other header says nothing when this one is set.
    assert.equal(
      see({ 'x-forwarded-for': '8.8.8.8' }, NEAR, { addressHeader: 'forwarded' }).ip,
      NEAR,
    );
  });

  it('has facts of TLS only from a trusted proxy, in the headers that are named', () => {
    const headers = { 'x-ja4': 't13d1516h2_8daaf6152771_02713d6af862', 'x-tls': 'TLSv1.3' };
    const names = { ja4Header: 'X-JA4', tlsHeader: 'x-tls' };
    assert.deepEqual(see(headers, NEAR, names), {
      ip: NEAR,
      ja4: headers['x-ja4'],
      tls: 'TLSv1.3',
    });
    assert.deepEqual(see(headers, '84.1.1.1', names), { ip: '84.1.1.1' });
    assert.deepEqual(see(headers), { ip: NEAR });
  });

  it('is never what an untrusted visitor wrote before their own entry', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('10.0.0.9', 'for=1.1.1.1', ',', '"', ';'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(text), (written) => {
        const own = '84.1.1.1';
        assert.equal(addressOf([...written, own].join(', ')), own);
        assert.equal(addressOf([...written, own, '10.0.0.9'].join(',')), own);
        const ip = forwarded(written.join(','));
        assert.ok(ip === undefined || parseAddress(ip) !== undefined);
        assert.equal(forwarded([...written, `for=${own}`].join(', ')), own);
        assert.equal(forwarded([...written, `FOR="${own}:1";by=x`, 'for=10.0.0.9'].join(',')), own);
      }),
    );
  });
});

describe('settings of proxies', () => {
  it('are addresses and networks that are not everybody', () => {
    const read = (entry: string) => readProxy({ proxy: { trusted: [entry] } });
    for (const entry of [
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/33',
      '10.0.0',
      'proxy.example',
      '::ffff:10.0.0.1',
      '',
    ]) {
      assert.throws(() => read(entry), refusal, entry);
    }
    assert.equal(read('2001:db8::1')?.isTrusted('2001:db8::2'), false);
    assert.equal(read('2001:db8::/64')?.isTrusted('2001:db8::2'), true);
    assert.equal(readProxy({}), undefined);
  });
});
