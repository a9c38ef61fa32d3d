// The unpacked columns as arrays that can be searched: the same bytes, looked through once for order and
// for what they point to, so that a search never meets anything it does not expect.

import { endianness } from 'node:os';
import type { NetworkColumns } from './find-network.ts';
import { malformed } from './malformed-data.ts';
import { bytesPer, COLUMNS, type Column, type NetworkHeader } from './network-file.ts';

/** @param unpacked aligned to four bytes. @throws CodedError network_data_malformed */
export function readColumns(
  { columns, countries, nameBytes }: NetworkHeader,
  unpacked: Uint8Array,
  names: () => Buffer,
): NetworkColumns {
  let at = 0;
  const parts = COLUMNS.map((name) => {
    const begin = at;
    at += columns[name] * bytesPer(name);
    return [name, unpacked.subarray(begin, at)];
  });
  const part = Object.fromEntries(parts) as Record<Column, Uint8Array>;
  const word = (name: Column): Uint32Array => words(part[name]);
  const read: NetworkColumns = {
    asn4: { starts: word('asn4Starts'), values: word('asn4Values') },
    asn6: { highs: word('asn6Highs'), lows: word('asn6Lows'), values: word('asn6Values') },
    country4: { starts: word('country4Starts'), values: part.country4Values },
    country6: {
      ...{ highs: word('country6Highs'), lows: word('country6Lows') },
      values: part.country6Values,
    },
    asns: word('asns'),
    names,
    nameEnds: endsOf(part.nameLengths, nameBytes),
    countries,
  };
  for (const sorted of [read.asn4, read.country4]) requireOrder4(sorted.starts);
  for (const sorted of [read.asn6, read.country6]) requireOrder6(sorted.highs, sorted.lows);
  for (const [starts, values, most] of [
    [read.asn4.starts, read.asn4.values, read.asns.length],
    [read.asn6.highs, read.asn6.values, read.asns.length],
    [read.country4.starts, read.country4.values, countries.length],
    [read.country6.highs, read.country6.values, countries.length],
  ] as const) {
    if (starts.length !== values.length) throw malformed('its columns do not fit each other');
    requireAtMost(values, most);
  }
  if (read.nameEnds.length !== read.asns.length) throw malformed('its names do not fit');
  return read;
}

function words(bytes: Uint8Array): Uint32Array {
  if (endianness() === 'BE') Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).swap32();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function endsOf(lengths: Uint8Array, size: number): Uint32Array {
  const ends = new Uint32Array(lengths.length);
  let end = 0;
  for (let place = 0; place < lengths.length; place += 1) {
    end += lengths[place] as number;
    ends[place] = end;
  }
  if (end !== size) throw malformed('its names do not fit');
  return ends;
}

function requireOrder4(starts: Uint32Array): void {
  for (let place = 1; place < starts.length; place += 1) {
    if ((starts[place] as number) <= (starts[place - 1] as number)) throw disorder();
  }
}

function requireOrder6(highs: Uint32Array, lows: Uint32Array): void {
  if (highs.length !== lows.length) throw malformed('its columns do not fit each other');
  for (let place = 1; place < highs.length; place += 1) {
    const high = highs[place] as number;
    const before = highs[place - 1] as number;
    if (high > before) continue;
    if (high < before || (lows[place] as number) <= (lows[place - 1] as number)) throw disorder();
  }
}

function requireAtMost(values: Uint32Array | Uint8Array, most: number): void {
  for (let place = 0; place < values.length; place += 1) {
    if ((values[place] as number) > most) throw malformed('it points to what it does not have');
  }
}

function disorder(): Error {
  return malformed('its networks are not in order');
}
