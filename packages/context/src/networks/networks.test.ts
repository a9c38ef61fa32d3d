import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../address/parse-address.ts';
import { decodeNetworks } from './decode-networks.ts';
import { encodeNetworks, type NetworkRanges } from './encode-networks.ts';
import { flattenRanges } from './network-ranges.ts';

const ORIGIN = {
  made: '2026-06-17T19:00:00Z',
  sources: [{ package: 'made-up', version: '1', files: [{ name: 'a.csv', sha256: '00' }] }],
  attribution: ['nobody'],
};
const NAMES = new Map([
  [64_496, 'Example, Ltd. \u0007'],
  [4_200_000_000, 'Ünïcode '.repeat(20)],
]);

/** Ranges that overlap, nest, touch and reach the end of all addresses. */
const ranges4 = fc
  .array(fc.tuple(fc.nat(4095), fc.nat(300), fc.integer({ min: 1, max: 3 })), { maxLength: 40 })
  .map((rows) =>
    rows
      .map(([start, length, value]) => ({
        ...{ start: start * 2 ** 20, value },
        end: Math.min(2 ** 32 - 1, start * 2 ** 20 + length * 2 ** 19),
      }))
      .sort((a, b) => a.start - b.start || b.end - a.end),
  );

function ranges(of4: NetworkRanges['asn4']): NetworkRanges {
  const of6 = of4.map(({ start, end, value }) => ({
    ...{ start: BigInt(start) << 31n, end: (BigInt(end) << 31n) + 5n, value },
  }));
  return {
    ...{ asn4: of4.map((range) => ({ ...range, value: range.value * 1_400_000_000 })), asn6: of6 },
    ...{ country4: of4, country6: of6, countries: ['NO', 'LV', 'US'], names: NAMES },
  };
}

/** The literal meaning: of the ranges that hold a key the one that was told last. */
function literally(of4: NetworkRanges['asn4'], key: number): number {
  return of4.findLast(({ start, end }) => start <= key && key <= end)?.value ?? 0;
}

describe('network data', () => {
  test('answers as its ranges say, for every key', () => {
    fc.assert(
      fc.property(ranges4, fc.array(fc.nat(2 ** 32 - 1), { maxLength: 50 }), (of4, keys) => {
        const edges = of4.flatMap(({ start, end }) => [start, end, start - 1, end + 1]);
        const boundaries = flattenRanges(of4, (key) => key + 1);
        for (const key of [...keys, ...edges, 0, 2 ** 32 - 1]) {
          if (key < 0 || key >= 2 ** 32) continue;
          const found = boundaries.findLast(({ start }) => start <= key)?.value ?? 0;
          assert.equal(found, literally(of4, key));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('comes out of the file as it went in', () => {
    fc.assert(
      fc.property(ranges4, fc.array(fc.nat(2 ** 32 - 1), { maxLength: 20 }), (of4, keys) => {
        const table = decodeNetworks(encodeNetworks(ranges(of4), ORIGIN));
        for (const key of [...keys, ...of4.flatMap(({ start, end }) => [start, end])]) {
          const value = literally(of4, key);
          const in4 = table.find({ version: 4, value: key });
          assert.equal(in4?.asn, value === 0 ? undefined : (value * 1_400_000_000) % 2 ** 32);
          assert.equal(in4?.country, ['NO', 'LV', 'US'][value - 1]);
          const high = Math.floor(key / 2);
          const low = (key % 2) * 2 ** 31;
          const in6 = table.find({ version: 6, words: [high, low, 0, 1] });
          assert.equal(in6?.country, in4?.country, formatAddress({ version: 4, value: key }));
        }
      }),
      { numRuns: 20 },
    );
  });

  test('keeps names as people read them, cut', () => {
    const of4 = [64_496, 4_200_000_000].map((value, place) => ({
      ...{ start: place * 256, end: place * 256 + 255, value },
    }));
    const file = encodeNetworks({ ...ranges([]), asn4: of4 }, ORIGIN);
    const table = decodeNetworks(file);
    const names = ['0.0.0.1', '0.0.1.1'].map(
      (text) => table.find(parseAddress(text) as never)?.asName,
    );
    assert.equal(names[0], 'Example, Ltd.');
    assert.match(names[1] ?? '', /^(Ünïcode )+/);
    assert.ok(Buffer.byteLength(names[1] ?? '') <= 64);
    assert.equal(table.find(parseAddress('0.0.2.1') as never), undefined);
    assert.equal(table.madeMs, Date.UTC(2026, 5, 17, 19));
    assert.deepEqual([table.attribution, table.sources], [ORIGIN.attribution, ORIGIN.sources]);
  });

  test('that was changed in any byte, cut or padded is refused, whatever byte it is', () => {
    const of4 = Array.from({ length: 60 }, (_, place) => ({
      ...{ start: place * 1000, end: place * 1000 + 500, value: (place % 3) + 1 },
    }));
    const file = encodeNetworks(ranges(of4), ORIGIN);
    const header = file.lastIndexOf('"sha256"');
    const refused = { name: 'CodedError' };
    const harmless = (at: number) => at > 12 && at < header;
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(file);
        changed[at] = (changed[at] ?? 0) ^ change;
        // Words of the header may say something else; then they are still words.
        if (harmless(at)) {
          try {
            decodeNetworks(changed);
          } catch (error) {
            assert.equal((error as Error).name, 'CodedError');
          }
        } else assert.throws(() => decodeNetworks(changed), refused);
      }),
      { numRuns: 300 },
    );
    for (const bytes of [0, 7, 12, 100, file.length - 1]) {
      assert.throws(() => decodeNetworks(file.subarray(0, bytes)), refused);
    }
    assert.throws(() => decodeNetworks(Buffer.concat([file, Buffer.from([0])])), refused);
    assert.throws(() => decodeNetworks(Buffer.alloc(17 * 1024 * 1024)), refused);
  });

  test('of another schema says what to do', () => {
    const file = encodeNetworks(ranges([]), ORIGIN).toString('latin1');
    const other = Buffer.from(file.replace('"schema":1', '"schema":2'), 'latin1');
    assert.throws(() => decodeNetworks(other), { code: 'network_data_unknown_schema' });
  });
});
