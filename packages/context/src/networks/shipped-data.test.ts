import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAddress } from '../address/parse-address.ts';
import { decodeNetworks } from './decode-networks.ts';
import { SHIPPED_NETWORK_DATA } from './shipped-data.ts';

describe('the network data that comes with this room', () => {
  const table = decodeNetworks(readFileSync(SHIPPED_NETWORK_DATA));
  const find = (text: string) => table.find(parseAddress(text) ?? assert.fail(text));

  test('knows well-known addresses', () => {
    assert.deepEqual(find('8.8.8.8'), { country: 'US', asn: 15169, asName: 'Google LLC' });
    assert.equal(find('193.213.112.1')?.asn, 2119);
    assert.deepEqual([find('2a00:1450:4001::1')?.asn, find('2001:700::1')?.country], [15169, 'NO']);
    assert.equal(find('127.0.0.1')?.asn, undefined);
  });

  test('names whom to thank, and is small enough to be kept', () => {
    const thanks = table.attribution.join('\n');
    for (const name of ['RouteViews', 'https://db-ip.com', 'NRO', 'CC BY 4.0', 'CC0']) {
      assert.ok(thanks.includes(name), name);
    }
    assert.ok(statSync(SHIPPED_NETWORK_DATA).size < 4 * 2 ** 20);
  });
});
