// Writes the file of network data, from ranges; `tools/build-network-data.ts` reads them from packages.

import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { constants, zstdCompressSync } from 'node:zlib';
import {
  bytesPer,
  COLUMNS,
  type Column,
  MAGIC,
  NETWORK_SCHEMA,
  type NetworkHeader,
} from './network-file.ts';
import { type Boundary, flattenRanges, type Range } from './network-ranges.ts';

export interface NetworkRanges {
  /** Values are ASNs. Every list is sorted by start. */
  asn4: Range<number>[];
  asn6: Range<bigint>[];
  /** Values are places in `countries`, from 1. */
  country4: Range<number>[];
  country6: Range<bigint>[];
  countries: string[];
  names: ReadonlyMap<number, string>;
}

export type NetworkOrigin = Pick<NetworkHeader, 'made' | 'sources' | 'attribution'>;

const LAST_4 = 0xffff_ffff;
const LAST_6 = 0xffff_ffff_ffff_ffffn;
const LONGEST_NAME_BYTES = 64;
const COMPRESSION = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 19,
    [constants.ZSTD_c_windowLog]: 23,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
};

export function encodeNetworks(ranges: NetworkRanges, origin: NetworkOrigin): Buffer {
  const asn4 = flatten4(ranges.asn4);
  const asn6 = flatten6(ranges.asn6);
  const country4 = flatten4(ranges.country4);
  const country6 = flatten6(ranges.country6);
  const asns = placesOf([...asn4, ...asn6]);
  const asnPlace = ({ value }: { value: number }) => asns.get(value) ?? 0;
  const names = [...asns.keys()].map((asn) => cutName(ranges.names.get(asn) ?? ''));
  const columns: Record<Column, Buffer> = {
    asn4Starts: words(asn4.map(({ start }) => start)),
    asn4Values: words(asn4.map(asnPlace)),
    country4Starts: words(country4.map(({ start }) => start)),
    asn6Highs: words(asn6.map(highOf)),
    asn6Lows: words(asn6.map(lowOf)),
    asn6Values: words(asn6.map(asnPlace)),
    country6Highs: words(country6.map(highOf)),
    country6Lows: words(country6.map(lowOf)),
    asns: words([...asns.keys()]),
    country4Values: Buffer.from(country4.map(({ value }) => value)),
    country6Values: Buffer.from(country6.map(({ value }) => value)),
    nameLengths: Buffer.from(names.map(({ length }) => length)),
  };
  return assemble(columns, Buffer.concat(names), ranges.countries, origin);
}

function assemble(
  columns: Record<Column, Buffer>,
  names: Buffer,
  countries: string[],
  origin: NetworkOrigin,
): Buffer {
  const packed = zstdCompressSync(Buffer.concat(COLUMNS.map((name) => columns[name])), COMPRESSION);
  const body = Buffer.concat([packed, zstdCompressSync(names, COMPRESSION)]);
  const header: NetworkHeader = {
    schema: NETWORK_SCHEMA,
    ...origin,
    countries,
    columns: Object.fromEntries(
      COLUMNS.map((name) => [name, columns[name].length / bytesPer(name)]),
    ) as Record<Column, number>,
    ...{ packedBytes: packed.length, nameBytes: names.length },
    sha256: createHash('sha256').update(body).digest('hex'),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([MAGIC, length, text, body]);
}

function flatten4(ranges: Range<number>[]): Boundary<number>[] {
  return flattenRanges(ranges, (key) => key + 1).filter(({ start }) => start <= LAST_4);
}

function flatten6(ranges: Range<bigint>[]): Boundary<bigint>[] {
  return flattenRanges(ranges, (key) => key + 1n).filter(({ start }) => start <= LAST_6);
}

/** From 1, in the order in which they are met: neighbours on the internet stay neighbours. */
function placesOf(boundaries: readonly { value: number }[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const { value } of boundaries) {
    if (value !== 0 && !places.has(value)) places.set(value, places.size + 1);
  }
  return places;
}

function highOf({ start }: Boundary<bigint>): number {
  return Number(start >> 32n);
}

function lowOf({ start }: Boundary<bigint>): number {
  return Number(start & 0xffff_ffffn);
}

function words(numbers: readonly number[]): Buffer {
  const bytes = Buffer.from(Uint32Array.from(numbers).buffer);
  return endianness() === 'LE' ? bytes : bytes.swap32();
}

function cutName(name: string): Buffer {
  let text = name.replace(/[\p{Cc}\p{Cf}]/gu, '').trim();
  while (Buffer.byteLength(text) > LONGEST_NAME_BYTES) text = [...text].slice(0, -1).join('');
  return Buffer.from(text);
}
