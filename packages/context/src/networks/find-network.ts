// The search: the last boundary that does not lie behind the address. Twenty steps in an array.

import type { Network } from './network-table.ts';

interface Sorted4<Values> {
  starts: Uint32Array;
  values: Values;
}

/** Two halves of the first 64 bits. */
interface Sorted6<Values> {
  highs: Uint32Array;
  lows: Uint32Array;
  values: Values;
}

export interface NetworkColumns {
  /** Values: places in `asns` from 1. */
  asn4: Sorted4<Uint32Array>;
  asn6: Sorted6<Uint32Array>;
  /** Values: places in `countries` from 1. */
  country4: Sorted4<Uint8Array>;
  country6: Sorted6<Uint8Array>;
  asns: Uint32Array;
  /** Unpacked when first asked for. */
  names(): Buffer;
  nameEnds: Uint32Array;
  countries: readonly string[];
}

export function findIn4(columns: NetworkColumns, value: number): Network | undefined {
  const { asn4, country4 } = columns;
  return describe(
    columns,
    asn4.values[lastUpTo4(asn4.starts, value)] ?? 0,
    country4.values[lastUpTo4(country4.starts, value)] ?? 0,
  );
}

export function findIn6(
  columns: NetworkColumns,
  [high, low]: readonly [number, number, number, number],
): Network | undefined {
  const { asn6, country6 } = columns;
  return describe(
    columns,
    asn6.values[lastUpTo6(asn6, high, low)] ?? 0,
    country6.values[lastUpTo6(country6, high, low)] ?? 0,
  );
}

/** -1 when all lie behind. */
export function lastUpTo4(starts: Uint32Array, value: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** -1 when all lie behind. */
export function lastUpTo6(
  sorted: Pick<Sorted6<unknown>, 'highs' | 'lows'>,
  wantedHigh: number,
  wantedLow: number,
): number {
  const { highs, lows } = sorted;
  let low = 0;
  let high = highs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = highs[middle] ?? 0;
    const before = found < wantedHigh || (found === wantedHigh && (lows[middle] ?? 0) <= wantedLow);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function describe(columns: NetworkColumns, network: number, country: number): Network | undefined {
  if (network === 0 && country === 0) return undefined;
  const found: Network = {};
  const code = columns.countries[country - 1];
  if (code !== undefined) found.country = code;
  const asn = columns.asns[network - 1];
  if (asn === undefined) return found;
  found.asn = asn;
  const begin = columns.nameEnds[network - 2] ?? 0;
  const end = columns.nameEnds[network - 1] ?? begin;
  if (end > begin) found.asName = columns.names().toString('utf8', begin, end);
  return found;
}
