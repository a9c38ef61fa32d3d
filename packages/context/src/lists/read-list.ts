// One list of networks as text: a CIDR, an address or an ASN (`AS64496`) a line, `#` and `;` begin a remark.
// Strict: a line that cannot be read stops the list and says where. IPv6 is told by its first 64 bits,
// so a single address stands for the /64 it lies in.

import { CodedError } from '@countersign/vocabulary';
import { parsePlainAddress } from '../address/parse-address.ts';
import type { Range } from '../networks/network-ranges.ts';

export const LIST_LIMITS = { bytes: 32 * 1024 * 1024, entries: 1_000_000 } as const;

export interface ReadList {
  ranges4: Range<number>[];
  ranges6: Range<bigint>[];
  asns: Set<number>;
  entries: number;
  /** Of a remark `# date: 2026-11-01`, also `updated:`, `generated:`; in milliseconds since the epoch. */
  datedMs?: number;
}

export type ListCode = 'list_malformed' | 'list_too_large';

const DATED =
  /^[#;]\s*(?:date|updated|last[- ]updated|generated|version)\s*[:=]\s*(\d{4}-\d\d-\d\d\S*)/i;
const ASN = /^AS(\d{1,10})$/i;
const HIGHEST_ASN = 0xffff_ffff;

/** @throws CodedError list_malformed, with the number of the line | list_too_large */
export function readList(text: string): ReadList {
  if (text.length > LIST_LIMITS.bytes) throw tooLarge();
  const list: ReadList = { ranges4: [], ranges6: [], asns: new Set(), entries: 0 };
  let number = 0;
  for (const line of text.split(/\r?\n/)) {
    number += 1;
    list.datedMs ??= datedOf(line);
    const entry = line.replace(/[#;].*$/, '').trim();
    if (entry === '') continue;
    list.entries += 1;
    if (list.entries > LIST_LIMITS.entries) throw tooLarge();
    if (!readEntry(entry, list)) {
      throw new CodedError<ListCode>(
        'list_malformed',
        `Line ${number}: "${entry.slice(0, 80)}" is neither a network, an address nor an ASN.`,
      );
    }
  }
  return list;
}

function readEntry(entry: string, list: ReadList): boolean {
  const asn = ASN.exec(entry)?.[1];
  if (asn !== undefined) {
    list.asns.add(Number(asn));
    return Number(asn) > 0 && Number(asn) <= HIGHEST_ASN;
  }
  const range = parseNetwork(entry);
  if (range === undefined) return false;
  if (typeof range.start === 'bigint') list.ranges6.push(range as Range<bigint>);
  else list.ranges4.push(range as Range<number>);
  return true;
}

/** Undefined unless it is a network in CIDR notation, or one address. */
export function parseNetwork(entry: string): Range<number> | Range<bigint> | undefined {
  const [plain = '', length, ...more] = entry.split('/');
  const address = parsePlainAddress(plain);
  if (address === undefined || more.length > 0) return undefined;
  if (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  // A mapped address is IPv4; a length of its network would be counted from somewhere else.
  if (address.version === 4 && plain.includes(':') && length !== undefined) return undefined;
  const bits = address.version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  if (address.version === 4) {
    const size = 2 ** (32 - prefix);
    const start = address.value - (address.value % size);
    return { start, end: start + size - 1, value: 1 };
  }
  const key = (BigInt(address.words[0]) << 32n) | BigInt(address.words[1]);
  const size = 1n << BigInt(Math.max(0, 64 - prefix));
  const start = key - (key % size);
  return { start, end: start + size - 1n, value: 1 };
}

function datedOf(line: string): number | undefined {
  const moment = Date.parse(DATED.exec(line)?.[1] ?? '');
  return Number.isNaN(moment) ? undefined : moment;
}

function tooLarge(): CodedError<ListCode> {
  return new CodedError('list_too_large', 'The list has more entries than a list may have.');
}
