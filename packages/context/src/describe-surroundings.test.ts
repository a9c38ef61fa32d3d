import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { describeSurroundings } from './describe-surroundings.ts';
import { joinLists } from './lists/network-lists.ts';
import { readList } from './lists/read-list.ts';
import type { NetworkTable } from './networks/network-table.ts';
import { IMPLAUSIBLE, MISSING } from './surroundings.ts';

const NOW = Date.UTC(2026, 10, 1);
const networks: NetworkTable = {
  ...{ madeMs: NOW, sources: [], attribution: [] },
  find: (address) =>
    address.version === 4 && address.value >>> 24 === 84
      ? { asn: 25_400, asName: 'Telia Norge AS', country: 'NO' }
      : undefined,
};
const tables = { networks, nowMs: NOW };
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36';

describe('surroundings', () => {
  test('are what was shown, looked up and parsed', () => {
    const found = describeSurroundings(
      {
        ...{ ip: '::ffff:84.208.1.2', userAgent: WINDOWS, language: 'nb-NO,en;q=0.5' },
        hints: { 'sec-ch-ua-platform': '"Windows"', 'sec-ch-ua-platform-version': '"15.0.0"' },
        ...{ ja4: 't13d1516h2_8daaf6152771_02713d6af862', tls: 'TLSv1.3' },
        ...{ deviceKey: 'cred-1', dpopThumbprint: 'abc' },
      },
      tables,
    );
    assert.deepEqual(found, {
      address: { text: '84.208.1.2', net: '84.208.1.0/24', version: 4, scope: 'public' },
      ...{ asn: 25_400, asName: 'Telia Norge AS', country: 'NO', hosting: false },
      agent: {
        ...{ text: WINDOWS, browser: 'Chrome', browserVersion: '129' },
        ...{ os: 'Windows', osVersion: '11', device: 'desktop' },
      },
      ...{ language: 'nb-no', ja4: 't13d1516h2_8daaf6152771_02713d6af862', tls: 'TLSv1.3' },
      ...{ deviceKey: 'cred-1', dpopKey: 'abc' },
      ...{ implausible: [], missing: [], data: { madeMs: NOW, stale: false } },
    });
  });

  test('that are not there are said to be missing', () => {
    const missing = (request: object, given: object = {}) =>
      describeSurroundings(request, { ...tables, ...given }).missing;
    assert.deepEqual(missing({}), ['no_address', 'no_user_agent']);
    assert.deepEqual(missing({}, { networks: undefined }), [
      ...['no_network_data', 'no_address', 'no_user_agent'],
    ]);
    const userAgent = WINDOWS;
    assert.deepEqual(missing({ ip: '10.0.0.1', userAgent }), ['address_not_public']);
    assert.deepEqual(missing({ ip: 'nonsense', userAgent }), ['address_malformed']);
    assert.deepEqual(missing({ ip: '9.9.9.9', userAgent }), ['address_unknown']);
    assert.deepEqual(missing({ ip: '84.1.1.1', userAgent }, { nowMs: NOW + 200 * 86_400_000 }), [
      'stale_network_data',
    ]);
    assert.deepEqual(missing({ ip: '84.1.1.1', userAgent, ja4: 'x', tls: 'x', deviceKey: '!' }), [
      ...['ja4_malformed', 'tls_malformed', 'key_malformed'],
    ]);
    const old = {
      kind: 'tor',
      name: 'tor',
      list: readList('84.1.1.1'),
      madeMs: 0,
      staleAfterMs: 1,
    };
    const found = describeSurroundings(
      { ip: '84.1.1.1', userAgent },
      { ...tables, lists: joinLists([old as never]) },
    );
    assert.deepEqual([found.missing, found.anonymiser], [['stale_list'], 'tor']);
  });

  test('without an ASN nobody says that an address is no data centre’s', () => {
    assert.equal(describeSurroundings({ ip: '9.9.9.9' }, tables).hosting, undefined);
  });

  test('of any content are described, in closed words, without a throw, and the same each time', () => {
    const text = fc.oneof(
      fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
      fc.constantFrom('84.1.1.1', '::', WINDOWS, '"Windows"', '?1', 'AS1'),
    );
    const anything = fc.oneof(text, fc.constant(undefined), fc.constant(7), fc.constant(null));
    const request = fc.record({
      ...{ ip: anything, userAgent: anything, language: anything, ja4: anything, tls: anything },
      ...{ deviceKey: anything, dpopThumbprint: anything },
      hints: fc.oneof(
        fc.constant(undefined),
        fc.dictionary(
          fc.constantFrom('sec-ch-ua', 'sec-ch-ua-platform', 'sec-ch-ua-mobile'),
          anything,
        ),
      ),
    });
    fc.assert(
      fc.property(request, (sent) => {
        const found = describeSurroundings(sent as never, tables);
        assert.deepEqual(describeSurroundings(sent as never, tables), found);
        assert.ok(found.missing.every((code) => MISSING.includes(code)));
        assert.ok(found.implausible.every((code) => IMPLAUSIBLE.includes(code)));
        assert.equal(new Set(found.missing).size, found.missing.length);
      }),
    );
  });
});
