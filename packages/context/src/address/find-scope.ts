// Whether an address can be somebody's on the internet: the special-purpose blocks of RFC 6890 and the
// registries it began, as of 2025.

import type { AddressScope } from '../surroundings.ts';
import type { Address } from './parse-address.ts';

type Block = readonly [start: number, bits: number, scope: AddressScope];

/** By the first 32 bits; the narrower block first. */
const BLOCKS_4: readonly Block[] = [
  [0x0a000000, 8, 'private'],
  [0x64400000, 10, 'private'],
  [0x7f000000, 8, 'private'],
  [0xa9fe0000, 16, 'private'],
  [0xac100000, 12, 'private'],
  [0xc0a80000, 16, 'private'],
  [0x00000000, 8, 'reserved'],
  [0xc0000000, 24, 'reserved'],
  [0xc0000200, 24, 'reserved'],
  [0xc0586300, 24, 'reserved'],
  [0xc6120000, 15, 'reserved'],
  [0xc6336400, 24, 'reserved'],
  [0xcb007100, 24, 'reserved'],
  [0xe0000000, 3, 'reserved'],
];

const BLOCKS_6: readonly Block[] = [
  [0xfc000000, 7, 'private'],
  [0xfe800000, 10, 'private'],
  [0xfec00000, 10, 'private'],
  // Documentation, and the protocol assignments around Teredo, ORCHID and benchmarking.
  [0x20010db8, 32, 'reserved'],
  [0x20010000, 23, 'reserved'],
  [0x3fff0000, 20, 'reserved'],
  // All that is given out, and the way from IPv6 to IPv4.
  [0x20000000, 3, 'public'],
  [0x0064ff9b, 32, 'public'],
];

export function findScope(address: Address): AddressScope {
  if (address.version === 4) return among(BLOCKS_4, address.value) ?? 'public';
  const [first, second, third, fourth] = address.words;
  const loopback = first === 0 && second === 0 && third === 0 && fourth === 1;
  if (loopback) return 'private';
  return among(BLOCKS_6, first) ?? 'reserved';
}

function among(blocks: readonly Block[], word: number): AddressScope | undefined {
  for (const [start, bits, scope] of blocks) {
    const size = 2 ** (32 - bits);
    if (word >= start && word < start + size) return scope;
  }
  return undefined;
}
