// One row of a CSV of ranges: `start,end,value[,name]`, the name in quotes when it has a comma.

import { parseAddress } from '@countersign/context';

export interface Row {
  start: string;
  end: string;
  value: string;
  rest: string;
}

/** Undefined for an empty line. */
export function readRow(line: string): Row | undefined {
  if (line === '') return undefined;
  const [, start = '', end = '', value = '', rest = ''] =
    /^([^,]+),([^,]+),([^,]+)(?:,(.*))?$/.exec(line.trimEnd()) ?? [];
  if (value === '') throw new Error(`not a row of ranges: ${line.slice(0, 80)}`);
  const quoted = /^"(.*)"$/.exec(rest)?.[1];
  return { start, end, value, rest: quoted === undefined ? rest : quoted.replaceAll('""', '"') };
}

export function keyOf4(text: string): number {
  const address = parseAddress(text);
  if (address?.version !== 4) throw new Error(`not an IPv4 address: ${text}`);
  return address.value;
}

/** The first 64 bits. */
export function keyOf6(text: string): bigint {
  const address = parseAddress(text);
  if (address?.version !== 6) throw new Error(`not an IPv6 address: ${text}`);
  return (BigInt(address.words[0]) << 32n) | BigInt(address.words[1]);
}
