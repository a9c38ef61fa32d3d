import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from '../address/parse-address.ts';
import { joinLists, type ListKind, type NamedList } from './network-lists.ts';
import { parseNetwork, readList } from './read-list.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 1);
const named = (kind: ListKind, text: string, madeMs = NOW): NamedList => ({
  ...{ kind, name: `${kind}.txt`, list: readList(text), madeMs, staleAfterMs: 30 * DAY },
});
const at = (text: string) => parseAddress(text) ?? assert.fail(text);

describe('a list of networks', () => {
  test('holds networks, addresses and ASNs, and says when it was made', () => {
    const list = readList(
      '# updated: 2026-10-30\r\n198.18.0.0/15 ; a net\n\n9.9.9.9\n2a00::/32\nAS64496\n',
    );
    assert.deepEqual([list.entries, list.datedMs], [4, Date.UTC(2026, 9, 30)]);
    const lists = joinLists([{ ...named('vpn', ''), list }]);
    for (const text of ['198.19.255.255', '9.9.9.9', '2a00:0:ffff::1']) {
      assert.deepEqual(
        lists.find(at(text), undefined),
        { hosting: false, anonymiser: 'vpn' },
        text,
      );
    }
    assert.deepEqual(lists.find(at('9.9.9.8'), 64_496), { hosting: false, anonymiser: 'vpn' });
    assert.deepEqual(lists.find(at('9.9.9.8'), 64_497), { hosting: false });
  });

  test('with a line that cannot be read is refused with its number', () => {
    for (const bad of [
      '10.0.0.0/33',
      '10.0.0/8',
      'example.org',
      '1.2.3.4-1.2.3.9',
      'AS0',
      'AS4294967296',
    ]) {
      assert.throws(
        () => readList(`1.1.1.1\n# remark\n${bad}`),
        { code: 'list_malformed', message: /^Line 3: / },
        bad,
      );
    }
    assert.equal(parseNetwork('::ffff:1.2.3.0/120'), undefined);
    assert.equal(parseNetwork('1.2.3.0/08'), undefined);
  });

  test('says of an address what each of its networks says', () => {
    const nets = fc.array(fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })), { maxLength: 20 });
    fc.assert(
      fc.property(nets, fc.array(fc.ipV4(), { maxLength: 30 }), (entries, addresses) => {
        const lists = joinLists([
          named('tor', entries.map(([ip, bits]) => `${ip}/${bits}`).join('\n')),
        ]);
        for (const text of [...addresses, ...entries.map(([ip]) => ip)]) {
          const value = (at(text) as { value: number }).value;
          const holds = entries.some(([ip, bits]) => {
            const size = 2 ** (32 - bits);
            return (
              Math.floor((at(ip) as { value: number }).value / size) === Math.floor(value / size)
            );
          });
          assert.equal(lists.find(at(text), undefined).anonymiser === 'tor', holds, text);
        }
      }),
    );
  });

  test('that is old is still asked, and called old', () => {
    const lists = joinLists([named('tor', '9.9.9.9', NOW - 31 * DAY), named('vpn', '9.9.9.9')]);
    assert.equal(lists.stale(NOW), true);
    assert.deepEqual(lists.find(at('9.9.9.9'), undefined).anonymiser, 'tor');
    assert.deepEqual(
      lists.describe(NOW).map(({ name, entries, stale }) => [name, entries, stale]),
      [
        ['tor.txt', 1, true],
        ['vpn.txt', 1, false],
      ],
    );
  });

  test('is not needed to know public clouds', () => {
    const lists = joinLists();
    for (const asn of [16_509, 14_061, 24_940]) assert.ok(lists.find(at('9.9.9.9'), asn).hosting);
    assert.deepEqual(lists.find(at('9.9.9.9'), 2119), { hosting: false });
    assert.equal(lists.stale(NOW), false);
  });
});
